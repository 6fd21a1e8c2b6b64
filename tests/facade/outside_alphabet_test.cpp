#include "facade/outside_alphabet.h"

#include <doctest/doctest.h>

#include <random>

#include "core/utf8.h"

using namespace fovea;

namespace {

using Counts = std::map<std::string, std::size_t>;

const CodePoints& latin() {
  static const CodePoints characters(U"abcdefghijklmnopqrstuvwxyz \n\u00E9\u0301\u4E2D");
  return characters;
}

Counts counts_of(std::string_view text) { return outside_alphabet(text, latin()); }

}  // namespace

TEST_CASE("outside the alphabet: what it has is not counted, in one byte or in three") {
  CHECK(counts_of("").empty());
  CHECK(counts_of("plain text\n").empty());
  CHECK(counts_of("caf\u00E9 \u4E2D e\u0301").empty());
}

TEST_CASE("outside the alphabet: characters count by their script") {
  CHECK(counts_of("Привет") == Counts{{"Cyrillic", 6}});
  CHECK(counts_of("한글 ไทย") == Counts{{"Hangul", 2}, {"Thai", 3}});
  CHECK(counts_of("文\u4E2D文") == Counts{{"Han", 2}});
  CHECK(counts_of("ABC") == Counts{{"Latin", 3}});
  CHECK(counts_of("e\u0302") == Counts{{"signs", 1}});  // a mark of every script
  CHECK(counts_of("1+1=2") == Counts{{"signs", 5}});
  CHECK(counts_of("\U0001F680\u200B\uFFFD") == Counts{{"signs", 3}});
  CHECK(counts_of("\U000E0080") == Counts{{"signs", 1}});  // nobody's
}

TEST_CASE("outside the alphabet: controls and what is no UTF-8 are kinds of their own") {
  CHECK(counts_of(std::string_view("\0\t\x1B\x7F", 4)) == Counts{{"controls", 4}});
  CHECK(counts_of("\u0085") == Counts{{"controls", 1}});
  CHECK(counts_of("\xFF\xFE") == Counts{{"bytes", 2}});
  CHECK(counts_of("a\xC3") == Counts{{"bytes", 1}});
  CHECK(counts_of("\xE2\x82z") == Counts{{"bytes", 1}});       // a beginning, then a letter
  CHECK(counts_of("\xED\xA0\x80").begin()->first == "bytes");  // half of a pair
}

TEST_CASE("outside the alphabet: every character is counted once, or known") {
  std::mt19937 random(11);
  const std::string pieces[] = {"a",          "Я",  "文", "\u4E2D", "\xFF",
                                "\U0001D11E", "\n", "\t", "e\u0301"};
  for (int round = 0; round < 300; ++round) {
    std::string text;
    Counts expected;
    for (auto left = random() % 60; left > 0; --left) {
      const std::string& piece = pieces[random() % std::size(pieces)];
      text += piece;
      for (const auto& [script, count] : counts_of(piece)) expected[script] += count;
    }
    CHECK(counts_of(text) == expected);
  }
}

TEST_CASE("outside the alphabet: to an empty one every character is strange") {
  CHECK(outside_alphabet("ab c", CodePoints(U"")) == Counts{{"Latin", 3}, {"signs", 1}});
}
