#include "fovea/renderer.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>
#include <thread>

#include "fovea/error.h"
#include "tests/renderer/fixture.h"

using namespace fovea;

namespace {

std::string repeated(std::string_view text, std::size_t bytes) {
  std::string whole;
  while (whole.size() < bytes) whole += text;
  return whole;
}

/// All pages' texts, joined; checks that cells keep to the grid and to reading order.
std::string read_back(std::string_view text, Density density) {
  const Grid grid = grid_of(density);
  std::string whole;
  while (!text.empty()) {
    const Page page = shared_renderer().lay_out(text, density);
    REQUIRE_FALSE(page.text.empty());
    REQUIRE(text_of(page) == page.text);
    int place = 0;
    for (const Cell& cell : page.cells) {
      REQUIRE(cell.row < grid.rows);
      REQUIRE(cell.column + cell.width <= grid.columns);
      REQUIRE(cell.row * grid.columns + cell.column >= place);
      place = cell.row * grid.columns + cell.column + cell.width;
    }
    whole += page.text;
    text.remove_prefix(page.text.size());
  }
  return whole;
}

/// Random bytes, and bits of text that are hard to lay out.
std::string hard_text(std::mt19937& random, int pieces) {
  static const std::string kPieces[] = {"a",
                                        "word ",
                                        "\n",
                                        "\t",
                                        "\r\n",
                                        std::string(1, '\0'),
                                        "é",
                                        "e\u0301",
                                        "\u0301\u0302",
                                        "文",
                                        "（",
                                        "👨‍👩‍👧",
                                        "🇩🇪",
                                        "🇩",
                                        "⚠\uFE0F",
                                        "\u200D",
                                        "שלום",
                                        "عربي",
                                        "नमस्ते",
                                        "\xFF",
                                        "\xE2\x82",
                                        "각",
                                        "\U000E0041",
                                        "\uFEFF",
                                        "\u2028",
                                        "1\uFE0F\u20E3"};
  std::string text;
  for (int i = 0; i < pieces; ++i) {
    if (random() % 4 == 0) {
      text += static_cast<char>(random());
    } else {
      text += kPieces[random() % std::size(kPieces)];
    }
  }
  return text;
}

}  // namespace

TEST_CASE("renderer: every byte string comes back from the cells, at every density") {
  std::mt19937 random(1);
  for (Density density : kDensities) {
    for (int round = 0; round < 20; ++round) {
      const std::string text = hard_text(random, 6000);
      CHECK(read_back(text, density) == text);
    }
  }
  CHECK(read_back("", Density::d64).empty());
}

TEST_CASE("renderer: fuzzed text is drawn without a complaint") {
  std::mt19937 random(2);
  for (Density density : kDensities) {
    const std::string text = hard_text(random, 6000);
    std::string whole;
    for (const Page& page : shared_renderer().render(text, density, Level::trace))
      whole += text_of(page);
    CHECK(whole == text);
  }
}

TEST_CASE("renderer: text flows cell by cell and a page of ASCII is full to the last cell") {
  const std::string text = repeated("one\ttwo\n", 20000);
  const Page page = shared_renderer().lay_out(text, Density::d106);
  CHECK(page.text == text.substr(0, 5618));
  CHECK(Renderer::is_full(page));
  CHECK(row_lengths(page) == std::vector<int>(53, 106));
  const Page part = shared_renderer().lay_out("one\ntwo", Density::d106);
  CHECK_FALSE(Renderer::is_full(part));
  CHECK(row_lengths(part)[0] == 7);
  CHECK(row_lengths(part)[1] == 0);
}

TEST_CASE("renderer: a wide character does not straddle a row end") {
  const std::string text = std::string(63, 'x') + "文y";
  const Page page = shared_renderer().lay_out(text, Density::d64);
  CHECK(row_lengths(page)[0] == 63);
  CHECK(row_lengths(page)[1] == 3);
  CHECK(page.cells[63].row == 1);
  CHECK(page.cells[63].column == 0);
  CHECK(page.cells[63].width == 2);
  CHECK(page.cells[64].column == 2);
}

TEST_CASE("renderer: a page is full when a wide character does not fit in its last cell") {
  const std::string start(64 * 32 - 1, 'x');
  const Page page = shared_renderer().lay_out(start + "文", Density::d64);
  CHECK(page.text == start);
  CHECK(Renderer::is_full(page));
  CHECK_FALSE(Renderer::is_full(shared_renderer().lay_out(start, Density::d64)));
  CHECK(shared_renderer().lay_out(start + "y", Density::d64).text == start + "y");
}

TEST_CASE("renderer: while more text follows, a cluster at the end waits") {
  const auto kept = [](std::string_view text) {
    return shared_renderer().lay_out(text, Density::d64, /*more_follows=*/true).text;
  };
  CHECK(kept("abc") == "ab");
  CHECK(kept("abc\xE2\x82") == "ab");
  CHECK(kept("👨\u200D") == "");
  CHECK(kept("") == "");
  const std::string page(64 * 32, 'x');
  CHECK(kept(page) == page.substr(1));
  CHECK(kept(page + "y") == page);
}

