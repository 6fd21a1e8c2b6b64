// Tokenizers and cases: tests/golden/make_tokenizer_cases.py.
#include "model/tokenizer/tokenizer.h"

#include <doctest/doctest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "fovea/error.h"
#include "tests/temporary_folder.h"

namespace {

using fovea::Tokenizer;
using nlohmann::json;

const std::string kFolder = FOVEA_SOURCE_DIR "/tests/golden/tokenizer/";

json read(const std::string& name) {
  return json::parse(std::ifstream(kFolder + name));
}

/// What opening a file with this text gives; the file is removed again.
std::string error_of(const std::string& text, fovea::ErrorCode code) {
  const fovea::test::Folder folder("tokenizer");
  const std::string path = folder.file("tokenizer.json");
  std::ofstream(path) << text;
  std::string message = "no error";
  try {
    Tokenizer{path};
  } catch (const fovea::Error& error) {
    message = error.what();
    CHECK(error.code() == code);
    CHECK(message.find(path) != std::string::npos);
  }
  return message;
}

/// The same for digits.json with a change (RFC 7386).
std::string error_of_change(const char* patch, fovea::ErrorCode code) {
  json document = read("digits.json");
  document.merge_patch(json::parse(patch));
  return error_of(document.dump(), code);
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("tokenizer: gives the ids of the tokenizers package") {
  for (const std::string name : {"deepseek", "digits"}) {
    const Tokenizer tokenizer(kFolder + name + ".json");
    for (const json& expected : read("cases.json")) {
      const auto text = expected["text"].get<std::string>();
      CAPTURE(name);
      CAPTURE(text);
      const std::vector<int> ids = tokenizer.encode(text);
      CHECK(ids == expected[name].get<std::vector<int>>());
      CHECK(tokenizer.decode(ids) == text);
    }
  }
}

TEST_CASE("tokenizer: any bytes come back exactly") {
  const Tokenizer tokenizer(kFolder + "deepseek.json");
  for (const std::string& text : {
           std::string("\xff"),
           std::string("abc\x80\x80 def\xc3"),           // a cut character at the end
           std::string("\xe2\x82<td>\xe2\x82\xac"),      // a cut one before an added token
           std::string("\xed\xa0\x80 surrogate"),        //
           std::string("\xc0\xaf\xf8\x88\x80\x80\x80"),  // overlong forms
           std::string("zero \0 byte", 11),
       }) {
    CAPTURE(text);
    CHECK(tokenizer.decode(tokenizer.encode(text)) == text);
  }
  std::string all;
  for (int byte = 255; byte >= 0; --byte) all += static_cast<char>(byte);
  CHECK(tokenizer.decode(tokenizer.encode(all)) == all);
}

TEST_CASE("tokenizer: of added tokens the leftmost and longest is taken, also inside words") {
  const Tokenizer tokenizer(kFolder + "deepseek.json");
  const auto one = [&](const char* text) {
    const auto ids = tokenizer.encode(text);
    REQUIRE(ids.size() == 1);
    return ids[0];
  };
  const int longer = one("<|long|>er");
  CHECK(tokenizer.bytes_of(longer) == "<|long|>er");
  CHECK(tokenizer.encode("<|long|>er")[0] != one("<|long|>"));
  CHECK(tokenizer.encode("x<td>y") == std::vector{one("x"), one("<td>"), one("y")});
}

TEST_CASE("tokenizer: ids without a token stand for nothing") {
  const Tokenizer tokenizer(kFolder + "digits.json");
  CHECK(tokenizer.bytes_of(-1).empty());
  CHECK(tokenizer.bytes_of(tokenizer.size()).empty());
  CHECK(tokenizer.decode(std::vector{tokenizer.size() + 100}).empty());
}

TEST_CASE("tokenizer: errors name the file and the key") {
  using fovea::ErrorCode;
  CHECK_THROWS_WITH_AS(Tokenizer{"/nowhere/tokenizer.json"},
                       doctest::Contains("/nowhere/tokenizer.json"), fovea::Error);
  CHECK(holds(error_of("{\"model\": ", ErrorCode::corruption), "not valid JSON"));
  CHECK(holds(error_of("[]", ErrorCode::corruption), "object"));

  const auto corrupt = [](const char* patch) {
    return error_of_change(patch, ErrorCode::corruption);
  };
  CHECK(holds(corrupt(R"({"model": {"vocab": null}})"), "model.vocab is missing"));
  CHECK(holds(corrupt(R"({"model": {"vocab": {"a": -3}}})"), "model.vocab[\"a\"]"));
  CHECK(holds(corrupt(R"({"model": {"merges": ["ab"]}})"), "model.merges[0]"));
  CHECK(holds(corrupt(R"({"model": {"merges": [["a", "nowhere"]]}})"), "\"nowhere\""));
  CHECK(holds(corrupt(R"({"added_tokens": [{"id": 5}]})"), "added_tokens[0].content"));
  CHECK(holds(corrupt(R"({"model": {"vocab": {"a": 1048576}}})"), "should be a token id"));
  CHECK(holds(corrupt(R"({"model": {"vocab": {"heron": 5, "egret": 5}}})"), "id 5 is of two tokens"));
  CHECK(holds(corrupt(R"({"added_tokens": [{"id": 5, "content": "<|heron|>"}]})"),
              "id 5 is of two tokens"));
  CHECK(holds(error_of(std::string(70'000, '['), ErrorCode::corruption), "nests more than 1000"));

  const auto unknown = [](const char* patch) {
    return error_of_change(patch, ErrorCode::unsupported);
  };
  CHECK(holds(unknown(R"({"model": {"type": "Unigram"}})"), "model.type is \"Unigram\""));
  CHECK(holds(unknown(R"({"model": {"vocab": {"a": null}}})"), "the byte 97"));
  CHECK(holds(unknown(R"({"normalizer": {"type": "NFC"}})"), "normalizer"));
  CHECK(holds(unknown(R"({"pre_tokenizer": {"type": "Metaspace"}})"), "is \"Metaspace\""));
  CHECK(holds(unknown(R"({"pre_tokenizer": {"pretokenizers": []}})"), "does not end in ByteLevel"));
  CHECK(holds(unknown(R"({"pre_tokenizer": {"pretokenizers": [
                {"type": "Split", "pattern": {"Regex": "(a"}, "behavior": "Isolated"},
                {"type": "ByteLevel", "add_prefix_space": false}]}})"),
              "\"(a\" at byte 2"));
  // It would match one byte of a character.
  CHECK(holds(unknown(R"({"pre_tokenizer": {"pretokenizers": [
                {"type": "Split", "pattern": {"Regex": "\\C"}, "behavior": "Isolated"},
                {"type": "ByteLevel", "add_prefix_space": false}]}})"),
              "the regular expression"));
}

}  // namespace
