#include "fovea/page.h"

namespace fovea {

std::vector<int> row_lengths(const Page& page) {
  if (page.document) return {};
  std::vector<int> lengths(grid_of(page.density).rows, 0);
  for (const Cell& cell : page.cells) lengths.at(cell.row) = cell.column + cell.width;
  return lengths;
}

std::vector<std::string> rows_of(const Page& page) {
  std::vector<std::string> rows(static_cast<std::size_t>(grid_of(page.density).rows));
  for (const Cell& cell : page.cells) rows.at(cell.row).append(page.text, cell.begin, cell.length);
  return rows;
}

std::string text_of(const Page& page) {
  std::string text;
  text.reserve(page.text.size());
  for (const Cell& cell : page.cells) text.append(page.text, cell.begin, cell.length);
  return text;
}

}  // namespace fovea
