// Counting rules of models/targets.json, against the numbers that the providers and those who
// measured them give.

#include "context/image_tokens.h"

#include <doctest/doctest.h>

#include "fovea/error.h"
#include "fovea/level.h"

using namespace fovea;

namespace {

const Targets& targets() {
  static const Targets read = Targets::read(FOVEA_SOURCE_DIR "/models/targets.json");
  return read;
}

int tokens(const char* target, int width, int height) {
  return see_image(targets().find(target)->count, width, height).tokens;
}

ErrorCode code_of(const char* json) {
  try {
    Targets::parse(json, "test");
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::io;
}

}  // namespace

TEST_CASE("targets: numbers that do not fit, or are none, are damage") {
  const auto code = [](const std::string& count) {
    return code_of((R"({"format": 1, "version": "1", "targets": {"a": {"pages": "redrawn", "count": )" +
                    count + "}}}")
                       .c_str());
  };
  CHECK(code(R"({"kind": "flat", "tokens": 258})") == ErrorCode::io);  // none
  for (const char* tokens : {"-1", "4294967554", "1e300", "2.5", "1e999", "\"258\"", "null"})
    CHECK(code(std::string(R"({"kind": "flat", "tokens": )") + tokens + "}") ==
          ErrorCode::corruption);
  CHECK(code(R"({"kind": "area", "per_megapixel": -1})") == ErrorCode::corruption);
  CHECK(code(std::string(70'000, '[')) == ErrorCode::corruption);
}

TEST_CASE("targets: rates that would break a budget, other types and other keys are named") {
  const auto said = [](const std::string& text) -> std::string {
    try {
      Targets::parse(text, "test");
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::corruption);
      return error.what();
    }
    return "";
  };
  const auto target = [&](const std::string& inner) {
    return said(R"({"format": 1, "version": "1", "targets": {"a": {"pages": "never", )" + inner +
                "}}}");
  };
  CHECK(target(R"("text": {"words": 1.25, "symbols": 0})").empty());
  for (const char* rate : {"-1", "-0.001", "1000.5", "\"2\"", "null", "[]"}) {
    CAPTURE(rate);
    CHECK(target(R"("text": {"words": )" + std::string(rate) + "}").find("words") !=
          std::string::npos);
  }
  CHECK(target(R"("text": {"wrods": 1})") ==
        "test: target a: \"text\": \"wrods\" is not known; known are words, digits, accents, "
        "letters, ideographs, wide_signs, kana_hangul, symbols");
  CHECK(target(R"("text": 3)").find("\"text\": expected an object") != std::string::npos);
  CHECK(target(R"("limits": {"image": 3})").find("\"image\" is not known") != std::string::npos);
  CHECK(target(R"("page": "never")").find("the target: \"page\" is not known") !=
        std::string::npos);
  for (const char* all : {"[]", "{}", "3", "null"}) {
    CAPTURE(all);
    CHECK(said(R"({"format": 1, "version": "1", "targets": )" + std::string(all) + "}")
              .find("\"targets\": expected an object") != std::string::npos);
  }
  for (const char* file : {"[]", "3", "{}"})
    CHECK(said(file).find("expected an object with format") != std::string::npos);
}

TEST_CASE("image tokens: a rule's numbers may be as large as they like") {
  const auto count = [](const std::string& rule) {
    const std::string file = R"({"format": 1, "version": "1", "targets": {"a": {"pages": "redrawn",
                                 "count": )" + rule + "}}}";
    return see_image(Targets::parse(file, "test").find("a")->count, 1280, 1280).tokens;
  };
  CHECK(count(R"({"kind": "tiles", "tile": 1, "base": 7, "per_tile": 1000000000})") == 2'147'483'647);
  CHECK(count(R"({"kind": "grid", "patch": 1, "row_end": 1000000000, "view_end": 1})") ==
        2'147'483'647);
  CHECK(count(R"({"kind": "area", "per_megapixel": 1e300})") == 2'147'483'647);
  CHECK(count(R"({"kind": "patches", "patch": 1, "factor": 1e300})") == 2'147'483'647);
}

TEST_CASE("image tokens: a page costs our own codec the vision tokens of its level") {
  for (const Level level : kLevels)
    CHECK(tokens("fovea", side_of(level), side_of(level)) == token_count(level));
}

TEST_CASE("image tokens: DeepSeek-OCR counts the ends of rows and view") {
  CHECK(tokens("deepseek-ocr", 512, 512) == 73);
  CHECK(tokens("deepseek-ocr", 640, 640) == 111);
  CHECK(tokens("deepseek-ocr", 1024, 1024) == 273);
  CHECK(tokens("deepseek-ocr", 1280, 1280) == 421);
}

TEST_CASE("image tokens: OpenAI's tiles are counted after the picture is shrunk") {
  CHECK(tokens("gpt-4o", 512, 512) == 85 + 170);
  CHECK(tokens("gpt-4o", 1024, 1024) == 765);   // 768 x 768: four tiles
  CHECK(tokens("gpt-4o", 2048, 4096) == 1105);  // 768 x 1536: six tiles
  CHECK(tokens("gpt-5", 1024, 1024) == 70 + 4 * 140);
  CHECK(tokens("o1", 1024, 1024) == 75 + 4 * 150);
  CHECK(tokens("gpt-4o-mini", 1024, 1024) == 2833 + 4 * 5667);
  CHECK(see_image(targets().find("gpt-4o")->count, 1280, 1280).scale == doctest::Approx(0.6));
}

TEST_CASE("image tokens: OpenAI's patches are capped, then multiplied") {
  CHECK(tokens("gpt-4.1-mini", 1024, 1024) == 1659);      // 1024 patches x 1.62
  CHECK(tokens("gpt-5-nano", 1024, 1024) == 2520);        // x 2.46
  CHECK(tokens("o4-mini", 1024, 1024) == 1762);           // x 1.72
  CHECK(tokens("o4-mini", 1800, 2400) == 2498);           // 33 x 44 = 1452 patches
  CHECK(tokens("gpt-5.4", 1024, 1024) == 1229);           // as measured
  CHECK(tokens("gpt-5.4", 4000, 4000) <= 2450);
  CHECK(tokens("openai-patches-5.4-original", 1280, 1280) == 1600);
  CHECK(tokens("openai-patches-5.4-original", 6400, 6400) == 10000);
}

TEST_CASE("image tokens: Anthropic counts patches of 28 px within its tier") {
  CHECK(tokens("anthropic", 1092, 1092) == 39 * 39);
  CHECK(tokens("anthropic", 1280, 1280) == 39 * 39);  // 46 x 46 would be more than 1,568
  CHECK(tokens("anthropic-high", 1280, 1280) == 46 * 46);
  CHECK(tokens("anthropic-high", 2576, 2576) <= 4784);
  CHECK(see_image(targets().find("anthropic")->count, 1280, 1280).scale ==
        doctest::Approx(1092.0 / 1280));
}

TEST_CASE("image tokens: Gemini counts tiles of 768 px, Gemini 3 by resolution alone") {
  CHECK(tokens("gemini-2", 384, 384) == 258);
  CHECK(tokens("gemini-2", 768, 768) == 258);
  CHECK(tokens("gemini-2.5-pro", 1280, 1280) == 4 * 258);
  CHECK(tokens("gemini-3-low", 1280, 1280) == 280);
  CHECK(tokens("gemini-3-medium", 1280, 1280) == 560);
  CHECK(tokens("gemini-3", 512, 512) == 1120);
  CHECK(tokens("gemini-3-ultra", 512, 512) == 2240);
}

TEST_CASE("image tokens: Qwen rounds sides to patches and keeps between 4 and 16,384 of them") {
  CHECK(tokens("qwen2-vl", 1280, 1280) == 46 * 46);
  CHECK(tokens("qwen2.5-vl", 640, 640) == 23 * 23);
  CHECK(tokens("qwen3-vl", 640, 640) == 20 * 20);
  CHECK(tokens("qwen3-vl", 32, 32) == 4);
  CHECK(tokens("qwen3-vl", 8192, 8192) == 16384);
}

TEST_CASE("image tokens: Grok counts the area") {
  CHECK(tokens("grok", 1000, 1000) == 1000);
  CHECK(tokens("grok", 1280, 1280) == 1639);
}

TEST_CASE("targets: a target is found by its name, a model by its family") {
  CHECK(targets().find("gpt-5-mini")->name == "openai-patches-mini");
  CHECK(targets().find("anthropic")->limits.images == 100);
  CHECK(targets().find("anthropic")->limits.side == 2000);
  CHECK(targets().find("fovea")->limits.images == TargetLimits::kNone);
  CHECK_FALSE(targets().version().empty());
  const std::pair<const char*, const char*> models[] = {
      {"gpt-4o", "openai-tiles"},
      {"GPT-4o", "openai-tiles"},
      {"gpt-4o-2024-11-20", "openai-tiles"},
      {"openai/gpt-4o", "openai-tiles"},
      {"gpt-4o-mini-2024-07-18", "openai-tiles-4o-mini"},
      {"gpt-4.1-2025-04-14", "openai-tiles"},
      {"gpt-5.1", "openai-tiles-5"},
      {"gpt-5-codex", "openai-tiles-5"},
      {"gpt-5.4", "openai-patches-5.4"},
      {"o3-2025-04-16", "openai-tiles-o"},
      {"o3-mini", "text"},
      {"gpt-4-0613", "text"},
      {"claude-sonnet-4-5", "anthropic"},
      {"claude-3-5-haiku-20241022", "anthropic"},
      {"us.anthropic.claude-opus-4-1-20250805-v1:0", "anthropic"},
      {"gemini-3-pro-preview", "gemini-3"},
      {"models/gemini-2.5-flash", "gemini-2"},
      {"gemini-3-low", "gemini-3-low"},
      {"grok-4", "grok"},
      {"Qwen/Qwen2.5-VL-7B-Instruct", "qwen2.5-vl"},
      {"Qwen/Qwen3-32B", "text"},
      {"meta-llama/Llama-4-Scout", "text"},
      {"deepseek-chat", "text"},
      {"deepseek-ocr", "deepseek-ocr"}};
  for (const auto& [model, target] : models) {
    CAPTURE(model);
    REQUIRE(targets().find(model));
    CHECK(targets().find(model)->name == target);
  }
}

TEST_CASE("targets: a model that nobody has counted for is known to be unknown") {
  for (const char* model : {"nobody", "gpt", "gpt-4omni", "claudette", ""})
    CHECK_MESSAGE(!targets().find(model), model);
  CHECK(targets().text().pages == Target::Pages::never);
  CHECK(targets().names().find("qwen3-vl") != std::string::npos);
}

TEST_CASE("targets: a file that is damaged or newer is refused") {
  CHECK(code_of("{") == ErrorCode::corruption);
  CHECK(code_of(R"({"format": 2, "version": "x", "targets": {}})") == ErrorCode::unsupported);
  CHECK(code_of(R"({"format": 1, "version": "x", "targets": {"a": {"pages": "redrawn"}}})") ==
        ErrorCode::corruption);
  CHECK(code_of(R"({"format": 1, "version": "x", "targets": {"a": {"pages": "redrawn",
                    "count": {"kind": "moon"}}}})") == ErrorCode::unsupported);
  CHECK(code_of(R"({"format": 1, "version": "x", "targets": {"a": {"pages": "redrawn",
                    "count": {"kind": "tiles", "tile": 0, "base": 1, "per_tile": 1}}}})") ==
        ErrorCode::corruption);
}
