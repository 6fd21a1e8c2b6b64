#include "fovea/renderer.h"

#include <algorithm>
#include <cstring>

#include "core/text_units.h"
#include "fovea/error.h"
#include "renderer/area_shrink.h"
#include "renderer/atlas.h"
#include "renderer/fallback_glyphs.h"
#include "renderer/page_layout.h"

namespace fovea {
namespace {

/// Copies a picture of compile-time width: the copy of a row becomes a few moves.
template <int Width>
void copy_rows(const std::uint8_t* glyph, int height, std::uint8_t* canvas) {
  for (int y = 0; y < height; ++y, glyph += Width, canvas += kCanvasSide) {
    std::memcpy(canvas, glyph, Width);
  }
}

void copy_glyph(const std::uint8_t* glyph, Size size, std::uint8_t* canvas) {
  switch (size.width) {
    case 8:
      return copy_rows<8>(glyph, size.height, canvas);
    case 10:
      return copy_rows<10>(glyph, size.height, canvas);
    case 12:
      return copy_rows<12>(glyph, size.height, canvas);
    case 16:
      return copy_rows<16>(glyph, size.height, canvas);
    case 20:
      return copy_rows<20>(glyph, size.height, canvas);
  }
  for (int y = 0; y < size.height; ++y, glyph += size.width, canvas += kCanvasSide) {
    std::memcpy(canvas, glyph, size.width);
  }
}

/// The unit of a cell, checked: cells may come from anywhere.
TextUnit unit_of(const Page& page, const Cell& cell, const Grid& grid) {
  const bool inside = cell.row < grid.rows && cell.column + cell.width <= grid.columns &&
                      cell.begin < page.text.size() &&
                      cell.length <= page.text.size() - cell.begin && cell.length > 0;
  if (inside) {
    const auto bytes = std::string_view(page.text).substr(cell.begin, cell.length);
    const TextUnit unit = next_unit(bytes, 0);
    if (unit.length == cell.length && unit.width == cell.width) return unit;
  }
  throw Error(ErrorCode::invalid_argument, "the cell in row " + std::to_string(cell.row) +
                                               ", column " + std::to_string(cell.column) +
                                               " does not fit its page; lay the text out again");
}

/// A character with U+FE0F after it, which only asks for colour: drawn as the character itself.
bool is_emoji_variant(const TextUnit& unit, std::string_view bytes) {
  constexpr std::string_view kSelector = "\uFE0F";
  return unit.kind == UnitKind::cluster && bytes.ends_with(kSelector) &&
         next_unit(bytes.substr(0, bytes.size() - kSelector.size()), 0).kind == UnitKind::character;
}

/// Cells come in reading order mostly, from elsewhere in any.
void note_row(PageReport& report, int row) {
  const auto at = std::ranges::lower_bound(report.rows, row);
  if (at == report.rows.end() || *at != row) report.rows.insert(at, row);
}

}  // namespace

struct Renderer::Impl {
  explicit Impl(const std::string& checkpoint) : atlas(checkpoint), fallback(atlas) {}

  /// Index of the atlas glyph that draws the unit, or -1.
  int atlas_glyph(const TextUnit& unit, std::string_view bytes) const {
    const bool one = unit.kind == UnitKind::character || unit.kind == UnitKind::control;
    return one || is_emoji_variant(unit, bytes) ? atlas.find(unit.first) : -1;
  }

