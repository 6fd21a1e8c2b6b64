// Weights and expected ids: tests/golden/mini_a, see the README there. Its stand-in tokenizer, byte
// b is id b + 3, is written as a tokenizer.json here.
#include "fovea/ocr.h"

#include <doctest/doctest.h>

#include "fovea/error.h"
#include "model/safetensors.h"
#include "model/text_stream.h"
#include "tests/model/checkpoint_files.h"

namespace {

using namespace fovea;
using nlohmann::json;

const std::string kMini = FOVEA_SOURCE_DIR "/tests/golden/mini_a/";
constexpr int kImage = 300;

/// The character that byte-level BPE writes for a byte.
std::string written(int byte, int& next) {
  const bool itself = (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte != 0xAD);
  const int c = itself ? byte : next++;
  if (c < 0x80) return std::string(1, static_cast<char>(c));
  return {static_cast<char>(0xC0 | c >> 6), static_cast<char>(0x80 | (c & 0x3F))};
}

json added(int id, const std::string& content) {
  return {{"id", id},         {"content", content},  {"single_word", false}, {"lstrip", false},
          {"rstrip", false}, {"normalized", false}, {"special", true}};
}

json byte_tokenizer() {
  json vocab = json::object();
  int next = 256;
  for (int byte = 0; byte < 256; ++byte) vocab[written(byte, next)] = byte + 3;
  return {{"version", "1.0"},
          {"added_tokens", {added(kImage, "<image>")}},
          {"normalizer", nullptr},
          {"pre_tokenizer",
           {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", false}}},
          {"post_processor", nullptr},
          {"decoder", {{"type", "ByteLevel"}}},
          {"model", {{"type", "BPE"}, {"vocab", vocab}, {"merges", json::array()}}}};
}

/// mini_a as a whole checkpoint, with a change to its config (RFC 7386).
struct MiniFiles : CheckpointFiles {
  explicit MiniFiles(const json& change = json::object()) : CheckpointFiles("ocr") {
    auto config = json::parse(std::ifstream(kMini + "config.json"));
    config.merge_patch(change);
    write("config.json", config.dump());
    copy(kMini + "model.safetensors", "model.safetensors");
    write("tokenizer.json", byte_tokenizer().dump());
  }
};

/// A change to one of the language model's settings.
json language(const std::string& key, std::int64_t value) {
  return json{{"language_config", json{{key, value}}}};
}

Picture page() { return PictureFile(kMini + "images/page.png").page(1); }

/// The golden ids as text: what the official code answers.
std::string golden_answer(const std::string& name) {
  const SafetensorsFile file(kMini + "vectors.safetensors");
  const auto& tensor = file.tensors().at(name + ".greedy_ids");
  TextStream stream;
  std::string text;
  const auto* ids = reinterpret_cast<const std::int64_t*>(tensor.bytes.data());
  for (int i = 0; i < 24; ++i) {
    const char byte = static_cast<char>(ids[i] - 3);
    if (ids[i] >= 3 && ids[i] < 259) text += stream.take({&byte, 1});
  }
  return text + stream.finish();
}

TEST_CASE("ocr: in every mode the answer is the official code's") {
  const MiniFiles files;
  const Ocr ocr(files.folder(), {.precision = "fp32"});
  const json cases = json::parse(std::ifstream(kMini + "cases.json"))["cases"];
  for (const OcrMode mode :
       {OcrMode::tiny, OcrMode::small, OcrMode::base, OcrMode::large, OcrMode::gundam}) {
    const std::string name(name_of(mode));
    CAPTURE(name);
    std::string streamed;
    OcrOptions options;
    options.mode = mode;
    options.prompt = cases[name]["prompt"];
    options.max_tokens = 24;
    options.on_text = [&](std::string_view text) {
      streamed += text;
      return true;
    };
    const OcrPage read = ocr.read(page(), options);
    CHECK(read.answer == golden_answer(name));
    CHECK(streamed == read.answer);
    CHECK(read.tokens == 24);
    CHECK(read.vision_tokens == cases[name]["image_tokens"].get<int>());
    CHECK(read.end == OcrEnd::by_limit);
    CHECK(read.columns * read.rows == (mode == OcrMode::gundam ? 6 : 1));
  }
}

TEST_CASE("ocr: the model ends an answer by itself, the caller at any time") {
  const MiniFiles files;
  const Ocr ocr(files.folder(), {.precision = "fp32"});
  OcrOptions options;
  options.mode = OcrMode::tiny;
  options.prompt = "free";
  options.max_tokens = 24;
  const std::string whole = ocr.read(page(), options).answer;

  int calls = 0;
  options.on_text = [&](std::string_view) { return ++calls < 5; };
  const OcrPage part = ocr.read(page(), options);
  CHECK(part.end == OcrEnd::by_caller);
  CHECK(part.tokens == 4);
  CHECK(whole.starts_with(part.answer));
  options.on_text = [](std::string_view) { return false; };
  CHECK(ocr.read(page(), options).tokens == 0);

  // The model's third token, declared to be the end.
  const SafetensorsFile file(kMini + "vectors.safetensors");
  const auto& golden = file.tensors().at("tiny.greedy_ids");
  const auto third = reinterpret_cast<const std::int64_t*>(golden.bytes.data())[2];
  const MiniFiles ending(language("eos_token_id", third));
  options.on_text = nullptr;
  const OcrPage ended = Ocr(ending.folder(), {.precision = "fp32"}).read(page(), options);
  CHECK(ended.end == OcrEnd::by_model);
  CHECK(ended.tokens == 2);
}

TEST_CASE("ocr: a context that is used up ends the answer as a limit does") {
  const MiniFiles files(language("max_position_embeddings", 90));
  OcrOptions options;
  options.mode = OcrMode::tiny;
  options.prompt = "free";
  const OcrPage read = Ocr(files.folder(), {.precision = "fp32"}).read(page(), options);
  CHECK(read.end == OcrEnd::by_limit);
  CHECK(read.tokens == 6);  // after 1 + 73 + 10
}

TEST_CASE("ocr: what cannot be read is refused with a reason") {
  CHECK_THROWS_WITH_AS(Ocr("/nowhere"), doctest::Contains("/nowhere does not exist"), Error);
  CHECK_THROWS_WITH_AS(Ocr(FOVEA_SOURCE_DIR "/models/fovea-nano"), doctest::Contains("--model DIR"),
                       Error);
  CHECK_THROWS_WITH_AS(Ocr{kMini}, doctest::Contains("tokenizer.json does not exist"), Error);

  const MiniFiles files;
  files.write("tokenizer.json", [] {
    json tokenizer = byte_tokenizer();
    tokenizer["added_tokens"][0]["id"] = 384;
    return tokenizer.dump();
  }());
  CHECK_THROWS_WITH_AS(Ocr(files.folder()), doctest::Contains("vocab_size 384"), Error);

  const auto config = files.read("config.json");
  auto other = json::parse(config);
  other["image_token_id"] = kImage + 1;
  files.write("config.json", other.dump());
  files.write("tokenizer.json", byte_tokenizer().dump());
  CHECK_THROWS_WITH_AS(Ocr(files.folder()), doctest::Contains("another model's tokenizer"), Error);
  files.write("config.json", config);

  files.write("tokenizer.json", byte_tokenizer().dump());
  const Ocr ocr(files.folder());
  OcrOptions options;
  options.max_tokens = 0;
  CHECK_THROWS_AS(ocr.read(page(), options), Error);
  options = {};
  options.prompt = "documnet";
  CHECK_THROWS_AS(ocr.read(page(), options), Error);
  options = {};
  options.mode = OcrMode::base;
  const Picture line{1, 4000, std::vector<std::uint8_t>(12000)};
  CHECK_THROWS_AS(ocr.read(line, options), Error);
}

}  // namespace
