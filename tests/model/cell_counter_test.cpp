#include "model/reading/cell_counter.h"

#include <string>

#include <doctest/doctest.h>

#include "core/text_units.h"

namespace {

using fovea::CellCounter;
using fovea::cells_of_token;

int cells_of(std::string_view text, std::size_t piece) {
  CellCounter counter;
  for (std::size_t at = 0; at < text.size(); at += piece) counter.append(text.substr(at, piece));
  return counter.cells();
}

TEST_CASE("cell counter: however the bytes come, the count is the page layout's") {
  for (const std::string text : {
           "plain words, 123.5",
           "na\xc3\xafve caf\xc3\xa9",
           "e\xcc\x81t\xcc\x81",  // combining
           "\xe5\xa4\xa9\xe5\x9c\xb0 wide",
           "tab\tand\nnewline\r\n",                                //
           "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7 family",  // one cluster
           "\xf0\x9f\x87\xa8\xf0\x9f\x87\xb3\xf0\x9f\x87\xa9 flags",
           "zero\xe2\x80\x8bwidth",
           "bad \xff\xfe bytes \xe2\x82",
           "\xed\xa0\x80 surrogate",
       }) {
    CAPTURE(text);
    const int expected =
        fovea::count_cells(text.substr(0, text.size() - fovea::incomplete_tail(text)));
    for (const std::size_t piece : {1, 2, 3, 5, 100}) CHECK(cells_of(text, piece) == expected);
  }
}

TEST_CASE("cell counter: what the alphabet has apart counts apart, however the bytes come") {
  const fovea::CodePoints alphabet(U" ek\u0915\u093F\u0301");
  const std::string text = "k\u0915\u093Fe\u0301e\u0302\u0301";
  const int expected = fovea::count_cells(text, &alphabet);
  CHECK(expected == 6);
  for (const std::size_t piece : {1, 2, 3, 5, 100}) {
    CellCounter counter(&alphabet);
    for (std::size_t at = 0; at < text.size(); at += piece) counter.append(text.substr(at, piece));
    CHECK(counter.cells() == expected);
  }
  CHECK(cells_of_token("\u0915\u093F", &alphabet) == 2);
  CHECK(cells_of_token("\u0915\u093F") == 1);
}

TEST_CASE("cell counter: a character counts when its last byte is there") {
  CellCounter counter;
  counter.append("a\xe5");
  CHECK(counter.cells() == 1);
  CHECK(counter.inside_character());
  counter.append("\xa4");
  CHECK(counter.cells() == 1);
  counter.append("\xa9");
  CHECK(counter.cells() == 3);
  CHECK(!counter.inside_character());
}

TEST_CASE("cell counter: what a token takes by itself") {
  CHECK(cells_of_token("") == 0);
  CHECK(cells_of_token(" the") == 4);
  CHECK(cells_of_token("\n\t") == 2);
  CHECK(cells_of_token("\xe5\xa4\xa9") == 2);
  CHECK(cells_of_token("\xa4\xa9"
                       "ab") == 2);          // finishes a character of the token before
  CHECK(cells_of_token("ab\xe5\xa4") == 2);  // begins one
}

}  // namespace
