// What of a value nobody reads: names of programs, times, bytes; and how the rest is shown.
#include "history/readable.h"

#include <doctest/doctest.h>

#include "history/json_parser.h"
#include "history/parts.h"

using namespace fovea;

namespace {

JsonValue json(const std::string& text) {
  ParsedJson parsed = parse_json(text);
  REQUIRE(parsed.good());
  return parsed.value;
}

/// Base64 of so many signs, with capitals, small letters and digits.
std::string base64_of(std::size_t size) {
  std::string text;
  while (text.size() < size) text += "iVBORw0KGgoAAAANSUhEUgAA";
  text.resize(size);
  return text;
}

std::string unknown(const std::string& text, LeftOut& left_out) {
  return unknown_text(json(text), left_out);
}

std::string part(const std::string& text) {
  LeftOut left_out;
  return part_text(json(text), left_out);
}

}  // namespace

TEST_CASE("readable: base64 is long, has digits and no blanks") {
  CHECK(is_base64(base64_of(200)));
  CHECK(is_base64(base64_of(5000) + "=="));
  CHECK_FALSE(is_base64(base64_of(199)));
  CHECK_FALSE(is_base64(base64_of(200) + " "));
  CHECK_FALSE(is_base64(std::string(300, 'a')));  // letters alone
  CHECK_FALSE(is_base64(std::string(300, '7')));  // digits alone: a number
  std::string wrapped = base64_of(400);
  for (std::size_t at = 76; at < wrapped.size(); at += 77) wrapped.insert(at, 1, '\n');
  CHECK(is_base64(wrapped));
}

TEST_CASE("readable: prose has two words, or letters of a script that does not part them") {
  for (const char* text : {"two words", "gpt 4o", "文", "é", "a, b"}) CHECK(is_prose(text));
  for (const char* text : {"", "one", "gpt-4o", "12 345", "2026-05-15 10:00", "toolu_01ABC", " a "})
    CHECK_FALSE(is_prose(text));
  CHECK_FALSE(is_prose("Fri, 15 May 2026 10:00:00 GMT"));  // a time in words is none
}

TEST_CASE("readable: names, times and states are books, unless somebody says something in them") {
  const auto books = [](const std::string& key, const std::string& value) {
    return is_bookkeeping(key, json(value));
  };
  for (const auto& [key, value] : std::initializer_list<std::pair<const char*, const char*>>{
           {"id", "\"abc\""},
           {"parent_id", "17"},
           {"messageId", "\"m1\""},
           {"fileHash", "\"ab12\""},
           {"created_at", "1778839259"},
           {"durationMs", "12"},
           {"model", "\"gpt-4o\""},
           {"status", "\"completed\""},
           {"usage", "{\"input_tokens\": 5}"},
           {"logprobs", "\"some words\""},
           {"trace_ids", "[1, 2]"}}) {
    CAPTURE(key);
    CHECK(books(key, value));
  }
  for (const auto& [key, value] : std::initializer_list<std::pair<const char*, const char*>>{
           {"idea", "\"abc\""},
           {"id", "\"my identity card\""},
           {"model", "\"a model of a ship\""},
           {"status", "\"failed\""},
           {"state", "\"of the art\""},
           {"valid", "true"},
           {"signature", "\"Ep0C\""},  // is counted
           {"trace_id", "{\"a\": \"b\"}"},
           {"text", "\"x\""}}) {
    CAPTURE(key);
    CHECK_FALSE(books(key, value));
  }
}

TEST_CASE("readable: bytes and secrets are counted by their kind, and leave nothing") {
  LeftOut left_out;
  CHECK(unknown(R"({"image": "data:image/png;base64,AAAA", "caption": "a lamp"})", left_out) ==
        "caption: a lamp\n");
  CHECK(unknown(R"({"a": {"signature": "Ep0C"}, "b": [{"data": "iVBORw0KGgo="}]})", left_out) ==
        "");
  CHECK(unknown(R"({"sound": "data:audio/wav;base64,UklG"})", left_out) == "");
  CHECK(unknown(R"({"x": ")" + base64_of(300) + "\"}", left_out) == "");
  CHECK(left_out == LeftOut{{"image", 1}, {"encrypted", 1}, {"base64", 2}, {"audio", 1}});
}

TEST_CASE("readable: what could be base64 and what could be words are told apart by their names") {
  LeftOut left_out;
  CHECK(unknown(R"({"data": "word"})", left_out) == "data: word\n");
  CHECK(unknown(R"({"data": "Some1234"})", left_out) == "data: Some1234\n");
  CHECK(unknown(R"({"note": "iVBORw0KGgo="})", left_out) == "note: iVBORw0KGgo=\n");
  CHECK(left_out.empty());
}

TEST_CASE("readable: members stand on lines, by the way to them; objects of a list one by one") {
  CHECK(
      plain_fields(json(R"({"a": {"b": 1, "c": "x"}, "d": [1, 2], "e": [{"f": 3}, {"f": 4}]})")) ==
      "a.b: 1\na.c: x\nd: [1,2]\ne.f: 3\ne.f: 4\n");
  CHECK(plain_fields(json("\"text\"")) == "text\n");
  CHECK(plain_fields(json("[1, 2]")) == "[1,2]\n");
  CHECK(plain_fields(json("7")) == "7\n");
  CHECK(plain_fields(json("{}")) == "");
  CHECK(plain_fields(json(R"([[1], ["x"]])")) == "[1]\n[\"x\"]\n");
}

