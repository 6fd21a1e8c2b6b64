#include "renderer/page_layout.h"

#include "core/text_units.h"

namespace fovea {
namespace {

/// Where the next unit goes, in cells.
struct Cursor {
  int row = 0, column = 0;
};

/// Moves the cursor to where a unit of `width` fits, to a new row if need be. False: the page ends.
bool make_room(Cursor& cursor, int width, const Grid& grid) {
  if (cursor.column + width > grid.columns) cursor = {cursor.row + 1, 0};
  return cursor.row < grid.rows;
}

}  // namespace

Page lay_out_cells(std::string_view text, Density density, bool more_follows,
                   const CodePoints* alphabet) {
  const Grid grid = grid_of(density);
  Page page;
  page.density = density;
  page.cells.reserve(std::size_t(grid.columns) * grid.rows);
  const std::size_t end = more_follows ? text.size() - incomplete_tail(text) : text.size();
  const std::string_view whole = text.substr(0, end);
  Cursor cursor;
  std::size_t at = 0;
  while (at < end) {
    const TextUnit unit = next_unit(whole, at, alphabet);
    const Cursor before = cursor;
    if (!make_room(cursor, unit.width, grid)) {
      cursor = before;
      page.full = true;
      break;
    }
    if (more_follows && at + unit.length == end) break;
    page.cells.push_back({.begin = static_cast<std::uint32_t>(at),
                          .length = unit.length,
                          .row = static_cast<std::uint16_t>(cursor.row),
                          .column = static_cast<std::uint16_t>(cursor.column),
                          .width = unit.width});
    cursor.column += unit.width;
    at += unit.length;
  }
  page.text = text.substr(0, at);
  return page;
}

}  // namespace fovea
