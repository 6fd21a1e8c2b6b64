#include "core/read_json.h"

#include <doctest/doctest.h>

namespace {

using fovea::Error;
using fovea::read_json;
using fovea::whole_number;
using nlohmann::json;

std::string refusal(const std::string& text) {
  try {
    read_json<json>(text, "some.json");
  } catch (const Error& error) {
    CHECK(error.code() == fovea::ErrorCode::corruption);
    return error.what();
  }
  return "";
}

std::string nested(int levels) {
  return std::string(levels, '[') + std::string(levels, ']');
}

TEST_CASE("JSON files: up to a thousand levels are read, more are refused with their line") {
  CHECK(refusal(nested(1000)) == "");
  CHECK(refusal("{\n\"a\": " + nested(1000) + "}") ==
        "some.json: line 2 nests more than 1000 lists and objects");
  CHECK(refusal(std::string(1'000'000, '[')) ==
        "some.json: line 1 nests more than 1000 lists and objects");
  std::string objects;
  for (int i = 0; i < 70'000; ++i) objects += "{\"a\":";
  CHECK(refusal(objects) == "some.json: line 1 nests more than 1000 lists and objects");
}

TEST_CASE("JSON files: brackets in strings nest nothing") {
  CHECK(read_json<json>("[\"" + std::string(2000, '[') + "\\\"{\"]", "x")[0].get<std::string>() ==
        std::string(2000, '[') + "\"{");
}

TEST_CASE("JSON files: what is no JSON is said with file and place, in words") {
  CHECK(refusal("{\"a\": ").starts_with(
      "some.json: not valid JSON: parse error at line 1, column 7: "));
  CHECK(refusal("[1e999]") == "some.json: not valid JSON: number overflow parsing '1e999'");
  CHECK(refusal("[\"\xff\"]").find("ill-formed UTF-8") != std::string::npos);
  CHECK(refusal("").starts_with("some.json: not valid JSON: "));
}

TEST_CASE("whole numbers: none is cut to fit, fractions and other types are none") {
  CHECK(whole_number(json(7), 0, 10) == 7);
  CHECK(whole_number(json(-7), -10, 10) == -7);
  CHECK(!whole_number(json(11), 0, 10));
  CHECK(!whole_number(json(-1), 0, 10));
  CHECK(!whole_number(json(4'294'967'402), 0, 1000));          // 106 in 32 bits
  CHECK(!whole_number(json(UINT64_MAX), INT64_MIN, INT64_MAX));  // -1 in 64 bits
  CHECK(whole_number(json(INT64_MAX), 0, INT64_MAX) == INT64_MAX);
  CHECK(!whole_number(json(7.0), 0, 10));
  CHECK(!whole_number(json(1e300), 0, INT64_MAX));
  CHECK(!whole_number(json("7"), 0, 10));
  CHECK(!whole_number(json(true), 0, 10));
}

}  // namespace
