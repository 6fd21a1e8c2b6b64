// Weights and expected ids: tests/golden/mini_a, see the README there.
#include "fovea/ocr.h"

#include <doctest/doctest.h>

#include "fovea/error.h"
#include "model/checkpoint/safetensors.h"
#include "model/tokenizer/text_stream.h"
#include "tests/model/mini_checkpoint.h"

namespace {

using namespace fovea;
using nlohmann::json;

/// A change to one of the language model's settings.
json language(const std::string& key, std::int64_t value) {
  return json{{"language_config", json{{key, value}}}};
}

Picture page() { return PictureFile(kMini + "images/page.png").page(1); }

TEST_CASE("ocr: in every mode the answer is the official code's") {
  const MiniFiles files;
  const Ocr ocr(files.folder(), {.precision = Precision::fp32});
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
  const Ocr ocr(files.folder(), {.precision = Precision::fp32});
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
  const OcrPage ended = Ocr(ending.folder(), {.precision = Precision::fp32}).read(page(), options);
  CHECK(ended.end == OcrEnd::by_model);
  CHECK(ended.tokens == 2);
}

TEST_CASE("ocr: a context that is used up ends the answer as a limit does") {
  const MiniFiles files(language("max_position_embeddings", 90));
  OcrOptions options;
  options.mode = OcrMode::tiny;
  options.prompt = "free";
  const OcrPage read = Ocr(files.folder(), {.precision = Precision::fp32}).read(page(), options);
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
