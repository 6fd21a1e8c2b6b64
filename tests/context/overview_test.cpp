#include "context/overview.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "context/looks.h"
#include "context/page_window.h"
#include "measure/text_tokens.h"

using namespace fovea;

namespace {

double words_of(std::string_view text) {
  return static_cast<double>(std::ranges::count(text, ' ') + std::ranges::count(text, '\n') + 1);
}

OverviewItem item(std::int64_t page, double looks, const std::string& text) {
  OverviewItem made;
  made.piece.text = text;
  made.page = page;
  made.looks = looks;
  return made;
}

std::string words(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "word ";
  return text;
}

}  // namespace

TEST_CASE("looks: figures, days, names and the first person tell something, questions less") {
  const double plain = looks_of("the boat went out", false);
  CHECK(looks_of("I saw the boat in Lisbon on Monday at 7", false) > plain + 1);
  CHECK(looks_of("the boat went out?", false) < plain);
  CHECK(looks_of("the boat went out", true) < plain);
  CHECK(looks_of("", false) == 0);
}

TEST_CASE("overview: a page spends no more than its price, the better looks first") {
  const auto taken = within_prices(
      {item(1, 1, words(30)), item(1, 3, words(20)), item(2, 2, words(100)), item(3, 9, words(4))},
      {{1, 40}, {2, 30}}, words_of);
  REQUIRE(taken.size() == 3);
  CHECK(taken[0].looks == 3);
  CHECK(taken[1].looks == 2);
  CHECK(taken[1].piece.is_cut);
  CHECK(words_of(taken[1].piece.text) < 30);
  CHECK(words_of(taken[0].piece.text) + words_of(taken[2].piece.text) < 40);
}

TEST_CASE("overview: all lines of a page cost no more than its level, mark and gaps included") {
  const auto exact = [](std::string_view text) { return text_cost(text, {.words = 1.1, .digits = 1.3}); };
  for (const int price : {16, 36, 64, 100, 256, 400}) {
    std::vector<OverviewItem> items;
    std::map<std::int64_t, int> prices;
    for (std::size_t i = 0; i < 120; ++i) {
      const auto page = static_cast<std::int64_t>(i / 12 + 1000);
      items.push_back(item(page, static_cast<double>(i * 7 % 13), words(static_cast<int>(3 + i * 5 % 40)) + "7, (1) end. "));
      items.back().piece.order = i;
      items.back().piece.message = static_cast<std::int64_t>(i / 2);
      items.back().piece.begins_message = i % 2 == 0;
      items.back().piece.ends_message = i % 2 == 1;
      items.back().piece.speaker = "Caroline";
      items.back().piece.mark = '[' + std::to_string(page) + " · 13 Sept 2026 14:20]";
      prices[page] = price;
    }
    Transcript all(exact, "");
    const double frame = [&] {
      Transcript one(exact, "");
      one.add(item(1, 1, "").piece, 1e9);
      return one.tokens();
    }();
    for (const OverviewItem& told : within_prices(items, prices, exact)) all.add(told.piece, 1e9);
    CHECK(all.tokens() <= frame + 10.0 * price);
    if (price >= 64) CHECK(all.tokens() >= 10.0 * price * .6);  // a mark alone takes 16
  }
}

TEST_CASE("overview: of a tool's message its first and last lines and its errors") {
  std::string text = "tool result Bash:\n";
  for (int i = 0; i < 50; ++i) text += "line " + std::to_string(i) + "\n";
  text += "Error: no such port\n";
  for (int i = 50; i < 90; ++i) text += "line " + std::to_string(i) + "\n";
  CHECK(tool_digest(text) ==
        "tool result Bash:\nline 0\nline 1\n…\nError: no such port\n…\nline 88\nline 89\n");
  CHECK(tool_digest("user:\nhello").empty());
}

TEST_CASE("page window: the newest that fit, and a larger limit never begins later") {
  std::vector<WindowPage> pages(100);
  for (std::size_t i = 0; i < pages.size(); ++i) {
    pages[i].cost = {50 + i % 7, 1, 1000};
    pages[i].follows_its_call = i % 9 == 4;
  }
  CHECK(window_begin(pages, {10, 10, 10'000}) == pages.size());
  std::size_t before = pages.size();
  for (std::size_t tokens = 0; tokens < 6000; tokens += 13) {
    const std::size_t begin = window_begin(pages, {tokens, 1000, 1'000'000});
    CHECK(begin <= before);
    if (begin < pages.size()) CHECK_FALSE(pages[begin].follows_its_call);
    before = begin;
  }
  CHECK(before == 0);
}

TEST_CASE("page window: its beginning stays while history grows, and moves in batches") {
  std::vector<WindowPage> pages;
  std::size_t moves = 0, before = 0;
  for (int i = 0; i < 200; ++i) {
    pages.push_back({{50, 1, 1000}, false});
    const std::size_t begin = window_begin(pages, {2000, 1000, 1'000'000});
    CHECK((pages.size() - begin) * 50 <= 2000);
    moves += begin != before ? 1 : 0;
    before = begin;
  }
  CHECK(moves < 25);
}
