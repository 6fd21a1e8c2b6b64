// Fonts differ between machines, so these tests look at what holds with any of them.
#include "fovea/document_renderer.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>

#include "fovea/error.h"
#include "fovea/renderer.h"
#include "tests/renderer/fixture.h"
#include "tests/threads.h"

using namespace fovea;

namespace {

const DocumentRenderer& renderer() {
  static const DocumentRenderer shared;
  return shared;
}

std::string prose(int paragraphs) {
  std::string text;
  for (int i = 0; i < paragraphs; ++i)
    text += "Paragraph " + std::to_string(i) +
            ": the keeper lit the lamp before the ships came in, and wrote the name of each of them "
            "into his book, with the hour and the weather, as his father had done before him.\n\n";
  return text;
}

std::vector<Page> all_pages(std::string_view text, Level legible_at) {
  std::vector<Page> pages;
  DocumentSetting setting{legible_at, {}};
  while (!text.empty()) {
    pages.push_back(renderer().lay_out(text, setting));
    REQUIRE(!pages.back().text.empty());
    text.remove_prefix(pages.back().text.size());
    setting.opening = pages.back().leaves_open;
  }
  return pages;
}

std::string joined(const std::vector<Page>& pages) {
  std::string text;
  for (const Page& page : pages) text += page.text;
  return text;
}

/// The part of the ink (1 a black pixel) that lies right of the middle.
double right_share(const Page& page) {
  double left = 0, right = 0;
  for (std::size_t i = 0; i < page.pixels.size(); ++i)
    (i % kCanvasSide < kCanvasSide / 2 ? left : right) += 255 - page.pixels[i];
  return right / (left + right);
}

Page drawn(const std::string& text, Level legible_at = Level::tiny) {
  Page page;
  page.text = text;
  page.document = DocumentSetting{legible_at, {}};
  renderer().draw(page);
  return page;
}

TEST_CASE("document: pages hold the whole text, and each is drawn at its full size") {
  const std::string text = "# A book\n\n" + prose(90);
  for (const Level level : {Level::large, Level::base, Level::small, Level::tiny}) {
    auto pages = all_pages(text, level);
    CHECK(pages.size() >= 2);
    CHECK(joined(pages) == text);
    renderer().draw(pages[1]);
    CHECK(pages[1].level == Level::large);
    CHECK(pages[1].pixels.size() == std::size_t(kCanvasSide) * kCanvasSide);
    CHECK(pages[1].report.no_glyph == 0);
    CHECK(shrink(pages[1], level).document == pages[1].document);
  }
}

TEST_CASE("document: coarser levels have larger type, and fewer letters a page") {
  std::size_t before = 0;
  for (const Level level : {Level::tiny, Level::small, Level::base, Level::large}) {
    const std::size_t bytes = renderer().lay_out(prose(90), {level, {}}).text.size();
    CHECK(bytes > before);
    before = bytes;
  }
  CHECK_THROWS_AS(renderer().lay_out("x", {Level::faint, {}}), Error);
}

TEST_CASE("document: any bytes make pages that join to them") {
  std::mt19937 random(1);
  const std::string kPieces[] = {"word ", "\n", "\n\n", "```\n", "| a | b |\n|---|---|\n", "# ", "- ",
                                 "> ", "*", "`", "\xFF", std::string(1, '\0'), "\t", "文字", "שלום ",
                                 "\r\n", "user:\n", "tool result x:\n", "[a]: b\n", "    ", "🙂", "_"};
  for (int round = 0; round < 12; ++round) {
    std::string text;
    while (text.size() < 9000) text += kPieces[random() % std::size(kPieces)];
    auto pages = all_pages(text, round % 2 ? Level::tiny : Level::large);
    CHECK(joined(pages) == text);
    renderer().draw(pages[0]);
    CHECK_FALSE(pages[0].report.clipped);
  }
}

TEST_CASE("document: text of nothing but blanks, or of one endless word, goes on") {
  for (const std::string& text : {std::string(40000, '\n'), std::string(40000, ' '),
                                  std::string(40000, 'x'), "|" + std::string(20000, '|')})
    CHECK(joined(all_pages(text, Level::tiny)) == text);
}

TEST_CASE("document: code, tables and tools' output that go on are so on the next page") {
  std::string code = "Listing:\n\n```py\n", table = "| n | word |\n|--:|---|\n", tool;
  tool = "tool result bash:\n";
  for (int i = 0; i < 120; ++i) {
    code += "    print(" + std::to_string(i) + ")\n";
    table += "| " + std::to_string(i) + " | lamp |\n";
    tool += "*file* " + std::to_string(i) + "\n";
  }
  const auto pages = all_pages(code + "```\nThe *end*.\n", Level::tiny);
  REQUIRE(pages.size() >= 3);
  CHECK(pages[0].leaves_open == "```\n");
  CHECK(pages[1].document->opening == "```\n");
  CHECK(pages.back().leaves_open == "");
  CHECK(DocumentRenderer::visible_lines(pages.back().text, pages.back().document->opening).back() ==
        "The end.");
  CHECK(renderer().lay_out(table, {}).leaves_open == "| | |\n|--:|---|\n");
  CHECK(renderer().lay_out(tool, {}).leaves_open == "tool");
}

TEST_CASE("document: a heading is not the last thing on a page") {
  std::string above;
  for (int lines = 0; lines < 30; ++lines) {
    const Page page = renderer().lay_out(above + "## Heading\n\n" + prose(20), {});
    CHECK_FALSE(page.text.ends_with("Heading\n\n"));
    above += "One line.\n\n";
  }
}

TEST_CASE("document: while text follows, the last line waits for it") {
  const Page page = renderer().lay_out("First.\n\nSecond, unfini", {}, /*more_follows=*/true);
  CHECK(page.text == "First.\n\n");
  CHECK_FALSE(page.full);
  CHECK(renderer().lay_out("First.\n\nSecond, unfini", {}).text == "First.\n\nSecond, unfini");
  const Page full = renderer().lay_out(prose(60), {}, /*more_follows=*/true);
  CHECK(full.full);
  CHECK(full.text == renderer().lay_out(prose(61), {}, /*more_follows=*/true).text);
}

TEST_CASE("document: a text too long for its type is drawn smaller, a hopeless one is clipped") {
  CHECK_FALSE(drawn(prose(30)).report.clipped);
  CHECK(drawn(prose(300)).report.clipped);
}

TEST_CASE("document: right-to-left paragraphs stand on the right") {
  CHECK(right_share(drawn("Short.")) < 0.01);
  CHECK(right_share(drawn("שלום עולם")) > 0.99);
}

TEST_CASE("document: threads share one renderer") {
  const std::vector<std::string> texts = {"# One\n\n" + prose(4), "- two\n- lines\n", "שלום עולם"};
  std::vector<std::uint64_t> expected(texts.size()), found(texts.size());
  const auto hash = [&](const DocumentRenderer& one, std::size_t text) {
    Page page = one.lay_out(texts[text], {Level::tiny, {}});
    one.draw(page);
    return hash_of(page.pixels);
  };
  for (std::size_t i = 0; i < texts.size(); ++i) expected[i] = hash(renderer(), i);
  const DocumentRenderer fresh;
  on_threads(static_cast<int>(texts.size()),
             [&](int thread) { found[thread] = hash(fresh, thread); });
  CHECK(found == expected);
}

TEST_CASE("document: what can be read is told without Markdown's marks") {
  CHECK(DocumentRenderer::visible_lines("# A  *title*\n\n- one\n- two\n  lines\n\n2. three\n\n"
                                        "| a | b |\n|---|---|\n| c |  |\n\n---\n") ==
        std::vector<std::string>{"A title", "one", "two", "lines", "2. three", "a b", "c"});
}

}  // namespace
