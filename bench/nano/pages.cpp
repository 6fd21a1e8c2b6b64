#include "bench/nano/pages.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/text_units.h"
#include "core/utf8.h"
#include "fovea/error.h"
#include "renderer/area_shrink.h"
#include "renderer/atlas.h"
#include "renderer/page_layout.h"

namespace fovea {
namespace {

/// Bytes by which each further pass over the text begins later, so that no two pages are equal.
constexpr std::size_t kShift = 997;

void draw(const Atlas& atlas, Page& page, Level level) {
  const Grid grid = grid_of(page.density);
  const GlyphTable& table = atlas.table(page.density);
  std::vector<std::uint8_t> canvas(std::size_t(kCanvasSide) * kCanvasSide, 255);
  for (const Cell& cell : page.cells) {
    const TextUnit unit = next_unit(std::string_view(page.text).substr(cell.begin, cell.length), 0);
    const int glyph = atlas.find(unit.first);
    if (unit.length != cell.length || glyph < 0) continue;  // a space, or not of the atlas
    const auto width = static_cast<std::size_t>(atlas.columns_of(glyph) * grid.cell_width);
    const std::uint8_t* from = &table.pixels[table.offset(glyph)];
    std::uint8_t* to =
        &canvas[std::size_t(grid.margin_y + cell.row * grid.cell_height) * kCanvasSide +
                std::size_t(grid.margin_x + cell.column * grid.cell_width)];
    for (int y = 0; y < grid.cell_height; ++y, from += width, to += kCanvasSide)
      std::memcpy(to, from, width);
  }
  const int side = side_of(level);
  page.level = level;
  page.pixels.resize(std::size_t(side) * side);
  shrink_area(canvas.data(), {kCanvasSide, kCanvasSide}, page.pixels.data(), {side, side});
}

}  // namespace

std::vector<Page> drawn_pages(const std::string& checkpoint, std::string_view text, Density density,
                              Level level, std::size_t count) {
  const Atlas atlas(checkpoint);
  std::vector<Page> pages;
  std::size_t at = 0, start = 0;
  while (pages.size() < count) {
    Page page = lay_out_cells(text.substr(at), density, false, &atlas.code_points());
    if (!page.full) {
      if (at == start)
        throw Error(ErrorCode::invalid_argument, "the text must fill a page: give a longer one");
      start += kShift;
      while (start < text.size() && utf8_is_continuation(text[start])) ++start;
      at = start;
      continue;
    }
    at += page.text.size();
    draw(atlas, page, level);
    pages.push_back(std::move(page));
  }
  return pages;
}

}  // namespace fovea
