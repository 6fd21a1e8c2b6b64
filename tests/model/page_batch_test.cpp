// Pages in one batch, as a GPU reads and packs them, are what each is by itself. Pictures and texts:
// tests/golden/nano. Needs models/fovea-nano.
#include "tests/model/torch_and_doctest.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <c10/core/InferenceMode.h>
#include <nlohmann/json.hpp>

#include "fovea/codec.h"
#include "model/codec/token_rate.h"
#include "model/reading/line_reader.h"
#include "picture/decoded.h"
#include "picture/file_bytes.h"
#include "tests/model/nano_parts.h"

namespace {

using namespace fovea;
using namespace fovea::test;

constexpr int kSide = 512, kRowsDown = 5, kPixelsDown = 48;  // 5 rows of 9.6 px

struct Parts : NanoParts {
  Parts()
      : codes(load_token_codes(checkpoint, read_token_codes(kCheckpoint + "/config.json"),
                               config.decoder.hidden)),
        code(codes.at(Level::tiny)) {}

  const std::map<Level, TokenCode> codes;
  const TokenCode& code;
};

const Parts& parts() {
  static const Parts opened;
  return opened;
}

/// A page of five rows, and one that has them five rows further down.
struct TwoPages {
  TwoPages() {
    const auto all = nlohmann::json::parse(std::ifstream(kFolder + "cases.json"));
    const auto& page = *std::find_if(all.begin(), all.end(),
                                     [](const auto& one) { return one["level"] == "tiny"; });
    lengths.push_back(page["row_lengths"].template get<std::vector<int>>());
    lengths.push_back(lengths[0]);
    std::rotate(lengths[1].rbegin(), lengths[1].rbegin() + kRowsDown, lengths[1].rend());
    const Picture picture = decode_png(read_bytes(kFolder + "tiny.png"), "tiny.png").picture;
    for (std::size_t i = 0; i < picture.rgb.size(); i += 3) pixels.push_back(picture.rgb[i]);
    const auto gray = at::from_blob(pixels.data(), {kSide, kSide}, at::kByte);
    const auto both = at::stack({gray, gray.roll(kPixelsDown, 0)}).unsqueeze(1).to(at::kFloat);
    tokens = parts().encoder.encode((both / 255.0 - 0.5) / 0.5);
  }

  std::vector<int> all_lengths() const {
    std::vector<int> all = lengths[0];
    all.insert(all.end(), lengths[1].begin(), lengths[1].end());
    return all;
  }

  std::vector<std::uint8_t> pixels;
  std::vector<std::vector<int>> lengths;
  at::Tensor tokens;  ///< [2, 64, d] float32
};

const TwoPages& pages() {
  static const TwoPages made;
  return made;
}

std::vector<std::string> texts_of(const std::vector<RowReading>& rows) {
  std::vector<std::string> texts;
  for (const RowReading& row : rows) texts.push_back(row.text);
  return texts;
}

}  // namespace

TEST_CASE("batch: pages that are read at once are those read one by one") {
  const c10::InferenceMode inference;
  for (const int width : {1, 3}) {
    CAPTURE(width);
    const ReadingOptions options{.beam_width = width};
    const auto read =
        parts().reader.read_pages(pages().tokens, Density::d106, pages().all_lengths(), options);
    REQUIRE(read.size() == 2 * 53);
    CHECK(read[0].text.size() >= 100);
    CHECK(read[0].text == read[53 + kRowsDown].text);
    for (std::size_t page = 0; page < 2; ++page) {
      const auto alone = parts().reader.read(pages().tokens[static_cast<std::int64_t>(page)],
                                             Density::d106, pages().lengths[page], options);
      const std::vector mine(read.begin() + static_cast<std::ptrdiff_t>(53 * page),
                             read.begin() + static_cast<std::ptrdiff_t>(53 * (page + 1)));
      CHECK(texts_of(mine) == texts_of(alone));
      for (std::size_t row = 0; row < alone.size(); ++row)
        CHECK(std::abs(mine[row].confidence - alone[row].confidence) < 1e-3f);
    }
  }
}

