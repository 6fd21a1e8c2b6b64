#include "context/page_form.h"

#include <algorithm>
#include <vector>

#include "context/image_tokens.h"

namespace fovea {
namespace {

/// Pictures that the page's text takes at most at another density. Wide characters move to the next
/// row and leave a cell free.
std::size_t images_at(Density density, const PageMeasure& page) {
  if (density == page.density) return 1;
  const Grid own = grid_of(page.density), other = grid_of(density);
  const auto whole = static_cast<std::size_t>(own.columns * own.rows);
  const std::size_t cells = std::min(whole, 2 * page.characters);
  const auto room = static_cast<std::size_t>((other.columns - 1) * other.rows);
  return std::max<std::size_t>(1, (cells + room - 1) / room);
}

bool takes_side(const Target& target, int side) {
  if (side > target.limits.side) return false;
  return target.sides.empty() || std::ranges::find(target.sides, side) != target.sides.end();
}

/// Width of a cell as the model sees it, 0 where it is too small to be read.
double seen_cell(const Target& target, double width, double height) {
  return width >= target.min_cell[0] && height >= target.min_cell[1] ? width : 0;
}

PageForm as_remembered(const Target& target, const PageMeasure& page) {
  const int side = side_of(page.level);
  const auto tokens = static_cast<std::size_t>(see_image(target.count, side, side).tokens);
  return {false, page.density, page.level, 1, tokens, tokens};
}

/// A way to draw a page: cells (or letters) of that size at 1280, and how many pictures it takes.
struct Drawing {
  Density density;
  double width, height;
  std::size_t images;
};

std::vector<Drawing> drawings_of(const PageMeasure& page) {
  // A letter of a typewriter face is as wide.
  if (page.type_size > 0)
    return {{page.density, 0.6 * page.type_size, 1.2 * page.type_size, 1}};
  std::vector<Drawing> drawings;
  for (const Density density : kDensities) {
    const Grid grid = grid_of(density);
    drawings.push_back({density, static_cast<double>(grid.cell_width),
                        static_cast<double>(grid.cell_height), images_at(density, page)});
  }
  return drawings;
}

PageForm redrawn(const Target& target, const PageMeasure& page, const PageForm& text) {
  const std::vector<Drawing> drawings = drawings_of(page);
  PageForm best = text;
  double best_cell = 0;
  for (const Level level : kLevels) {
    const int side = side_of(level);
    if (!takes_side(target, side)) continue;
    const SeenImage seen = see_image(target.count, side, side);
    const auto tokens = static_cast<std::size_t>(seen.tokens);
    for (const auto& [density, width, height, images] : drawings) {
      const double scale = seen.scale * side / kCanvasSide;
      const double cell = seen_cell(target, width * scale, height * scale);
      if (cell == 0) continue;
      const std::size_t cost = images * tokens;
      if (cost > best.tokens || (cost == best.tokens && (best.as_text || cell <= best_cell))) {
        continue;
      }
      best = {false, density, level, images, tokens, cost};
      best_cell = cell;
    }
  }
  return best;
}

}  // namespace

PageForm choose_form(const Target& target, const PageMeasure& page) {
  PageForm text;
  text.tokens = page.text_tokens;
  if (target.pages == Target::Pages::never) return text;
  if (target.pages == Target::Pages::redrawn) return redrawn(target, page, text);
  const PageForm picture = as_remembered(target, page);
  return picture.tokens < text.tokens ? picture : text;
}

}  // namespace fovea
