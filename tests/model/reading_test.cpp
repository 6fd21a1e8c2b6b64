// Reads pages with the shipped checkpoint, models/fovea-nano.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include <doctest/doctest.h>

#include "fovea/codec.h"
#include "fovea/error.h"
#include "fovea/renderer.h"
#include "model/kernels/instructions.h"

namespace {

using namespace fovea;

const std::string kCheckpoint = FOVEA_SOURCE_DIR "/models/fovea-nano";

const Codec& codec() {
  static const Codec opened(kCheckpoint, {.precision = Precision::fp32});
  return opened;
}

Page drawn(std::string_view text, Density density, Level level) {
  static const Renderer renderer(kCheckpoint);
  std::vector<Page> pages = renderer.render(text, density, level);
  REQUIRE(pages.size() == 1);
  return pages[0];
}

const std::string kText =
    "The oldest pages of a memory fade first, but what they said in large letters stays.\n"
    "{\"type\":\"tool_result\",\"id\":\"toolu_01A7\",\"content\":\"exit code 0\\n\"}\n"
    "for (int i = 0; i < 10; ++i) {\n\tsum += a[i];\n}\n"
    "See https://example.com/a/b?c=42 and 3f2a9c41-77de-4c0b-9e1f-0a1b2c3d4e5f.\n";

TEST_CASE("reading: sharp pages come back exactly, newlines and tabs included") {
  for (const Level level : {Level::large, Level::base}) {
    const auto tokens = codec().encode(std::vector{drawn(kText, Density::d80, level)});
    const ReadPage page = codec().decode(tokens)[0];
    CHECK(page.text == kText);
    CHECK(page.confidence > 0.8f);
  }
}

TEST_CASE("reading: rows are those of the page, each as long as it was") {
  const Page page = drawn(kText, Density::d106, Level::tiny);
  const auto tokens = codec().encode(std::vector{page});
  CHECK(tokens[0].row_lengths == row_lengths(page));
  CHECK(tokens[0].count == 64);
  const ReadPage read = codec().decode(tokens)[0];
  REQUIRE(read.rows.size() == 53);
  std::string joined;
  for (std::size_t row = 0; row < read.rows.size(); ++row) {
    CHECK((read.rows[row].text.empty()) == (tokens[0].row_lengths[row] == 0));
    CHECK(read.rows[row].confidence >= 0);
    CHECK(read.rows[row].confidence <= 1);
    joined += read.rows[row].text;
  }
  CHECK(joined == read.text);
  CHECK(read.text.size() == kText.size());
}

TEST_CASE("reading: wide characters take two cells") {
  const std::string text =
      "In a caf\u00e9 \u2014 \u201cquoted\u201d, 42 % done \u2705 and a \u2b50 too.\n";
  const auto tokens = codec().encode(std::vector{drawn(text, Density::d80, Level::small)});
  CHECK(tokens[0].row_lengths[0] == 49);
  CHECK(codec().decode(tokens)[0].text == text);
}

TEST_CASE("reading: without row lengths the decoder ends the rows itself") {
  auto tokens = codec().encode(std::vector{drawn("one short row", Density::d64, Level::base)});
  tokens[0].row_lengths.clear();
  const ReadPage page = codec().decode(tokens)[0];
  CHECK(page.rows[0].text.substr(0, 13) == "one short row");
}

TEST_CASE("reading: noise in place of a page ends too, and is not trusted") {
  Page noise = drawn("x", Density::d64, Level::tiny);
  unsigned state = 1;
  for (auto& pixel : noise.pixels)
    pixel = static_cast<std::uint8_t>((state = state * 1103515245 + 12345) >> 24);
  auto tokens = codec().encode(std::vector{noise});
  tokens[0].row_lengths.assign(32, 0);
  for (int row = 0; row < 4; ++row) tokens[0].row_lengths[row] = 64;
  const ReadPage page = codec().decode(tokens)[0];
  CHECK(page.rows[0].text.size() > 0);
  CHECK(page.confidence < 0.5f);
}

TEST_CASE("reading: several pages at once read as one by one") {
  const std::vector pages = {drawn("first page", Density::d80, Level::small),
                             drawn("second page", Density::d80, Level::small)};
  const auto both = codec().encode(pages);
  const VisionTokens alone = codec().encode(std::vector{pages[1]})[0];
  CHECK(both[1].code == alone.code);
  const auto read = codec().decode(both);
  CHECK(read[0].text == "first page");
  CHECK(read[1].text == "second page");
}

TEST_CASE("reading: integer products read what float32 products read") {
  std::string text;
  for (int i = 0; i < 12; ++i) text += kText.substr(static_cast<std::size_t>(i) * 7) + "\n";
  std::vector<VisionTokens> pages;
  for (const Level level : {Level::tiny, Level::trace})
    pages.push_back(codec().encode(std::vector{drawn(text, Density::d106, level)})[0]);
  const auto with_integers = codec().decode(pages);
  const InstructionLimit limit(Instructions::avx512);
  const Codec other(kCheckpoint, {.precision = Precision::fp32});
  const auto with_floats = other.decode(pages);
  for (std::size_t page = 0; page < pages.size(); ++page) {
    CHECK(with_integers[page].text == with_floats[page].text);
    for (std::size_t row = 0; row < with_floats[page].rows.size(); ++row)
      CHECK(std::abs(with_integers[page].rows[row].confidence -
                     with_floats[page].rows[row].confidence) < 0.05f);
  }
}

TEST_CASE("reading: rows asked for one after the other are those of the whole page") {
  std::vector<VisionTokens> tokens;
  for (const char* text : {"one page\n", "another\n", "and a third, of more words\n"})
    tokens.push_back(
        codec().encode(std::vector{drawn(text + kText, Density::d106, Level::tiny)})[0]);
  const std::vector<ReadPage> whole = codec().decode(tokens, 1);
  const auto parts = codec().decode_rows(tokens, [](std::size_t page, const PartRead& so_far) {
    if (!so_far.rows[1]) return std::vector{1, 2, 1};
    return so_far.rows[page] ? std::vector<int>() : std::vector{0};
  });
  REQUIRE(parts.size() == 3);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    REQUIRE(parts[i].rows.size() == 53);
    REQUIRE(parts[i].glance.size() == 53);
    for (std::size_t row = 0; row < 53; ++row) {
      CHECK(parts[i].rows[row].has_value() == (row == 1 || row == 2 || (row == 0 && i == 0)));
      if (parts[i].rows[row]) CHECK(parts[i].rows[row]->text == whole[i].rows[row].text);
    }
    std::string glance;
    for (const std::string& row : parts[i].glance)
      glance += row.substr(0, row.find_last_not_of(' ') + 1);
    CHECK(glance == codec().glance(tokens).at(i));
    CHECK(glance == codec().glance({&tokens[i], 1}).front());
  }
  CHECK_THROWS_WITH_AS(
      codec().decode_rows({tokens.data(), 1}, [](auto, auto&) { return std::vector{53}; }),
      "expected rows from 0 to 52 to read, got 53", Error);
}

