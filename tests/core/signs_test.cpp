#include "core/signs.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

using namespace fovea;

namespace {

/// What a terminal shows: a seam as |, a byte that is not UTF-8 as ?.
std::string screen(const std::string& text) {
  std::string shown;
  for (const Sign& sign : on_screen(signs_of(text))) {
    if (sign.value < 0)
      shown += sign.value == kSeam ? '|' : '?';
    else
      shown += sign.value == ' ' ? " " : text.substr(sign.begin, sign.end - sign.begin);
  }
  return shown;
}

}  // namespace

TEST_CASE("signs: every byte is in one, what is not UTF-8 in one of its own") {
  const std::string text = "a\xC3\xA9\xFF\xE2\x82\xF0\x9F\x98\x80\xED\xA0\x80\xC0\x80";
  const auto signs = signs_of(text);
  std::size_t at = 0;
  std::vector<std::int32_t> values;
  for (const Sign& sign : signs) {
    CHECK(sign.begin == at);
    at = sign.end;
    values.push_back(sign.value);
  }
  CHECK(at == text.size());
  CHECK(values == std::vector<std::int32_t>{'a', 0xE9, -1, -1, -1, 0x1F600, -1, -1, -1, -1, -1});
  CHECK(signs_of("").empty());
  CHECK(signs_of(std::string("\0", 1))[0].value == 0);
}

TEST_CASE("screen: colours are seams, what moves the cursor is a space") {
  CHECK(screen("a\x1b[1;31mred\x1b[0mb") == "a|red|b");
  CHECK(screen("a\x1b[38:5:12mb") == "a|b");
  CHECK(screen("half\x1b[Kline") == "half|line");
  CHECK(screen("a\x1b[2Jb\x1b[10;20Hc") == "a b c");
  CHECK(screen("a\xC2\x9B"
               "31mb") == "a|b");                // the one-byte form
  CHECK(screen("a\xE2\x90\x9B[31mb") == "a|b");  // as logs write it
  CHECK(screen("a\x1b(Bb\x1b"
               "7c\x1b=d") == "a|b c d");  // a set of characters, then lone ones
}

TEST_CASE("screen: a title and a link are text, their numbers and parameters are not") {
  CHECK(screen("\x1b]0;title\a") == " title\a");
  CHECK(screen("\x1b]8;;https://a.b\x1b\\text\x1b]8;;\x1b\\") == " https://a.b text  ");
  CHECK(screen("\x1b]8;id=7;https://a.b\x07") == " https://a.b\a");
  CHECK(screen("\x1b]8;no end") == " no end");
  CHECK(screen("\x1b]text") == " text");
}

TEST_CASE("screen: of a broken sequence only its beginning is gone") {
  CHECK(screen("a\x1b") == "a ");
  CHECK(screen("a\x1b[") == "a ");
  CHECK(screen("a\x1b[31") == "a 31");
  CHECK(screen("a\x1b[31\xC3\xA9") == "a 31\xC3\xA9");
  CHECK(screen("a\x1b]") == "a ");
  CHECK(screen("a\x1b(") == "a (");
  CHECK(screen("a\x1b[" + std::string(65, '1') + "m") == "a " + std::string(65, '1') + "m");
  CHECK(screen("a\x1b[" + std::string(64, '1') + "m") == "a|");
  CHECK(screen("\x1b\x1b[1m") == " |");
  CHECK(screen("a\x1b\xFF"
               "b") == "a ?b");
}

TEST_CASE("screen: what is struck over stands there once") {
  CHECK(screen("b\bbo\bol\bld\bd") == "bold");
  CHECK(screen("_\bun_\bd") == "und");
  CHECK(screen("u\b_n\b_") == "un");
  CHECK(screen("a\bb") == "a b");  // two characters: neither is lost
  CHECK(screen("\ba") == " a");
  CHECK(screen("a\b") == "a ");
  CHECK(screen("\b\b") == "  ");
  CHECK(screen("\xC3\xA9\b\xC3\xA9") == "\xC3\xA9");
}

TEST_CASE("signs: format characters are invisible, marks and spaces are not") {
  for (const std::int32_t hidden : {0xAD, 0x200B, 0x200D, 0x202E, 0x2060, 0x2066, 0xFEFF, 0xE0041})
    CHECK(is_invisible(hidden));
  for (const std::int32_t shown : {-2, -1, 0, 0x61, 0xA0, 0x301, 0x3000, 0xFE0F, 0x10FFFF})
    CHECK_FALSE(is_invisible(shown));
}
