// Reads pages with the shipped checkpoint, models/fovea-nano.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "fovea/codec.h"
#include "fovea/error.h"
#include "fovea/measure.h"
#include "fovea/renderer.h"

namespace {

using namespace fovea;

const std::string kCheckpoint = FOVEA_SOURCE_DIR "/models/fovea-nano";
constexpr int kWidth = 4;

const Codec& codec() {
  static const Codec opened(kCheckpoint, {.precision = Precision::fp32});
  return opened;
}

const std::string kText =
    "Mr. Bennet was among the earliest of those who waited on Mr. Bingley. He had always intended\n"
    "to visit him, though to the last always assuring his wife that he should not go; and till the\n"
    "evening after the visit was paid she had no knowledge of it. It was then disclosed as follows.\n"
    "\n"
    "    return std::max(begin, end - size);  // exit code 0, 3 of 14 files\n";

VisionTokens seen(Level level) {
  static const Renderer renderer(kCheckpoint);
  const auto pages = renderer.render(kText, Density::d106, level);
  REQUIRE(pages.size() == 1);
  return codec().encode(pages).front();
}

ReadPage read(const VisionTokens& tokens, int width) {
  return codec().decode({&tokens, 1}, width).front();
}

float decoder_of(const ReadPage& page) {
  float sum = 0;
  for (const ReadRow& row : page.rows) sum += row.evidence.decoder;
  return sum;
}

TEST_CASE("beam search: of a coarse page it finds likelier rows than the greedy reading") {
  const VisionTokens tokens = seen(Level::trace);
  const ReadPage greedy = read(tokens, 1), wide = read(tokens, kWidth);
  REQUIRE(wide.rows.size() == greedy.rows.size());
  CHECK(wide.text != greedy.text);
  CHECK(decoder_of(wide) > decoder_of(greedy));
  for (std::size_t row = 0; row < wide.rows.size(); ++row) {
    CHECK(wide.rows[row].text.empty() == greedy.rows[row].text.empty());
    CHECK(wide.rows[row].evidence.decoder <= wide.rows[row].evidence.weakest);
    CHECK(wide.rows[row].confidence >= 0);
    CHECK(wide.rows[row].confidence <= 1);
  }
}

TEST_CASE("beam search: rows are as long as they were, whatever their text") {
  const VisionTokens tokens = seen(Level::faint);
  const ReadPage page = read(tokens, kWidth);
  // All of it is ASCII: a byte a cell.
  for (std::size_t row = 0; row < page.rows.size(); ++row)
    CHECK(static_cast<int>(page.rows[row].text.size()) == tokens.row_lengths[row]);
}

TEST_CASE("beam search: a sharp page reads as it did") {
  const VisionTokens tokens = seen(Level::base);
  CHECK(read(tokens, kWidth).text == kText);
}

TEST_CASE("beam search: wider than needed, twice, and from another codec it is the same") {
  const VisionTokens tokens = seen(Level::trace);
  const Codec other(kCheckpoint, {.precision = Precision::fp32, .beam_width = kWidth});
  const std::string text = read(tokens, kWidth).text;
  CHECK(read(tokens, kWidth).text == text);
  CHECK(other.decode({&tokens, 1}).front().text == text);
  CHECK(other.decode({&tokens, 1}, 1).front().text == read(tokens, 1).text);
}

TEST_CASE("beam search: without row lengths the greedy reading stays") {
  VisionTokens tokens = seen(Level::tiny);
  tokens.row_lengths.clear();
  CHECK(read(tokens, kWidth).text == read(tokens, 1).text);
}

TEST_CASE("beam search: an empty page is empty text") {
  VisionTokens tokens = seen(Level::trace);
  std::ranges::fill(tokens.row_lengths, 0);
  CHECK(read(tokens, kWidth).text.empty());
}

TEST_CASE("beam search: widths that there are not are refused") {
  const VisionTokens tokens = seen(Level::trace);
  for (const int width : {-1, 0, 17}) {
    CHECK_THROWS_WITH_AS(read(tokens, width),
                         doctest::Contains("expected a beam width from 1 to 16"), Error);
    CHECK_THROWS_AS(Codec(kCheckpoint, {.beam_width = width}), Error);
  }
}

}  // namespace
