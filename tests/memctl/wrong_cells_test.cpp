#include "memctl/experiment/wrong_cells.h"

#include <doctest/doctest.h>

using namespace fovea;
using namespace fovea::memctl;

namespace {

/// A row of cells: ASCII in one column each, a character of three bytes in two.
std::vector<Cell> row_of(const std::string& text) {
  std::vector<Cell> cells;
  std::uint16_t column = 0;
  for (std::uint32_t at = 0; at < text.size();) {
    const bool wide = static_cast<unsigned char>(text[at]) >= 0xE0;
    const std::uint32_t length = wide ? 3 : 1;
    const std::uint8_t width = wide ? 2 : 1;
    cells.push_back({at, length, 0, column, width});
    at += length;
    column = static_cast<std::uint16_t>(column + width);
  }
  return cells;
}

std::string wrong(const std::string& exact, const std::string& read) {
  return wrong_cells_of(row_of(exact), exact, read);
}

}  // namespace

TEST_CASE("wrong cells: a row without a slip has none") {
  CHECK(wrong("the lamp", "the lamp") == "");
  CHECK(wrong("", "lamp") == "");
}

TEST_CASE("wrong cells: what is read as another character or left out is marked where it stands") {
  CHECK(wrong("the lamp", "the 1amp") == "....x...");
  CHECK(wrong("the lamp", "the amp") == "....x...");
  CHECK(wrong("lamp", "") == "xxxx");
}

TEST_CASE("wrong cells: what is added is marked at the cell after it, at the end at the last one") {
  CHECK(wrong("the lamp", "the  lamp") == "....x...");
  CHECK(wrong("lamp", "lamps") == "...x");
}

TEST_CASE("wrong cells: a wide character is two columns") {
  CHECK(wrong("a\u6708b", "a\u65E5b") == ".xx.");
  CHECK(wrong("\u6708b", "\u6708c") == "..x");
}

TEST_CASE("wrong cells: a row too long to be aligned is wrong as a whole") {
  const std::string exact(5000, 'a');
  CHECK(wrong(exact, std::string(5000, 'b')) == std::string(5000, 'x'));
}
