// Vision tokens in a checkpoint's own code. Needs models/fovea-nano.
#include <doctest/doctest.h>

#include "fovea/error.h"
#include "fovea/memory.h"
#include "fovea/renderer.h"
#include "fovea/checkpoint.h"
#include "tests/model/coded_checkpoint.h"

namespace {

using namespace fovea;

const std::string kShipped = FOVEA_SOURCE_DIR "/models/fovea-nano";

const PlainCheckpoint& plain() {
  static const PlainCheckpoint files;
  return files;
}

const Codec& plain_codec() {
  static const Codec codec(plain().folder(), {.precision = Precision::fp32});
  return codec;
}

Page page_of_prose() {
  static const Renderer renderer(kShipped);
  std::string text;
  for (int i = 0; i < 40; ++i)
    text += std::to_string(10000 + i) + " The ships left the harbour before noon, as the keeper wrote.\n";
  return renderer.render(text, Density::d106, Level::tiny).front();
}

const VisionTokens& plain_tokens() {
  static const VisionTokens tokens = plain_codec().encode(std::vector{page_of_prose()}).front();
  return tokens;
}

const CodedCheckpoint& coded() {
  static const CodedCheckpoint files(plain_codec(), plain_tokens(), 0.25f);
  return files;
}

const Codec& codec() {
  static const Codec opened(coded().folder(), {.precision = Precision::fp32});
  return opened;
}

TEST_CASE("token code: a page in few bytes is read back as one of 8 bits a value") {
  const Page page = page_of_prose();
  const VisionTokens tokens = codec().encode(std::vector{page}).front();
  CHECK(tokens.values.empty());
  CHECK(tokens.scales.empty());
  CHECK(tokens.dim == plain_tokens().dim);
  CHECK(byte_count(tokens) < 20'000);  // 8 bits a value: 33,024
  CHECK(accuracy(page.text, codec().decode(std::vector{tokens})[0].text) > 0.97);
  CHECK(accuracy(page.text, codec().glance({&tokens, 1}).front()) > 0.9);
  const std::vector<float> vectors = codec().vectors(tokens);
  CHECK(vectors.size() == static_cast<std::size_t>(tokens.count * tokens.dim));
}

TEST_CASE("token code: levels that the checkpoint has none for keep 8 bits a value") {
  static const Renderer renderer(kShipped);
  const Page page = renderer.render("a short page", Density::d64, Level::faint).front();
  const VisionTokens tokens = codec().encode(std::vector{page}).front();
  CHECK(tokens.code.empty());
  CHECK(tokens.scales.size() == 36);
}

TEST_CASE("token code: a page that is hard to read gets the finer rate") {
  const CodedCheckpoint files(plain_codec(), plain_tokens(), 1.0f, 0.85f, "two_rates");
  const Codec two_rates(files.folder(), {.precision = Precision::fp32});
  static const Renderer renderer(kShipped);
  const auto bytes_of = [&](const std::string& text) {
    const Page page = renderer.render(text, Density::d106, Level::tiny).front();
    const VisionTokens tokens = two_rates.encode(std::vector{page}).front();
    CHECK(two_rates.vectors(tokens).size() == static_cast<std::size_t>(tokens.count * tokens.dim));
    return std::pair{tokens.code.at(0), tokens.code.size()};
  };
  std::string hard;
  std::uint32_t state = 1;
  while (hard.size() < 5000)
    hard += "0123456789abcdefABCDEFGHIJKLMNOPQRSTUVWXYZ+/"[(state = state * 1664525 + 1013904223) / 97'612'894];
  const auto [rate, bytes] = bytes_of(page_of_prose().text);
  const auto [finer, more_bytes] = bytes_of(hard);
  CHECK(rate == 0);
  CHECK(finer == 1);
  CHECK(more_bytes > bytes + 5'000);
  CHECK(bytes_of("one short line").first == 1);  // too little to tell by
}

TEST_CASE("token code: tokens of the same weights without a code are read, and packed") {
  CHECK(codec().reads(plain_tokens()));
  CHECK_FALSE(plain_codec().reads(codec().repack(plain_tokens())));
  CHECK(codec().decode(std::vector{plain_tokens()})[0].text ==
        plain_codec().decode(std::vector{plain_tokens()})[0].text);
  const VisionTokens packed = codec().repack(plain_tokens());
  CHECK(packed.fingerprint == codec().fingerprint());
  CHECK(packed.values.empty());
  CHECK(packed.row_lengths == plain_tokens().row_lengths);
  CHECK(byte_count(packed) < 20'000);
  CHECK(accuracy(page_of_prose().text, codec().decode(std::vector{packed})[0].text) > 0.97);
  CHECK(codec().repack(packed).code == packed.code);
}

TEST_CASE("token code: damaged and foreign codes are refused") {
  const VisionTokens tokens = codec().encode(std::vector{page_of_prose()}).front();
  const auto code_of = [](const VisionTokens& bad) {
    try {
      codec().decode(std::vector{bad});
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::io;
  };
  VisionTokens cut = tokens;
  cut.code.resize(cut.code.size() / 2);
  CHECK(code_of(cut) == ErrorCode::corruption);
  VisionTokens unknown_rate = tokens;
  unknown_rate.code.at(0) = 9;
  CHECK(code_of(unknown_rate) == ErrorCode::corruption);
  VisionTokens longer = tokens;
  longer.code.push_back(0);
  CHECK(code_of(longer) == ErrorCode::corruption);
  VisionTokens eight_bits = plain_tokens();
  eight_bits.fingerprint = tokens.fingerprint;
  CHECK(code_of(eight_bits) == ErrorCode::invalid_argument);
  eight_bits.fingerprint = std::string(64, 'a');
  CHECK(code_of(eight_bits) == ErrorCode::invalid_argument);
  VisionTokens both = tokens;
  both.values = eight_bits.values;
  CHECK(code_of(both) == ErrorCode::invalid_argument);
}

TEST_CASE("token code: tables that are none name file and tensor") {
  CodedCheckpoint files(plain_codec(), plain_tokens(), 0.5f, 0, "spoiled_code");
  CHECK(inspect_checkpoint(files.folder()).misfits.empty());
  files.spoil_frequencies();
  CHECK_THROWS_WITH_AS(Codec(files.folder()), doctest::Contains("token_code.tiny.frequencies"), Error);
}

TEST_CASE("token code: a store keeps the code, counts its bytes, and migrates to it") {
  // With the exact text, and without any: then the tokens themselves are packed.
  Archive archive = Archive::keep;
  SUBCASE("text dropped") { archive = Archive::drop; }
  SUBCASE("text kept") {}
  const CheckpointFiles store("coded_store");
  const auto add = [&](Memory& memory, const std::string& id) {
    MemoryOptions options;
    options.level = Level::tiny;
    options.measured_pages = 0;
    options.archive = archive;
    const std::string text = page_of_prose().text;
    return memory.add({.role = "user", .text = text + text + text, .source_id = id}, options);
  };
  {
    Memory memory(store.path("memory.db"), plain().folder());
    add(memory, "1");
    CHECK(memory.stats().token_bytes == 33'024 * memory.stats().pages);
  }
  Memory memory(store.path("memory.db"), coded().folder());
  const std::size_t before = memory.stats().pages;
  REQUIRE(before > 0);
  CHECK(memory.migrate().pages == before);
  CHECK(memory.stats().token_bytes < 20'000 * before);
  const CompactResult more = add(memory, "2");
  CHECK(more.token_bytes < 20'000 * more.pages);
  CHECK(more.token_bytes > 0);
  const std::string text = page_of_prose().text;
  CHECK(accuracy(text, memory.recall({1}, Source::tokens).at(0).text.substr(0, text.size())) > 0.95);
  CHECK(!memory.search("harbour noon keeper").empty());
  CHECK(memory.verify().empty());
}

}  // namespace
