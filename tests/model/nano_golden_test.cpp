// Vectors and cases: tests/golden/make_nano.py, the training package with the shipped checkpoint.
#include <fstream>
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#undef CHECK  // libtorch's logging has one too
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "fovea/codec.h"
#include "model/checkpoint/checkpoint.h"
#include "model/checkpoint/safetensors.h"
#include "model/reading/line_reader.h"
#include "picture/decoded.h"
#include "picture/file_bytes.h"
#include "tests/model/nano_parts.h"

namespace {

using namespace fovea;
using namespace fovea::test;
using nlohmann::json;

const NanoParts& parts() {
  static const NanoParts opened;
  return opened;
}

json cases() {
  return json::parse(std::ifstream(kFolder + "cases.json"));
}

at::Tensor vector(const json& page, const std::string& name) {
  static const SafetensorsFile file(kFolder + "vectors.safetensors");
  const StoredTensor& stored = file.tensors().at(page["level"].get<std::string>() + "." + name);
  const auto type = stored.type == StoredType::f32  ? at::kFloat
                    : stored.type == StoredType::i8 ? at::kChar
                                                    : at::kLong;
  return at::from_blob(const_cast<std::byte*>(stored.bytes.data()), stored.shape, type);
}

/// Vision tokens as stored, [n, d] float32.
at::Tensor tokens_of(const json& page) {
  return vector(page, "values").to(at::kFloat) * vector(page, "scales");
}

Grid grid_of(const json& page) {
  return fovea::grid_of(density_from_columns(page["columns"]));
}

float largest_difference(const at::Tensor& a, const at::Tensor& b) {
  REQUIRE(a.sizes() == b.sizes());
  return (a - b).abs().max().item<float>();
}

Page drawn(const json& page) {
  const std::string level = page["level"];
  const std::string file = kFolder + level + ".png";
  const Picture picture = decode_png(read_bytes(file), file).picture;
  Page drawn;
  drawn.density = density_from_columns(page["columns"]);
  drawn.level = level_from_name(level);
  for (std::size_t i = 0; i < picture.rgb.size(); i += 3) drawn.pixels.push_back(picture.rgb[i]);
  return drawn;
}

TEST_CASE("nano: vision tokens are those of training, but for what lies between two numbers") {
  const c10::InferenceMode inference;
  const Codec codec(kCheckpoint, {.precision = Precision::fp32});
  for (const json& page : cases()) {
    CAPTURE(page["level"]);
    VisionTokens tokens = codec.encode(std::vector{drawn(page)})[0];
    CHECK(tokens.code.at(0) == page["rate"].get<int>());
    // A value that lies between two numbers may be rounded to either.
    std::vector<float> vectors = codec.vectors(tokens);
    const auto off = at::from_blob(vectors.data(), {tokens.count, tokens.dim}) - tokens_of(page);
    CHECK((off.abs().mean() / tokens_of(page).abs().mean()).item<float>() < 0.02f);
  }
}

TEST_CASE("nano: the glyph reader's features and logits") {
  const c10::InferenceMode inference;
  for (const json& page : cases()) {
    CAPTURE(page["level"]);
    const GlyphReader& glyphs = parts().reader.glyph_reader();
    const auto features = glyphs.features(tokens_of(page).unsqueeze(0), grid_of(page));
    const auto picked = features.index_select(0, vector(page, "cells"));
    CHECK(largest_difference(picked, vector(page, "features")) < 1e-3f);
    CHECK(largest_difference(glyphs.logits(picked), vector(page, "glyphs")) < 5e-3f);
  }
}

TEST_CASE("nano: the decoder's input before the rows") {
  const c10::InferenceMode inference;
  for (const json& page : cases()) {
    CAPTURE(page["level"]);
    const auto prefix = parts().reader.prefixes(tokens_of(page).unsqueeze(0))[0];
    const auto expected = vector(page, "prefix");
    const auto scale = expected.abs().max().item<float>();
    CHECK(largest_difference(prefix.narrow(1, 0, 8), expected) < 1e-5f * scale);
  }
}

TEST_CASE("nano: logits of a row, all its tokens in one pass") {
  const c10::InferenceMode inference;
  for (const json& page : cases()) {
    CAPTURE(page["level"]);
    const LineReader& reader = parts().reader;
    const auto ids = vector(page, "row_ids");
    const int row = page["row"];
    CHECK(reader.position_token(grid_of(page), row) == ids[0].item<std::int64_t>());

    const auto logits =
        reader.row_logits(tokens_of(page), density_from_columns(page["columns"]), row,
                          std::vector<int>(ids.data_ptr<std::int64_t>() + 1,
                                           ids.data_ptr<std::int64_t>() + ids.numel()));
    const auto [top, index] = logits.topk(8);
    CHECK(at::equal(index.select(1, 0), vector(page, "row_top").select(1, 0)));
    CHECK(largest_difference(top, vector(page, "row_top_logits")) < 1e-2f);
    CHECK(largest_difference(at::logsumexp(logits, 1), vector(page, "row_sum")) < 1e-2f);
  }
}

/// Rows of `read` that are as `page` has them.
std::size_t exact_rows(const std::vector<std::string>& read, const json& page) {
  std::size_t exact = 0;
  for (std::size_t i = 0; i < read.size(); ++i) exact += read[i] == page["text"][i].get<std::string>();
  return exact;
}

TEST_CASE("nano: reads what training reads; drafts save passes and mend rows") {
  const c10::InferenceMode inference;
  for (const json& page : cases()) {
    CAPTURE(page["level"]);
    const auto lengths = page["row_lengths"].get<std::vector<int>>();
    const auto density = density_from_columns(page["columns"]);
    int plain_passes = 0;
    std::size_t plain_exact = 0;
    for (const bool draft : {false, true}) {
      ReadingCost cost;
      const auto rows =
          parts().reader.read(tokens_of(page), density, lengths, {.draft = draft}, &cost);
      std::vector<std::string> read;
      for (const RowReading& row : rows) read.push_back(row.text);
      if (!draft) CHECK(read == page["read"].get<std::vector<std::string>>());
      if (draft) CHECK(exact_rows(read, page) >= plain_exact);
      const int least_gain = page["level"] == "faint" ? 1 : 2;  // little is sure there
      if (draft) CHECK(least_gain * cost.passes < plain_passes);
      plain_passes = cost.passes;
      plain_exact = exact_rows(read, page);
    }
  }
}

}  // namespace
