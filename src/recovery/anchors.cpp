#include "recovery/anchors.h"

#include <algorithm>
#include <map>

#include "recovery/byte_writer.h"

namespace fovea {
namespace {

constexpr std::size_t kLongestAnchor = 2048;  // a data URL is no string to remember

int cell_count(Density density) {
  const Grid grid = grid_of(density);
  return grid.columns * grid.rows;
}

/// By byte of the text: the cell that this byte alone fills; -1 for all others.
std::vector<int> cells_by_byte(const Page& page) {
  const int columns = grid_of(page.density).columns;
  std::vector<int> cells(page.text.size(), -1);
  for (const Cell& cell : page.cells) {
    if (cell.length == 1 && cell.width == 1) cells[cell.begin] = cell.row * columns + cell.column;
  }
  return cells;
}

/// False where a character is part of a larger cluster, as "e" with an accent after it.
bool stands_alone(const std::vector<int>& cells, const FoundAnchor& found) {
  for (std::size_t i = 0; i < found.length; ++i) {
    const int first = cells[found.begin];
    if (first < 0 || cells[found.begin + i] != first + static_cast<int>(i)) return false;
  }
  return true;
}

void pack_one(std::string& bytes, const Anchor& anchor) {
  write_number(bytes, static_cast<std::uint64_t>(anchor.kind));
  write_number(bytes, anchor.text.size());
  bytes += anchor.text;
  write_number(bytes, anchor.cells.size());
  int before = 0;
  for (const int cell : anchor.cells) {
    write_number(bytes, static_cast<std::uint64_t>(cell - before));
    before = cell;
  }
}

}  // namespace

std::vector<Anchor> anchors_of(const Page& page, std::size_t max_bytes) {
  const std::vector<int> cells = cells_by_byte(page);
  std::map<std::pair<AnchorKind, std::string_view>, std::vector<int>> places;
  const std::string_view text = page.text;
  for (const FoundAnchor& found : find_anchors(text)) {
    if (found.length > kLongestAnchor || !stands_alone(cells, found)) continue;
    places[{found.kind, text.substr(found.begin, found.length)}].push_back(cells[found.begin]);
  }
  std::vector<Anchor> anchors;
  std::string bytes;
  for (auto& [key, at] : places) {
    Anchor anchor{key.first, std::string(key.second), std::move(at)};
    const std::size_t before = bytes.size();
    pack_one(bytes, anchor);
    if (bytes.size() <= max_bytes)
      anchors.push_back(std::move(anchor));
    else
      bytes.resize(before);
  }
  return anchors;
}

std::string pack_anchors(const std::vector<Anchor>& anchors) {
  std::string bytes;
  for (const Anchor& anchor : anchors) pack_one(bytes, anchor);
  return bytes;
}

std::vector<Anchor> unpack_anchors(std::string_view bytes, Density density) {
  const auto last_cell = static_cast<std::uint64_t>(cell_count(density) - 1);
  ByteReader reader(bytes, "the anchors of a page");
  std::vector<Anchor> anchors;
  while (!reader.at_end()) {
    Anchor& anchor = anchors.emplace_back();
    anchor.kind = static_cast<AnchorKind>(reader.number(kAnchorKinds - 1));
    anchor.text = reader.take(reader.number(kLongestAnchor));
    int cell = 0;
    for (std::uint64_t left = reader.number(last_cell + 1); left > 0; --left) {
      cell += static_cast<int>(reader.number(last_cell - static_cast<std::uint64_t>(cell)));
      anchor.cells.push_back(cell);
    }
  }
  return anchors;
}

}  // namespace fovea