TEST_CASE("renderer: text that comes in parts gives the same pages as all of it at once") {
  std::mt19937 random(3);
  const std::string text = hard_text(random, 30000);
  std::vector<std::string> at_once, in_parts;
  for (const Page& page : shared_renderer().render(text, Density::d64, Level::trace))
    at_once.push_back(page.text);
  std::string waiting;
  for (std::size_t at = 0; at < text.size(); at += 997) {
    waiting += text.substr(at, 997);
    for (;;) {
      const Page page = shared_renderer().lay_out(waiting, Density::d64, /*more_follows=*/true);
      if (!Renderer::is_full(page)) break;
      in_parts.push_back(page.text);
      waiting.erase(0, page.text.size());
    }
  }
  while (!waiting.empty()) {
    in_parts.push_back(shared_renderer().lay_out(waiting, Density::d64).text);
    waiting.erase(0, in_parts.back().size());
  }
  CHECK(in_parts == at_once);
}

TEST_CASE("renderer: pixels of atlas characters are the same on every machine") {
  const std::string text = repeated(
      "The quick brown fox — “jumps” over größe, Привет, αβγ; ├─┤ ✅ 🚀 （！） x² ≤ ∞\n\tfn(a[0]) "
      "+= 0x1F;\r\n\xFF",
      9000);
  const auto hash = [&](Density density, Level level) {
    return hash_of(shared_renderer().render(text, density, level).front().pixels);
  };
  CHECK(hash(Density::d64, Level::large) == 0x1F3183DEAAFC0376);
  CHECK(hash(Density::d80, Level::large) == 0xEBCC9A8AB3F19418);
  CHECK(hash(Density::d106, Level::large) == 0x5DDCB1EB8EF2897B);
  CHECK(hash(Density::d128, Level::large) == 0x27AAFEF751A525BD);
  CHECK(hash(Density::d160, Level::large) == 0x0AB92635EBF5F339);
  CHECK(hash(Density::d106, Level::base) == 0x30E65ECBEA5279C3);
  CHECK(hash(Density::d106, Level::small) == 0x5306AF1B2735FACE);
  CHECK(hash(Density::d106, Level::tiny) == 0x6D16276C3A46D138);
  CHECK(hash(Density::d106, Level::faint) == 0x70A7650E77070CA9);
  CHECK(hash(Density::d106, Level::trace) == 0x41CA137EFE903F20);
}

TEST_CASE("renderer: a space is a blank cell and everything else leaves ink") {
  const auto ink = [](std::string_view text) {
    const Page page = shared_renderer().render(text, Density::d64, Level::large).front();
    return std::count_if(page.pixels.begin(), page.pixels.end(),
                         [](int gray) { return gray < 128; });
  };
  CHECK(ink(" ") == 0);
  const std::string_view visible[] = {"\n",     "\t",     "\r",         "\u00A0", "\u200B",
                                      "\u2003", "\u200D", "\uFEFF",     "\u3000", "\x1B",
                                      "\xFF",   "文",     "\U000E0041", "\uFFFF", "\u0301"};
  for (std::string_view text : visible) CHECK(ink(text) > 0);
}

TEST_CASE("renderer: the report counts what a reader may not get back") {
  const auto report = [](std::string_view text) {
    return shared_renderer().render(text, Density::d106, Level::large).front().report;
  };
  const PageReport plain = report("plain text ✅ →\n");
  CHECK(plain.outside_atlas + plain.no_glyph + plain.invalid_bytes == 0);
  CHECK(report("\xFF\xFEok").invalid_bytes == 2);
  CHECK(report("\x1B[0m\r\n").no_glyph == 2);
  CHECK(report("\uFFFE").no_glyph == 1);
  CHECK(report("⚠\uFE0F").outside_atlas == 1);
  const PageReport chinese = report("文");
  CHECK(chinese.outside_atlas + chinese.no_glyph == 1);  // as the system's fonts have it or not
}

TEST_CASE("renderer: an emoji variant is drawn as its base") {
  const auto pixels = [](std::string_view text) {
    return shared_renderer().render(text, Density::d64, Level::large).front().pixels;
  };
  CHECK(pixels("⚠\uFE0F") == pixels("⚠"));
  CHECK(pixels("⭐\uFE0F") == pixels("⭐"));
}

TEST_CASE("renderer: threads share one renderer") {
  const std::string text = repeated("中文 ไทย e\u0301 ✅ plain\n", 4000);
  const std::uint64_t expected =
      hash_of(shared_renderer().render(text, Density::d80, Level::large)[0].pixels);
  const Renderer fresh(kAtlasFolder);
  std::vector<std::uint64_t> hashes(4);
  std::vector<std::thread> threads;
  for (std::uint64_t& hash : hashes) {
    threads.emplace_back(
        [&] { hash = hash_of(fresh.render(text, Density::d80, Level::large)[0].pixels); });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(hashes == std::vector<std::uint64_t>(4, expected));
}

TEST_CASE("renderer: cells that do not fit the page are refused") {
  const auto refused = [](auto spoil) {
    Page page = shared_renderer().lay_out("text 文", Density::d64);
    spoil(page);
    CHECK_THROWS_AS(shared_renderer().draw(page), Error);
  };
  refused([](Page& page) { page.cells[0].row = 32; });
  refused([](Page& page) { page.cells[5].column = 63; });
  refused([](Page& page) { page.cells[0].begin = 4'000'000'000; });
  refused([](Page& page) { page.cells[0].length = 4'000'000'000; });
  refused([](Page& page) { page.cells[5].length = 2; });
  refused([](Page& page) { page.cells[5].width = 1; });
  refused([](Page& page) { page.text.resize(1); });
}
