#include "core/text_units.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace fovea;

namespace {

struct Measured {
  std::uint32_t length;
  int width;
  UnitKind kind;
  bool operator==(const Measured&) const = default;
};

std::vector<Measured> units_of(std::string_view text, const CodePoints* alphabet = nullptr) {
  std::vector<Measured> units;
  for (std::size_t at = 0; at < text.size(); at += units.back().length) {
    const TextUnit unit = next_unit(text, at, alphabet);
    units.push_back({unit.length, unit.width, unit.kind});
  }
  return units;
}

constexpr auto kCharacter = UnitKind::character;
constexpr auto kCluster = UnitKind::cluster;
constexpr auto kControl = UnitKind::control;
constexpr auto kByte = UnitKind::invalid_byte;

}  // namespace

TEST_CASE("text units: a code point is one unit, two cells when East Asian Wide") {
  CHECK(units_of("aß文") ==
        std::vector<Measured>{{1, 1, kCharacter}, {2, 1, kCharacter}, {3, 2, kCharacter}});
  CHECK(units_of("✅⚠") == std::vector<Measured>{{3, 2, kCharacter}, {3, 1, kCharacter}});
}

TEST_CASE("text units: a grapheme cluster is one unit") {
  CHECK(units_of("e\u0301x") == std::vector<Measured>{{3, 1, kCluster}, {1, 1, kCharacter}});
  CHECK(units_of("👨‍👩‍👧") == std::vector<Measured>{{18, 2, kCluster}});
  CHECK(units_of("🇩🇪🇫🇷") == std::vector<Measured>{{8, 2, kCluster}, {8, 2, kCluster}});
  CHECK(units_of("⚠\uFE0F") == std::vector<Measured>{{6, 2, kCluster}});
  CHECK(units_of("1\uFE0F\u20E3") == std::vector<Measured>{{7, 2, kCluster}});
  CHECK(units_of("\u1100\u1161\u11A8") == std::vector<Measured>{{9, 2, kCluster}});
}

TEST_CASE("text units: neighbours that the alphabet has stand apart, others stay a cluster") {
  const CodePoints alphabet(U" eक\u093F\u0301👨👩👧\u200D\U0001F1E9\U0001F1EA");
  CHECK(units_of("e\u0301x", &alphabet) ==
        std::vector<Measured>{{1, 1, kCharacter}, {2, 1, kCharacter}, {1, 1, kCharacter}});
  CHECK(units_of("कि", &alphabet) == std::vector<Measured>{{3, 1, kCharacter}, {3, 1, kCharacter}});
  CHECK(units_of("👨‍👩‍👧", &alphabet) ==
        std::vector<Measured>{{4, 2, kCharacter},
                              {3, 1, kCharacter},
                              {4, 2, kCharacter},
                              {3, 1, kCharacter},
                              {4, 2, kCharacter}});
  CHECK(units_of("🇩🇪", &alphabet) == std::vector<Measured>{{4, 1, kCharacter}, {4, 1, kCharacter}});
  // U+0302 is not of the alphabet: it stays with what it stands on, which is then none of it either.
  CHECK(units_of("e\u0301\u0302", &alphabet) == std::vector<Measured>{{1, 1, kCharacter}, {4, 1, kCluster}});
  CHECK(units_of("a\u0301", &alphabet) == std::vector<Measured>{{3, 1, kCluster}});
  CHECK(count_cells("किe\u0301", &alphabet) == 4);
  CHECK(count_cells("किe\u0301") == 2);
}

TEST_CASE("text units: controls stand alone, a carriage return before a newline too") {
  using namespace std::string_view_literals;
  CHECK(units_of("\r\n\0"sv) ==
        std::vector<Measured>{{1, 1, kControl}, {1, 1, kControl}, {1, 1, kControl}});
  CHECK(units_of("\n\u0301") == std::vector<Measured>{{1, 1, kControl}, {2, 1, kCharacter}});
  CHECK(units_of("\u2028\u0085") == std::vector<Measured>{{3, 1, kControl}, {2, 1, kControl}});
}

TEST_CASE("text units: each byte that is not UTF-8 is a unit") {
  CHECK(units_of("\xE2\x82") == std::vector<Measured>{{1, 1, kByte}, {1, 1, kByte}});
  CHECK(units_of("\xC0\x80") == std::vector<Measured>{{1, 1, kByte}, {1, 1, kByte}});
  CHECK(units_of("\xED\xA0\x80").size() == 3);      // a surrogate
  CHECK(units_of("\xF4\x90\x80\x80").size() == 4);  // beyond U+10FFFF
  CHECK(units_of("a\xFF\u0301") ==
        std::vector<Measured>{{1, 1, kCharacter}, {1, 1, kByte}, {2, 1, kCharacter}});
}

TEST_CASE("text units: a run of marks without end is cut into units of 32 code points") {
  std::string text = "a";
  for (int i = 0; i < 1000; ++i) text += "\u0301";
  const std::vector<Measured> units = units_of(text);
  CHECK(units.size() == 32);  // 1001 / 32, rounded up
  CHECK(units.front() == Measured{63, 1, kCluster});
}

TEST_CASE("text units: cells are counted over the whole text") {
  CHECK(count_cells("") == 0);
  CHECK(count_cells("ab\n\t文e\u0301🇩🇪\xFF") == 2 + 2 + 2 + 1 + 2 + 1);
  CHECK(count_cells("\u200B\uFEFF\u00AD\u0301") == 4);  // a mark joins none of these
}

TEST_CASE("text units: an unfinished UTF-8 sequence at the end is told from a wrong one") {
  CHECK(incomplete_tail("") == 0);
  CHECK(incomplete_tail("abc") == 0);
  CHECK(incomplete_tail("\u00E9") == 0);
  CHECK(incomplete_tail("a\xC3") == 1);
  CHECK(incomplete_tail("a\xE2\x82") == 2);
  CHECK(incomplete_tail("a\xF0\x9F\x9A") == 3);
  CHECK(incomplete_tail("\x80\x80\x80\x80") == 0);
}