TEST_CASE("codec: pages encoded together are those encoded one by one, byte for byte") {
  for (const Level level : {Level::tiny, Level::trace}) {
    std::vector<Page> pages;
    for (const char* text : {"one page\n", "another\n", "a third\n", "a fourth\n", "a fifth\n"})
      pages.push_back(drawn(text + kText, Density::d106, level));
    static const Codec automatic(kCheckpoint);
    const std::vector<VisionTokens> together = automatic.encode(pages);
    for (std::size_t i = 0; i < pages.size(); ++i)
      CHECK(together[i] == automatic.encode(std::span(pages).subspan(i, 1))[0]);
  }
}

TEST_CASE("reading: an empty page is empty text, surely") {
  const auto tokens =
      codec().encode(std::vector{Page{.level = Level::tiny,
                                      .text = "",
                                      .cells = {},
                                      .pixels = std::vector<std::uint8_t>(512 * 512, 255),
                                      .report = {}}});
  auto empty = tokens;
  empty[0].row_lengths.assign(53, 0);
  const ReadPage page = codec().decode(empty)[0];
  CHECK(page.text.empty());
  CHECK(page.confidence == 1.0f);
}

TEST_CASE("reading: what does not belong together is refused") {
  const auto tokens = codec().encode(std::vector{drawn("page", Density::d64, Level::tiny)});
  const auto refused = [&](auto change, const char* part) {
    auto wrong = tokens;
    change(wrong[0]);
    CHECK_THROWS_WITH_AS(codec().decode(wrong), doctest::Contains(part), Error);
  };
  refused([](VisionTokens& t) { t.fingerprint = std::string(64, '0'); }, "000000000000");
  refused([](VisionTokens& t) { t.values.push_back(1); }, "64 vision tokens");
  refused([](VisionTokens& t) { t.level = Level::small; }, "100 vision tokens");
  refused([](VisionTokens& t) { t.row_lengths[0] = 65; }, "row lengths from 0 to 64");
  refused([](VisionTokens& t) { t.row_lengths.pop_back(); }, "32 row lengths");

  Page other = drawn("page", Density::d64, Level::small);
  const Page page = drawn("page", Density::d64, Level::tiny);
  CHECK_THROWS_AS(codec().encode(std::vector{page, other}), Error);
  other.pixels.pop_back();
  CHECK_THROWS_AS(codec().encode(std::vector{other}), Error);
}

