// JSON as transcripts have it: what is parsed is written again as it stood, and no text is parsed
// that another parser refuses.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <random>
#include <string>

#include "history/json_parser.h"

using namespace fovea;
using Json = nlohmann::ordered_json;
using Random = std::mt19937;

namespace {

std::size_t below(Random& random, std::size_t count) { return random() % count; }

std::string some_text(Random& random) {
  const std::vector<std::string> pieces = {"a",      "\"",   "\\", "/",      "\n",  "\t",
                                           "\x01",   "\x1f", "é",  "\u4f60", "😅",   " ",
                                           "\u2028", "{",    "]",  ":",      "\x7f"};
  std::string text;
  for (std::size_t left = below(random, 6); left > 0; --left)
    text += pieces[below(random, pieces.size())];
  return text;
}

Json some_value(Random& random, int depth) {
  switch (below(random, depth > 0 ? 8 : 6)) {
    case 0: return nullptr;
    case 1: return below(random, 2) == 0;
    case 2: return static_cast<std::int64_t>(random()) - (1LL << 31);
    case 3: return static_cast<double>(random()) / 64 - 1e6;
    case 4:
    case 5: return some_text(random);
    case 6: {
      Json list = Json::array();
      for (std::size_t left = below(random, 4); left > 0; --left)
        list.push_back(some_value(random, depth - 1));
      return list;
    }
    default: {
      Json object = Json::object();
      for (std::size_t left = below(random, 4); left > 0; --left)
        object[some_text(random)] = some_value(random, depth - 1);
      return object;
    }
  }
}

}  // namespace

TEST_CASE("JSON: what another library writes is read and written again as the same value") {
  Random random(1);
  for (int round = 0; round < 2000; ++round) {
    const Json value = some_value(random, 4);
    const std::string text = value.dump(below(random, 2) == 0 ? -1 : 2);
    CAPTURE(text);
    const ParsedJson parsed = parse_json(text);
    REQUIRE(parsed.good());
    CHECK(parsed.end == text.size());
    CHECK(Json::parse(parsed.value.dump()) == value);
    CHECK(parse_json(parsed.value.dump()).value.dump() == parsed.value.dump());
  }
}

TEST_CASE("JSON: a changed byte is refused, or read as others read it") {
  Random random(2);
  for (int round = 0; round < 4000; ++round) {
    std::string text = some_value(random, 3).dump();
    const std::size_t at = below(random, text.size());
    if ((text[at] & 0x80) != 0) continue;  // others refuse what is not UTF-8
    text[at] = "\"\\{}[]:,x0-. "[below(random, 13)];
    CAPTURE(text);
    const Json others = Json::parse(text, nullptr, false);
    const ParsedJson parsed = parse_json(text);
    if (!others.is_discarded()) {
      REQUIRE(parsed.good());
      CHECK(Json::parse(parsed.value.dump()) == others);
    } else {
      CHECK(!parsed.good());
      CHECK(parsed.reason.find("at column ") != std::string::npos);
    }
  }
}

TEST_CASE("JSON: the beginning of a document is none, and says where it ends") {
  const std::string text = R"({"a": [1, {"b": "c\u00e9"}, -2.5e3], "d": true, "e": null})";
  for (std::size_t end = 0; end < text.size(); ++end) {
    CAPTURE(end);
    const ParsedJson part = parse_json(text.substr(0, end));
    CHECK(!part.good());
    CHECK(part.end <= end);
    CHECK(part.value.is_null());
  }
}

TEST_CASE("JSON: numbers keep their spelling, and what is no number is refused") {
  for (const std::string number :
       {"0", "-0", "19.90", "1e5", "1E+5", "1e-05", "123456789012345678901234567890",
        "0.1000000000000000055511151231257827", "NaN", "Infinity", "-Infinity"}) {
    CAPTURE(number);
    CHECK(parse_json(number).value.spelling() == number);
    CHECK(parse_json("[" + number + "]").value.dump() == "[" + number + "]");
  }
  for (const std::string wrong :
       {"01", "-", "+1", ".5", "1.", "1e", "1e+", "0x10", "--1", "1 2", "-NaN", "Inf", "1_000"}) {
    CAPTURE(wrong);
    CHECK(!parse_json(wrong).good());
  }
}

TEST_CASE("JSON: a key that comes twice is there twice, and its last value counts") {
  const JsonValue value = parse_json(R"({"a": 1, "b": "x", "a": "two"})").value;
  CHECK(value.members().size() == 3);
  CHECK(value.text_at("a") == "two");
  CHECK(value.contains("b"));
  CHECK(!value.contains("c"));
  CHECK(value["c"].is_null());
  CHECK(value.first_text({"c", "b", "a"}) == "x");
  CHECK(value.first_text({"c"}) == "");
  CHECK(value.dump() == R"({"a":1,"b":"x","a":"two"})");
}

TEST_CASE("JSON: asked for what it is not, a value has none") {
  const JsonValue number(JsonValue::Number{"5"});
  CHECK(number.text() == "");
  CHECK(number.elements().empty());
  CHECK(number.members().empty());
  CHECK(number["a"].is_null());
  CHECK(!number.contains("a"));
  CHECK(!number.is_true());
  CHECK(JsonValue(false).is_false());
  CHECK(JsonValue("5").spelling() == "");
}

TEST_CASE("JSON: halves of pairs and bad bytes become U+FFFD, whole pairs a character") {
  const std::string bad = "\xEF\xBF\xBD";
  CHECK(parse_json(R"("\ud83d\ude05")").value.text() == "😅");
  CHECK(parse_json(R"("\ud83d")").value.text() == bad);
  CHECK(parse_json(R"("\ude05\ud83d")").value.text() == bad + bad);
  CHECK(parse_json(R"("\ud83dx\ude05")").value.text() == bad + "x" + bad);
  CHECK(parse_json(R"("\ud83d\u0041")").value.text() == bad + "A");
  CHECK(parse_json("\"a\xff\xc3\"").value.text() == "a" + bad + bad);
  CHECK(!parse_json(R"("\u12g4")").good());
  CHECK(!parse_json(R"("\u123")").good());
  CHECK(!parse_json(R"("\x")").good());
}

TEST_CASE("JSON: at the front of a text a value ends where it does") {
  for (const auto& [text, end] :
       {std::pair("{\"a\": 1}{\"b\": 2}", 8), {"[1] rest", 3}, {"\"x\" : 5", 3}, {"12,", 2}}) {
    CAPTURE(text);
    const ParsedJson parsed = parse_json_at_front(text);
    CHECK(parsed.good());
    CHECK(parsed.end == static_cast<std::size_t>(end));
    CHECK(!parse_json(text).good());
  }
  CHECK(!parse_json_at_front("01").good());
  CHECK(!parse_json_at_front("-").good());
}

TEST_CASE("JSON: a thousand levels are read, one more is refused by its column") {
  const auto nested = [](std::size_t levels) {
    return std::string(levels, '[') + std::string(levels, ']');
  };
  CHECK(parse_json(nested(kMostJsonLevels)).good());
  const ParsedJson deep = parse_json(nested(kMostJsonLevels + 1));
  CHECK(deep.reason == "nested deeper than 1000 levels at column 1001");
  CHECK(parse_json(nested(100'000)).end == kMostJsonLevels);
}
