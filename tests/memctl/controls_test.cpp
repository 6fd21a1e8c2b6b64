#include "memctl/experiment/controls.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace fovea;
using namespace fovea::memctl;

namespace {

/// A page in one row, a cell a byte.
Page page_of(const std::string& text) {
  Page page;
  page.text = text;
  for (std::uint32_t i = 0; i < text.size(); ++i)
    page.cells.push_back({i, 1, 0, static_cast<std::uint16_t>(i), 1});
  return page;
}

std::string sorted(std::string text) {
  std::ranges::sort(text);
  return text;
}

const std::string kText = "one two, three four; five six seven eight nine ten.\n";

}  // namespace

TEST_CASE("controls: shuffled characters are the same ones in another order") {
  const std::string other = shuffled_text(page_of(kText), Shuffle::characters, 1);
  CHECK(other != kText);
  CHECK(sorted(other) == sorted(kText));
}

TEST_CASE("controls: shuffled words stay whole, and what parts them stays in place") {
  const std::string other = shuffled_text(page_of(kText), Shuffle::words, 1);
  CHECK(other != kText);
  CHECK(sorted(other) == sorted(kText));
  CHECK(other.ends_with(".\n"));
  CHECK(std::ranges::count(other, ' ') == 9);
  for (const char* word : {"one", "seven", "three"}) CHECK(other.find(word) != std::string::npos);
}

TEST_CASE("controls: each wide character is a word") {
  Page page;
  page.text = "日本語文字";
  for (std::uint32_t i = 0; i < 5; ++i)
    page.cells.push_back({3 * i, 3, 0, static_cast<std::uint16_t>(2 * i), 2});
  const std::string other = shuffled_text(page, Shuffle::words, 3);
  CHECK(other != page.text);
  CHECK(other.size() == page.text.size());
}

TEST_CASE("controls: the same seed gives the same text, no shuffle the text itself") {
  const Page page = page_of(kText);
  CHECK(shuffled_text(page, Shuffle::words, 5) == shuffled_text(page, Shuffle::words, 5));
  CHECK(shuffled_text(page, Shuffle::words, 5) != shuffled_text(page, Shuffle::words, 6));
  CHECK(shuffled_text(page, Shuffle::none, 5) == kText);
}
