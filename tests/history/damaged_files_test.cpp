// A parser meets anything: each fault costs at most its own message and is reported with its line.
#include "tests/history/reading.h"

#include <doctest/doctest.h>

#include "history/json_parser.h"
#include "tests/history/packing.h"

using namespace fovea;
using namespace std::string_literals;

namespace {

std::string user(const std::string& text) {
  return R"({"role":"user","content":")" + text + "\"}\n";
}

std::string prompt(const std::string& id, const std::string& text) {
  return R"({"type":"user","sessionId":"s","uuid":")" + id +
         R"(","message":{"role":"user","content":")" + text + "\"}}";
}

}  // namespace

TEST_CASE("damage: a whole record behind a broken one, or behind another, on its line is kept") {
  const std::string stub = R"({"type":"user","sessionId":"s","uuid":"x","message":{"role":"us)";
  const Reading spliced =
      read("s.jsonl", prompt("1", "one") + "\n" + stub + prompt("2", "kept behind") + "\n" +
                          prompt("3", "three") + "\n");
  CHECK(spliced.text == "user:\none\n\nuser:\nkept behind\n\nuser:\nthree\n\n");
  REQUIRE(spliced.broken.size() == 1);
  CHECK(spliced.broken[0].line == 2);
  CHECK(spliced.messages[1].source_id == "2");

  const Reading joined = read("s.jsonl", prompt("1", "one") + prompt("2", "two") + "\n");
  CHECK(joined.text == "user:\none\n\nuser:\ntwo\n\n");
  CHECK(joined.broken.empty());

  const Reading chat = read("c.jsonl", user("a") + R"({"role":"user","content":"cut )" + user("b"));
  CHECK(chat.text == "user:\na\n\nuser:\nb\n\n");
  CHECK(chat.broken.size() == 1);
}

TEST_CASE("damage: a part of a record that is cut off is no record") {
  const Reading reading = read("s.jsonl",
      prompt("1", "one") + "\n" +
          R"({"type":"user","sessionId":"s","message":{"role":"user","content":"inner"},"uuid":"2)" "\n");
  CHECK(reading.text == "user:\none\n\n");
  CHECK(reading.broken.size() == 1);
}

TEST_CASE("damage: NULs in front of, between and behind records cost nothing") {
  const std::string zeros(600, '\0');
  const Reading reading = read("s.jsonl", prompt("1", "one") + zeros + prompt("2", "two") + "\n" +
                                              zeros + prompt("3", "three") + zeros + "\n" + zeros);
  CHECK(reading.text == "user:\none\n\nuser:\ntwo\n\nuser:\nthree\n\n");
  CHECK(reading.broken.empty());
  const Reading list = read("c.json", '[' + user("a") + ",\0\0"s + user("b") + "]");
  CHECK(list.text == "user:\na\n\nuser:\nb\n\n");
  const Reading noise = read("s.jsonl", prompt("1", "one") + "\0 no JSON at all\n"s + prompt("2", "two"));
  CHECK(noise.text == "user:\none\n\nuser:\ntwo\n\n");
  REQUIRE(noise.broken.size() == 1);
  CHECK(noise.broken[0].line == 1);
}

TEST_CASE("numbers: they stand as they were spelled, however large") {
  const std::string arguments =
      R"({"id":123456789012345678901234567890,"price":19.90,"limit":1e999,"low":-1E+400,"none":NaN,"rate":0.1000})";
  std::string quoted;
  for (const char c : arguments) (quoted += c == '"' ? "\\" : "") += c;
  const std::string expected =
      "tool call q:\nid: 123456789012345678901234567890\nprice: 19.90\nlimit: 1e999\n"
      "low: -1E+400\nnone: NaN\nrate: 0.1000\n\n";
  CHECK(read("a.jsonl", R"({"role":"assistant","content":[{"type":"tool_use","id":"t","name":"q","input":)" +
                            arguments + "}]}").text == expected);
  CHECK(read("a.jsonl", R"({"role":"assistant","tool_calls":[{"id":"t","function":{"name":"q","arguments":")" +
                            quoted + "\"}}]}").text == expected);
  CHECK(read("n.txt", "The most:\n1e999\nand no more.").text == "The most:\n1e999\nand no more.");
}