TEST_CASE("batch: longer drafts save passes and change no text") {
  const c10::InferenceMode inference;
  std::vector<RowReading> before;
  int passes = 0;
  for (const float at_least : {0.85f, 0.1f}) {
    ReadingCost cost;
    const auto read = parts().reader.read_pages(
        pages().tokens, Density::d106, pages().all_lengths(), {.draft_at_least = at_least}, &cost);
    if (!before.empty()) {
      CHECK(texts_of(read) == texts_of(before));
      CHECK(cost.passes < passes);
    }
    before = read;
    passes = cost.passes;
  }
}

TEST_CASE("batch: where rows end by themselves, pages are read as one by one too") {
  const c10::InferenceMode inference;
  const auto read = parts().reader.read_pages(pages().tokens, Density::d106, {});
  for (std::size_t page = 0; page < 2; ++page) {
    const auto alone =
        parts().reader.read(pages().tokens[static_cast<std::int64_t>(page)], Density::d106, {});
    for (std::size_t row = 0; row < kRowsDown; ++row) {
      const std::size_t at = page * kRowsDown + row;
      CHECK(read[53 * page + at].text == alone[at].text);
    }
  }
}

TEST_CASE("batch: pages packed at once are those packed one by one, each at its rate") {
  const c10::InferenceMode inference;
  const TokenCode& code = parts().code;
  const auto features = at::cat({pages().tokens, at::randn({1, 64, pages().tokens.size(2)})});
  std::vector<std::vector<int>> lengths = pages().lengths;
  lengths.emplace_back(53, 106);  // noise on all rows
  std::vector<PageShape> shapes;
  for (const auto& of_page : lengths) shapes.push_back({Density::d106, of_page});
  const auto rates = choose_rates(code, parts().reader, features, shapes);
  const auto packed = code.pack(features, rates);
  REQUIRE(packed.size() == 3);
  const std::vector<std::span<const std::uint8_t>> bytes(packed.begin(), packed.end());
  const auto unpacked = code.unpack(bytes, 64);
  for (std::size_t i = 0; i < 3; ++i) {
    CAPTURE(i);
    const auto one = static_cast<std::int64_t>(i);
    const auto alone = features.narrow(0, one, 1);
    const std::vector<PageShape> shape{shapes[i]};
    CHECK(choose_rates(code, parts().reader, alone, shape) == std::vector{rates[i]});
    CHECK(packed[i][0] == rates[i]);
    const auto expected = code.rounded(alone, std::vector{rates[i]})[0];
    // A value that lies between two numbers may be rounded to either.
    CHECK(((unpacked[one] - expected).abs().mean() / expected.abs().mean()).item<float>() < 0.01f);
  }
  // A page at another rate than its neighbour.
  const std::vector<std::size_t> others{0, code.rates().size() - 1, 1};
  const auto rounded = code.rounded(features, others);
  for (std::size_t i = 0; i < 3; ++i) {
    const auto one = static_cast<std::int64_t>(i);
    const auto expected = code.rounded(features.narrow(0, one, 1), std::vector{others[i]})[0];
    CHECK(((rounded[one] - expected).abs().mean() / expected.abs().mean()).item<float>() < 0.01f);
  }
}

TEST_CASE("GPU: pages read and packed there are nearly those of the CPU") {
  if (!at::hasCUDA()) return;
  const Codec here(kCheckpoint, {.device = "cpu"}), there(kCheckpoint, {.device = "cuda"});
  std::vector<PagePixels> views;
  const std::vector<std::uint8_t> blank(kSide * kSide, 255);
  for (int i = 0; i < 40; ++i)
    views.push_back({Level::tiny, Density::d106, i % 3 == 2 ? blank : pages().pixels,
                     i % 3 == 2 ? std::vector<int>(53) : pages().lengths[0]});
  const auto tokens = there.encode(views);
  const ReadPage expected = here.decode(here.encode(std::span(views).first(1)))[0];
  const auto read = there.decode(tokens);
  for (std::size_t i = 0; i < views.size(); ++i)
    CHECK(read[i].text == (i % 3 == 2 ? std::string() : read[0].text));
  std::size_t equal = 0;
  for (std::size_t row = 0; row < kRowsDown; ++row)
    equal += read[0].rows[row].text == expected.rows[row].text;
  CHECK(equal + 1 >= kRowsDown);  // bfloat16 may lose a row
  CHECK(here.decode(std::span(tokens).first(1))[0].text.size() >= expected.text.size() - 2);
}