  void draw_cell(Page& page, const Cell& cell, const Grid& grid, const GlyphTable& table) {
    const TextUnit unit = unit_of(page, cell, grid);
    if (unit.length == 1 && unit.first == U' ') return;
    const auto bytes = std::string_view(page.text).substr(cell.begin, cell.length);
    std::uint8_t* place = page.pixels.data() + grid.margin_x + cell.column * grid.cell_width +
                          std::size_t(grid.margin_y + cell.row * grid.cell_height) * kCanvasSide;
    if (const int glyph = atlas_glyph(unit, bytes); glyph >= 0) {
      const Size size{atlas.columns_of(glyph) * grid.cell_width, grid.cell_height};
      copy_glyph(&table.pixels[table.offset(glyph)], size, place);
      if (unit.kind == UnitKind::cluster) {
        ++page.report.outside_atlas;
        note_row(page.report, cell.row);
      }
      return;
    }
    const auto glyph = fallback.get(bytes, unit, page.density);
    copy_glyph(glyph->pixels.data(), {unit.width * grid.cell_width, grid.cell_height}, place);
    if (unit.kind == UnitKind::invalid_byte) {
      ++page.report.invalid_bytes;
    } else {
      ++(glyph->boxed ? page.report.no_glyph : page.report.outside_atlas);
    }
    note_row(page.report, cell.row);
  }

  const Atlas atlas;
  FallbackGlyphs fallback;
};

Renderer::Renderer(const std::string& checkpoint) : impl_(std::make_unique<Impl>(checkpoint)) {}
Renderer::~Renderer() = default;
Renderer::Renderer(Renderer&&) noexcept = default;
Renderer& Renderer::operator=(Renderer&&) noexcept = default;

Page Renderer::lay_out(std::string_view text, Density density, bool more_follows) const {
  return lay_out_cells(text, density, more_follows, &code_points());
}

Page Renderer::lay_out_clusters(std::string_view text, Density density) const {
  return lay_out_cells(text, density, /*more_follows=*/false, nullptr);
}

bool Renderer::is_full(const Page& page) {
  if (page.full) return true;
  if (page.cells.empty()) return false;
  const Grid grid = grid_of(page.density);
  const Cell& last = page.cells.back();
  return last.row + 1 == grid.rows && last.column + last.width == grid.columns;
}

void Renderer::draw(Page& page) const {
  if (page.document)
    throw Error(ErrorCode::invalid_argument,
                "draw: the page is set as a document; a DocumentRenderer draws it");
  const Grid grid = grid_of(page.density);
  const GlyphTable& table = impl_->atlas.table(page.density);
  page.level = Level::large;
  page.report = {};
  page.pixels.assign(std::size_t(kCanvasSide) * kCanvasSide, 255);
  for (const Cell& cell : page.cells) impl_->draw_cell(page, cell, grid, table);
}

std::vector<Page> Renderer::render(std::string_view text, Density density, Level level) const {
  std::vector<Page> pages;
  while (!text.empty()) {
    Page page = lay_out(text, density);
    text.remove_prefix(page.text.size());
    draw(page);
    pages.push_back(level == Level::large ? std::move(page) : shrink(page, level));
  }
  return pages;
}

const CodePoints& Renderer::code_points() const {
  return impl_->atlas.code_points();
}
const std::u32string& Renderer::narrow_characters() const {
  return impl_->atlas.narrow();
}
const std::u32string& Renderer::wide_characters() const {
  return impl_->atlas.wide();
}

Page shrink(const Page& page, Level level) {
  const std::size_t side = kCanvasSide;
  if (page.level != Level::large || page.pixels.size() != side * side) {
    throw Error(ErrorCode::invalid_argument,
                "only a page drawn at level large can be shrunk; this one is at level " +
                    std::string(name_of(page.level)) + " with " +
                    std::to_string(page.pixels.size()) + " pixels");
  }
  if (level == Level::large) return page;
  const int small_side = side_of(level);
  Page small{.document = page.document,
             .density = page.density,
             .level = level,
             .text = page.text,
             .cells = page.cells,
             .leaves_open = page.leaves_open,
             .full = page.full,
             .pixels = {},
             .report = page.report};
  small.pixels.resize(std::size_t(small_side) * small_side);
  shrink_area(page.pixels.data(), {kCanvasSide, kCanvasSide}, small.pixels.data(),
              {small_side, small_side});
  return small;
}

}  // namespace fovea