TEST_CASE("reading: a page's embedding is nearest to what it says") {
  const auto tokens = codec().encode(std::vector{drawn(kText, Density::d80, Level::small)});
  const auto page = codec().embed(tokens[0]);
  REQUIRE(page.size() == static_cast<std::size_t>(codec().embedding_dim()));
  CHECK(std::inner_product(page.begin(), page.end(), page.begin(), 0.0) == doctest::Approx(1.0));
  const auto nearness = [&](std::string_view text) {
    const auto question = codec().embed(text);
    return std::inner_product(page.begin(), page.end(), question.begin(), 0.0);
  };
  CHECK(nearness("memory pages fade") > nearness("sailing ships in a storm"));
  CHECK(nearness(kText) > 0.95);
  CHECK(codec().embed("") == std::vector<float>(page.size()));
}

TEST_CASE("codec: the shipped checkpoint says what it can read") {
  CHECK(codec().name() == "fovea-nano");
  CHECK(codec().fingerprint().size() == 64);
  CHECK(std::count(codec().levels().begin(), codec().levels().end(), Level::tiny) == 1);
  CHECK(std::count(codec().densities().begin(), codec().densities().end(), Density::d106) == 1);
}

TEST_CASE("codec: a checkpoint without line reading encodes pages of cells, but does not read them") {
  const Codec other(FOVEA_SOURCE_DIR "/tests/golden/mini_a", {.precision = Precision::fp32});
  const auto tokens = other.encode(std::vector{drawn("page", Density::d64, Level::tiny)});
  CHECK(tokens[0].count == 64);
  CHECK(tokens[0].dim == 64);
  try {
    other.decode(tokens);
    FAIL("expected an error");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::invalid_argument);
    CHECK(std::string(error.what()).find("reads layout document") != std::string::npos);
  }
}

TEST_CASE("codec: options that mean nothing are errors") {
  CHECK_THROWS_AS(Codec("/nowhere"), Error);
  CHECK_THROWS_AS(Codec(kCheckpoint, {.device = "abacus"}), Error);
  CHECK_THROWS_AS(precision_from_name("fp7"), Error);
  CHECK_THROWS_AS(Codec(kCheckpoint, {.threads = -1}), Error);
}

}  // namespace