TEST_CASE("depth: a text nested without end is reported by its line, the rest is read") {
  const std::string deep = R"({"role":"user","content":)" + std::string(200'000, '[') + "\n";
  const std::string closed = R"({"role":"user","content":)" + std::string(70'000, '[') +
                             std::string(70'000, ']') + "}\n";
  const Reading reading = read("c.jsonl", user("a") + deep + closed + user("b"));
  CHECK(reading.text == "user:\na\n\nuser:\nb\n\n");
  REQUIRE(reading.broken.size() == 2);
  CHECK(reading.broken[0].line == 2);
  CHECK(reading.broken[1].reason.find("nested deeper than 1000 levels") != std::string::npos);
  std::string objects;
  for (int i = 0; i < 50'000; ++i) objects += "{\"a\":";
  CHECK(read("c.jsonl", user("a") + objects + "\n" + user("b")).messages.size() == 2);
  CHECK(read("deep.json", std::string(100'000, '[')).format == HistoryFormat::text);
}

TEST_CASE("encodings: UTF-16 of either order is read, as a session and as a text") {
  const std::string lines = user("teal heron") + user("second");
  for (const bool little : {true, false}) {
    const std::string mark = little ? "\xFF\xFE" : "\xFE\xFF";
    const Reading chat = read("c.jsonl", mark + utf16(lines, little));
    CHECK(chat.format == HistoryFormat::openai);
    CHECK(chat.text == "user:\nteal heron\n\nuser:\nsecond\n\n");
    CHECK(read("c.jsonl", utf16(lines, little)).text == chat.text);
    CHECK(read("n.txt", mark + utf16("teal heron\r\n", little)).text == "teal heron\r\n");
  }
  // Half a surrogate pair, and a last byte too few.
  CHECK(read("n.txt", "\xFF\xFE" "a\0\x3D\xD8" "b\0c"s).text == "a\xEF\xBF\xBD" "b\xEF\xBF\xBD");
  const Reading joined = read("c.jsonl", "\xEF\xBB\xBF" + lines + "\xEF\xBB\xBF" + lines);
  CHECK(joined.messages.size() == 4);
  CHECK(joined.broken.empty());
}

TEST_CASE("packed: gzip and zstd are read, member by member, within each other and in UTF-16") {
  const std::string a = user("a"), b = user("b");
  const std::string expected = "user:\na\n\nuser:\nb\n\n";
  CHECK(read("c.jsonl.gz", gzipped(a + b)).text == expected);
  CHECK(read("c.jsonl.gz", gzipped(a) + gzipped(b) + std::string(512, '\0')).text == expected);
  CHECK(read("c.jsonl.zst", zstd(a) + "\x50\x2A\x4D\x18\x02\0\0\0xx"s + zstd(b)).text == expected);
  CHECK(read("c.zst", zstd(gzipped(a + b))).text == expected);
  CHECK(read("c.gz", gzipped("\xFF\xFE" + utf16(a + b, true))).text == expected);
  CHECK(read("c.gz", gzipped("plain words\n")).text == "plain words\n");
  CHECK(read("c.gz", gzipped("")).messages.empty());
}

TEST_CASE("packed: damage is reported with its line, what stands before it is kept") {
  std::string text;
  for (unsigned i = 0; i < 60'000; ++i) text += user("message " + std::to_string(i * 2654435761u));
  for (const std::string& packed : {gzipped(text), zstd(text)}) {
    const Reading cut = read("c.jsonl", packed.substr(0, packed.size() / 2));
    CHECK(cut.messages.size() > 500);
    REQUIRE(!cut.broken.empty());
    CHECK(cut.broken[0].reason.find("ends inside a member") != std::string::npos);
    CHECK(cut.broken[0].line >= cut.messages.size());
    std::string hurt = packed;
    for (std::size_t i = hurt.size() / 2; i < hurt.size() / 2 + 40; ++i) hurt[i] ^= 0x5A;
    const Reading damaged = read("c.jsonl", hurt + (packed[0] == '\x1F' ? gzipped(user("last"))
                                                                         : zstd(user("last"))));
    CHECK(!damaged.broken.empty());
    CHECK(damaged.text.ends_with("user:\nlast\n\n"));
  }
}

TEST_CASE("line ends: of every kind between records") {
  std::string all;
  for (const std::string end : {"\r\n", "\r", "\n\r\n", "\n\n", "\x1E", "\v", "\f"}) {
    std::string line = user("x");
    line.pop_back();
    all += line + end;
  }
  const Reading reading = read("c.jsonl", all);
  CHECK(reading.messages.size() == 7);
  CHECK(reading.broken.empty());
}

TEST_CASE("strings: control characters, lone halves of pairs and bad bytes become text") {
  const Reading reading = read("c.jsonl", "{\"role\":\"user\",\"content\":\"tab\there \x1B[31m \\ud83d \\udc00x "
                                          "\xC3( \xED\xA0\x80 \xF0\x9F\x98\x80\"}\n");
  CHECK(reading.broken.empty());
  CHECK(reading.text.starts_with("user:\ntab\there \x1B[31m \xEF\xBF\xBD \xEF\xBF\xBDx \xEF\xBF\xBD( "));
  CHECK(reading.text.ends_with(" \xF0\x9F\x98\x80\n\n"));
}

TEST_CASE("size: one message of 100 MB is read, one of more than 256 MB costs only itself") {
  const std::string large(100'000'000, 'x');
  const Reading reading = read("c.jsonl", user("a") + user(large) + user("b"));
  REQUIRE(reading.messages.size() == 3);
  CHECK(reading.messages[1].text.size() == large.size() + 8);
  CHECK(parse_json('[' + std::string(20'000'000, ' ') + "1]").good());
  std::string many = "[1";
  for (int i = 0; i < 9'000'000; ++i) many += ",1";
  CHECK(parse_json(many + "]").reason.find("more than 8388608 values") != std::string::npos);
}

TEST_CASE("JSON: what is none is said with its column") {
  for (const std::string text : {"", "{", "[1,]", "{\"a\":1,}", "01", "1.", "-", "\"a", "\"\\x\"", "tru",
                                 "{\"a\" 1}", "[1 2]", "\"\\u12\"", "1 2", "{1:2}", "'a'"}) {
    CAPTURE(text);
    const ParsedJson parsed = parse_json(text);
    CHECK(!parsed.good());
    CHECK(parsed.reason.find("at column") != std::string::npos);
  }
  CHECK(parse_json(R"({"b":[1,2.50,{"c":null}],"a":"\u00e9\n"})").value.dump() ==
        "{\"b\":[1,2.50,{\"c\":null}],\"a\":\"\xC3\xA9\\n\"}");
}

TEST_CASE("size: a file of a few bytes is read and reported as any other") {
  for (const std::string bytes : {"7\n", "ab", "{}", "[1]\n"}) {
    CAPTURE(bytes);
    CHECK(read("tiny.txt", bytes, HistoryFormat::text).text == bytes);
    const Reading chat = read("tiny.jsonl", bytes, HistoryFormat::openai);
    CHECK(chat.messages.empty());
    REQUIRE(chat.broken.size() == 1);  // it had been passed over in silence
    CHECK(chat.broken[0].line == 1);
  }
}