TEST_CASE("readable: a value of several lines stands below its name, a name on one line") {
  CHECK(field_text("cmd", JsonValue("ls")) == "cmd: ls\n");
  CHECK(field_text("cmd", JsonValue("a\nb")) == "cmd:\na\nb\n");
  CHECK(field_text("cmd", JsonValue("a\nb\n")) == "cmd:\na\nb\n");
  CHECK(field_text("two\nlines", JsonValue("x")) == "two lines: x\n");
  CHECK(one_line("a\r\nb") == "a  b");
}

TEST_CASE("readable: the rest of an object is what no rule knows, a doubled key included") {
  LeftOut left_out;
  const JsonValue object = json(
      R"({"type": "x", "text": "first", "text": "second", "id": "1", "note": "kept", "empty": ""})");
  CHECK(rest_text(object, {"type", "text"}, left_out) == "text: first\nnote: kept\n");
  CHECK(rest_text(object, {"type", "text", "note"}, left_out) == "text: first\n");
  CHECK(rest_text(json(R"({"type": "x", "a": {"type": "y"}})"), {"type"}, left_out) == "");
  CHECK(rest_text(json("{}"), {}, left_out) == "");
}

TEST_CASE("readable: a kept value loses its bytes and keeps its names") {
  LeftOut left_out;
  CHECK(without_bytes(json(R"({"id": "1", "data": "iVBORw0KGgo=", "n": [], "s": ""})"), left_out)
            .dump() == R"({"id":"1","n":[],"s":""})");
  CHECK(readable_part(json(R"({"id": "1", "n": [], "type": "x"})"), left_out).is_null());
}

TEST_CASE("parts: a picture, a sound or a file is named by where it lies and what it is") {
  for (const auto& [given, wanted] : std::initializer_list<std::pair<const char*, const char*>>{
           {R"({"type": "image_url", "image_url": {"url": "https://h/a.png"}})",
            "[image https://h/a.png]"},
           {R"({"type": "image_url", "image_url": "data:image/webp;base64,AA"})",
            "[image image/webp]"},
           {R"({"type": "image", "source": {"type": "base64", "media_type": "image/png",
                "data": "AA"}})",
            "[image image/png]"},
           {R"({"type": "input_image", "file_id": "file-1"})", "[image file-1]"},
           {R"({"type": "file", "mediaType": "audio/mp3", "filename": "a.mp3"})",
            "[audio audio/mp3 a.mp3]"},
           {R"({"type": "file", "file": {"filename": "b.pdf", "file_id": "file-2"}})",
            "[file file-2 b.pdf]"},
           {R"({"inlineData": {"mimeType": "video/mp4", "data": "AA"}})", "[video video/mp4]"},
           {R"({"fileData": {"mimeType": "application/pdf", "fileUri": "gs://b/c.pdf"}})",
            "[file gs://b/c.pdf]"},
           {R"({"type": "audio", "transcript": "ahoy", "format": "wav"})", "[audio wav]\nahoy"},
           {R"({"type": "image", "title": "two\nlines"})", "[image two lines]"},
           {R"({"type": "image", "alt": "a lamp"})", "[image]\nalt: a lamp\n"},
           {R"({"type": "video"})", "[video]"}}) {
    CAPTURE(given);
    CHECK(part(given) == wanted);
  }
}

TEST_CASE("parts: what a program printed has its errors and its exit code") {
  CHECK(part(R"({"stdout": "a\n", "stderr": "b", "exit_code": 2})") ==
        "a\nstderr:\nb\nexit code: 2");
  CHECK(part(R"({"stdout": "", "stderr": "b"})") == "b");
  CHECK(part(R"({"stdout": "a", "return_code": 0, "outcome": {"type": "timeout"}})") ==
        "a\ntimeout");
}

TEST_CASE("parts: of any kind they are text, of none as they are spelled") {
  CHECK(part("null") == "");
  CHECK(part("\"said\"") == "said");
  CHECK(part("1.50") == "1.50");
  CHECK(part("true") == "true");
  CHECK(part(R"(["a", {"text": "b"}, null, 3])") == "a\nb\n3");
  CHECK(part(R"({"b": 1, "a": [2]})") == R"({"b":1,"a":[2]})");  // without a type
  CHECK(part(R"({"type": "refusal", "refusal": "I will not."})") == "I will not.");
  LeftOut left_out;
  CHECK(part_text(json(R"({"type": "step-start"})"), left_out) == "");
  CHECK(part_text(json(R"({"type": "redacted_thinking", "data": "AA"})"), left_out) == "");
  CHECK(left_out == LeftOut{{"step-start", 1}, {"encrypted reasoning", 1}});
}

TEST_CASE("parts: a result of one text is that text, references come once") {
  LeftOut left_out;
  CHECK(result_text(json(R"({"output": "done"})"), left_out) == "done");
  CHECK(result_text(json(R"({"error": "no"})"), left_out) == "no");
  CHECK(result_text(json(R"({"output": 7})"), left_out) == R"({"output":7})");
  CHECK(result_text(json(R"([{"type": "text", "text": "a"}, "b"])"), left_out) == "a\nb");
  CHECK(references_text(json(R"([{"type": "url_citation", "url": "https://h", "title": "H"},
                                {"type": "url_citation", "url": "https://h", "title": "H"},
                                "plain", {"type": "x"}, {"type": "web", "web": {"uri": "u"}}])"),
                        left_out) == "[url_citation https://h H]\nplain\n[web u]");
  CHECK(references_text(json("null"), left_out) == "");
  CHECK(bracket("file", "", "a\nb") == "[file a b]");
}
