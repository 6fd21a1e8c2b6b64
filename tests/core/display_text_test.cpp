#include "core/display_text.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "core/signs.h"
#include "fovea/text.h"

using namespace fovea;

TEST_CASE("display text: one line of what can be seen") {
  const auto shown = [](const std::string& text) { return display_text(text).text; };
  CHECK(shown("") == "");
  CHECK(shown(" \t\r\n ") == "");
  CHECK(shown("  a \n\t b\r\n") == "a b");
  CHECK(shown("a\xC2\x85"
              "b\xE2\x80\xA8"
              "c\x7F"
              "d") == "a b c d");
  CHECK(shown("a\x1b[31mb\x1b[0m") == "ab");
  CHECK(shown("a\xE2\x80\xAE"
              "b\xEF\xBB\xBF") == "ab");
  CHECK(shown("\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB") ==
        "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB");
  CHECK(shown("a\xFF"
              "b") ==
        "a\xEF\xBF\xBD"
        "b");
  CHECK(shown(std::string("a\0b", 3)) == "a b");
}

TEST_CASE("display text: every byte of the given text has its place in what is shown") {
  const auto at = [](const std::string& text) { return display_text(text).at; };
  using Places = std::vector<std::size_t>;
  CHECK(at("") == Places{0});
  CHECK(at("ab") == Places{0, 1, 2});
  CHECK(at("  a  ") == Places{0, 0, 0, 1, 1, 1});
  CHECK(at("a\n\nb") == Places{0, 1, 2, 2, 3});
  CHECK(at("a\x1b[1mb") == Places{0, 1, 1, 1, 1, 1, 2});
  CHECK(at("\xC3\xA9!") == Places{0, 0, 2, 3});
  for (const std::string text :
       {"a\b_b\b\bb \xFF", "x\x1b]8;;l\x1b\\ ", "\xE2\x80\x8B a\b_", "_\ba_\bb"}) {
    const DisplayText all = display_text(text);
    REQUIRE(all.at.size() == text.size() + 1);
    CHECK(all.at.back() == all.text.size());
    for (std::size_t i = 0; i < text.size(); ++i) CHECK(all.at[i] <= all.at[i + 1]);
  }
}

TEST_CASE("terminal text: lines and tabs stay, nothing that controls does") {
  CHECK(terminal_text("a\tb\n c  d") == "a\tb\n c  d");
  CHECK(terminal_text("a\r\nb\rc") == "a\nb c");
  CHECK(terminal_text("\x1b[2J\x1b[31ma\a\xC2\x9B"
                      "0mb\xE2\x80\xAE\xFF") == " a b\xEF\xBF\xBD");
  CHECK(terminal_text("\x1b]52;c;Zm9v\a") == " c;Zm9v ");
  CHECK(terminal_text("") == "");
}

TEST_CASE("terminal text: no bytes make a control character of it, or what is no UTF-8") {
  std::uint32_t random = 1;
  constexpr char kPieces[] = "\x1b\x1b[]0;8m\b_a\xC2\x9B\xE2\x80\xAE\x90\xFF\xF0\r\n\x7F\a";
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (int i = 0; i < 12; ++i) {
      random = random * 1664525 + 1013904223;
      text += kPieces[(random >> 16) % (sizeof kPieces - 1)];
    }
    const std::string shown = terminal_text(text);
    for (const Sign& sign : signs_of(shown)) {
      const bool safe = sign.value == '\n' || sign.value == '\t' ||
                        (sign.value >= ' ' && (sign.value < 0x7F || sign.value >= 0xA0));
      if (!safe || (is_invisible(sign.value))) FAIL_CHECK(escaped_line(text));
    }
    if (terminal_text(shown) != shown) FAIL_CHECK(escaped_line(text));
    if (escaped_line(text).find_first_of("\x1b\b\r\n\a\x7F") != std::string::npos) FAIL_CHECK(text);
  }
}

TEST_CASE("escaped line: nothing is left out, all is on one line") {
  CHECK(escaped_line("a b\n\t\r\a\b\f\v") == R"(a b\n\t\r\a\b\f\v)");
  CHECK(escaped_line(std::string("\0\x1b\x7F", 3)) == R"(\x00\x1b\x7f)");
  CHECK(escaped_line("\xFF\xC3") == R"(\xff\xc3)");
  CHECK(escaped_line("\xC2\x85\xE2\x80\xAE\xE2\x80\xA8\xF3\xA0\x81\x81") ==
        R"(\u0085\u202e\u2028\U000e0041)");
  CHECK(escaped_line("\xC3\xA9\xF0\x9F\x98\x80") == "\xC3\xA9\xF0\x9F\x98\x80");
}
