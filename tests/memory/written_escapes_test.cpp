// Logs and JSON show characters by escapes: what they stand for is what is searched.
#include "memory/written_escapes.h"

#include <doctest/doctest.h>

#include <random>
#include <string>

using namespace fovea;

namespace {

std::string utf8(std::int32_t point) {
  if (point < 0) return "?";
  std::string text;
  if (point < 0x80) return {static_cast<char>(point)};
  if (point < 0x800) {
    text += static_cast<char>(0xC0 | point >> 6);
  } else {
    if (point < 0x10000) {
      text += static_cast<char>(0xE0 | point >> 12);
    } else {
      text += static_cast<char>(0xF0 | point >> 18);
      text += static_cast<char>(0x80 | (point >> 12 & 0x3F));
    }
    text += static_cast<char>(0x80 | (point >> 6 & 0x3F));
  }
  return text + static_cast<char>(0x80 | (point & 0x3F));
}

std::string read(std::string_view text) {
  std::string all;
  for (const Sign& sign : signs_without_escapes(text)) all += utf8(sign.value);
  return all;
}

}  // namespace

TEST_CASE("escapes: each kind stands for its character, however many backslashes it has") {
  for (const auto& [written, meant] : {std::pair<std::string, std::string>{R"(a\nb)", "a b"},
                                       {R"(a\\\\nb)", "a b"},
                                       {R"(a\tb\rc\vd)", "a b c d"},
                                       {R"(caf\u00e9)", "café"},
                                       {R"(caf\\u00E9)", "café"},
                                       {R"(caf\xc3\xa9)", "café"},
                                       {R"(caf\303\251)", "café"},
                                       {"caf%C3%A9", "café"},
                                       {R"(\u{1F605})", "😅"},
                                       {R"(\U0001f605)", "😅"},
                                       {R"(\ud83d\ude05)", "😅"},
                                       {R"(\\ud83d\\ude05)", "😅"},
                                       {R"(\e[1m)", "\x1b[1m"},
                                       {R"(\x1b[31m)", "\x1b[31m"},
                                       {R"(\033[0m)", "\x1b[0m"},
                                       {"^[[32m", "\x1b[32m"},
                                       {"red [31mwords", "red \x1b[31mwords"},
                                       {R"(\xe9t\xe9)", "été"}}) {
    CAPTURE(written);
    CHECK(read(written) == meant);
    CHECK(may_have_escapes(written));
  }
}

TEST_CASE("escapes: what is none stays, a backslash alone is a space") {
  for (const auto& [written, meant] : {std::pair<std::string, std::string>{"C:\\", "C: "},
                                       {"100 % of it", "100 % of it"},
                                       {"%zz", "%zz"},
                                       {R"(\ud83d)", " "},
                                       {R"(\ude05\ud83d)", "  "},
                                       {R"(\u12)", " u12"},
                                       {R"(\u{})", " u{}"},
                                       {R"(\u{110000})", " "},
                                       {R"(\U00110000)", " "},
                                       {R"(\xg1)", " xg1"},
                                       {"a[3] b[12", "a[3] b[12"},
                                       {"^[x", "^[x"},
                                       {"\xff", "?"},
                                       {R"(\q)", " q"}}) {
    CAPTURE(written);
    CHECK(read(written) == meant);
  }
  CHECK(!may_have_escapes("plain words, [a] ^b 50 "));
  CHECK(!may_have_escapes("ends in ["));
}

TEST_CASE("escapes: eight digits are no character, whatever number they are") {
  // They had overflowed a signed number, which only the sanitizer says.
  for (const std::string digits : {"80000000", "FFFFFFFF", "ffffffff", "7FFFFFFF", "0000D800"})
    CHECK(read("\\U" + digits) == " ");
}

TEST_CASE("escapes: every byte of a text belongs to one sign, in order, whatever it holds") {
  std::mt19937 random(3);
  const std::string letters = "\\\\xunU0123456789abcdefDd8%^[;m{}é\xff\x1b ";
  for (int round = 0; round < 50'000; ++round) {
    std::string text;
    for (std::size_t left = random() % 24; left > 0; --left)
      text += letters[random() % letters.size()];
    std::size_t at = 0;
    for (const Sign& sign : signs_without_escapes(text)) {
      if (sign.begin != at || sign.end < sign.begin)
        FAIL_CHECK("a gap before byte " << sign.begin << " of " << text);
      at = sign.end;
    }
    if (at != text.size()) FAIL_CHECK(text << " ends at byte " << at);
    if (!may_have_escapes(text) && read(text).find('\x1b') != text.find('\x1b'))
      FAIL_CHECK("an escape was not foreseen in " << text);
  }
}
