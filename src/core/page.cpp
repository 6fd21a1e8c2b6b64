#include "fovea/page.h"

namespace fovea {

std::vector<int> row_lengths(const Page& page) {
  if (page.document) return {};
  std::vector<int> lengths(grid_of(page.density).rows, 0);
  for (const Cell& cell : page.cells) lengths.at(cell.row) = cell.column + cell.width;
  return lengths;
}

std::string text_of(const Page& page) {
  std::string text;
  text.reserve(page.text.size());
  for (const Cell& cell : page.cells) text.append(page.text, cell.begin, cell.length);
  return text;
}

}  // namespace fovea
