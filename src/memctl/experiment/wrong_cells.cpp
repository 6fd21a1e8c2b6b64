#include "memctl/experiment/wrong_cells.h"

#include <algorithm>

namespace fovea::memctl {
namespace {

/// Marks the columns of the cell that has byte `at` of the row, at its end the last one.
void mark(const std::vector<Cell>& cells, std::size_t at, std::string& signs) {
  std::size_t end = 0;
  const auto found = std::ranges::find_if(cells, [&](const Cell& cell) {
    end += cell.length;
    return at < end;
  });
  const Cell& cell = found == cells.end() ? cells.back() : *found;
  signs.replace(cell.column, cell.width, cell.width, 'x');
}

}  // namespace

std::string wrong_cells_of(const std::vector<Cell>& cells, std::string_view exact,
                           std::string_view read) {
  return exact == read ? "" : wrong_cells_of(cells, exact, slips_between(exact, read));
}

std::string wrong_cells_of(const std::vector<Cell>& cells, std::string_view exact,
                           const std::vector<Slip>& slips) {
  if (cells.empty()) return "";
  const std::size_t columns = cells.back().column + cells.back().width;
  if (slips.empty()) return std::string(columns, 'x');
  std::string signs(columns, '.');
  for (const Slip& slip : slips)
    mark(cells, static_cast<std::size_t>(slip.exact.data() - exact.data()), signs);
  return signs;
}

std::vector<std::vector<Cell>> cells_by_row(const Page& page) {
  std::vector<std::vector<Cell>> rows(static_cast<std::size_t>(grid_of(page.density).rows));
  for (const Cell& cell : page.cells) rows.at(cell.row).push_back(cell);
  return rows;
}

}  // namespace fovea::memctl
