// Packed anchors and corrections: whatever their bytes become, they are what they were, or damage.
#include "recovery/corrections.h"

#include <doctest/doctest.h>

#include <random>

#include "fovea/error.h"
#include "recovery/anchors.h"
#include "recovery/byte_writer.h"

using namespace fovea;
using Random = std::mt19937;

namespace {

std::string some_row(Random& random, std::size_t most) {
  const std::string letters = "abcde \xC3\xA9\xFF\n";
  std::string row;
  for (std::size_t left = random() % (most + 1); left > 0; --left)
    row += letters[random() % letters.size()];
  return row;
}

/// The row with a few slips, as a reading has them, or another one.
std::string misread(std::string row, Random& random) {
  if (random() % 8 == 0) return some_row(random, 120);
  for (std::size_t left = random() % 4; left > 0 && !row.empty(); --left) {
    const std::size_t at = random() % row.size();
    if (random() % 2 == 0)
      row.erase(at, 1 + random() % 40);
    else
      row.insert(at, std::string(1 + random() % 40, 'x'));
  }
  return row;
}

/// What edits make of a row; nothing where they do not fit it.
std::optional<std::string> edited(std::string_view row, const std::vector<Edit>& edits) {
  std::string result;
  for (const Edit& edit : edits) {
    if (edit.keep + edit.remove > row.size()) return {};
    result += row.substr(0, edit.keep);
    result += edit.insert;
    row.remove_prefix(edit.keep + edit.remove);
  }
  return result += row;
}

struct Rows {
  std::vector<std::string> read, exact;
  std::vector<bool> whole;
};

Rows some_rows(Random& random, std::size_t most) {
  Rows rows;
  for (std::size_t left = 1 + random() % 8; left > 0; --left) {
    rows.exact.push_back(some_row(random, most));
    rows.read.push_back(random() % 3 == 0 ? rows.exact.back() : misread(rows.exact.back(), random));
    rows.whole.push_back(random() % 4 == 0);
  }
  return rows;
}

void check_same(const Corrections& a, const Corrections& b) {
  CHECK(a.text_check == b.text_check);
  REQUIRE(a.rows.size() == b.rows.size());
  for (std::size_t i = 0; i < a.rows.size(); ++i) {
    CHECK(a.rows[i].number == b.rows[i].number);
    CHECK(a.rows[i].whole == b.rows[i].whole);
    if (!a.rows[i].whole) CHECK(a.rows[i].check == b.rows[i].check);
  }
}

/// Whether `call` ends well; false for damage. Any other error fails the test.
template <typename Call>
bool is_whole(Call call) {
  try {
    call();
    return true;
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::corruption);
    CHECK(std::string(error.what()).find("are damaged; recall with source tokens") !=
          std::string::npos);
    return false;
  }
}

}  // namespace

TEST_CASE("edits: they lead from any row to any other, and back") {
  Random random(11);
  for (int round = 0; round < 2000; ++round) {
    const std::string from = some_row(random, 60),
                      to = round % 2 == 0 ? misread(from, random) : some_row(random, 60);
    CHECK(edited(from, edits_between(from, to)) == to);
    CHECK(edited(to, edits_between(to, from)) == from);
  }
  CHECK(edits_between("same", "same").empty());
  CHECK(edits_between("", "").empty());
}

TEST_CASE("corrections: packed and unpacked they lead from the reading to the exact text") {
  Random random(12);
  for (int round = 0; round < 1000; ++round) {
    const Rows rows = some_rows(random, 90);
    const Corrections made = corrections_between(rows.read, rows.exact, rows.whole);
    const std::string packed = pack_corrections(made);
    const Corrections unpacked = unpack_corrections(packed);
    check_same(unpacked, made);
    CHECK(pack_corrections(unpacked) == packed);
    std::vector<std::string> text = rows.read;
    for (const Corrections::Row& row : unpacked.rows) {
      const auto number = static_cast<std::size_t>(row.number);
      CHECK((row.whole || row.check == row_check_of(rows.read[number])));
      const auto right = row.whole ? row.whole : edited(rows.read[number], row.edits);
      REQUIRE(right);
      text[number] = *right;
    }
    CHECK(text == rows.exact);
  }
}

TEST_CASE(
    "corrections: a row's removal and insertion of any length is packed in steps of 15 bytes") {
  for (std::size_t size = 0; size < 50; ++size) {
    for (std::size_t other : {0, 1, 14, 15, 16, 30, 31, 45, 46}) {
      const auto between = [](std::size_t count, char letter) {
        return std::string("<").append(count, letter).append(">");
      };
      const std::string from = between(size, 'a'), to = between(other, 'b');
      const auto packed = pack_corrections(corrections_between({from}, {to}));
      const Corrections unpacked = unpack_corrections(packed);
      const auto right = unpacked.rows.empty() ? from : edited(from, unpacked.rows.at(0).edits);
      CHECK(right == to);
    }
  }
}

TEST_CASE("corrections: those of nothing are eight bytes, and kept rows say what they hold") {
  CHECK(pack_corrections(corrections_between({"a"}, {"a"})).size() == 8);
  CHECK(unpack_corrections(pack_corrections({})).rows.empty());
  const Corrections kept =
      corrections_between({"x", "b", "y"}, {"a", "b", "c"}, {true, false, true});
  CHECK(kept.rows.size() == 2);
  CHECK(whole_text(kept) == "ac");
  CHECK(whole_text(corrections_between({"x"}, {"a"})) == "");
  CHECK(!is_whole([] { unpack_corrections(""); }));
}

TEST_CASE("corrections: rows beyond those that a page can have are damage") {
  const auto rows = [](int first, int second) {
    return pack_corrections(
        {.rows = {{.number = first, .whole = "a"}, {.number = second, .whole = "b"}}});
  };
  CHECK(unpack_corrections(rows(200, 256)).rows.at(1).number == 256);
  CHECK(!is_whole([&] { unpack_corrections(rows(200, 257)); }));
  CHECK(!is_whole([&] { unpack_corrections(rows(200, 400)); }));
  CHECK(!is_whole([&] { unpack_corrections(rows(300, 300)); }));
}

TEST_CASE("corrections: with any bit changed they are others, or damage") {
  Random random(13);
  for (int round = 0; round < 30; ++round) {
    const Rows rows = some_rows(random, 20);
    const std::string packed =
        pack_corrections(corrections_between(rows.read, rows.exact, rows.whole));
    for (std::size_t bit = 0; bit < 8 * packed.size(); ++bit) {
      std::string changed = packed;
      changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ 1 << bit % 8);
      Corrections unpacked;
      if (!is_whole([&] { unpacked = unpack_corrections(changed); })) continue;
      // The same number has several spellings, of which one is written: nothing else is lost.
      const std::string again = pack_corrections(unpacked);
      check_same(unpack_corrections(again), unpacked);
    }
    for (std::size_t end = 0; end < packed.size(); ++end)
      is_whole([&] { unpack_corrections(packed.substr(0, end)); });
  }
}

TEST_CASE("anchors: packed and unpacked they are the same, at every density") {
  Random random(14);
  for (const Density density : kDensities) {
    const Grid grid = grid_of(density);
    const int last = grid.columns * grid.rows - 1;
    for (int round = 0; round < 50; ++round) {
      std::vector<Anchor> anchors(random() % 6);
      for (Anchor& anchor : anchors) {
        anchor.kind = static_cast<AnchorKind>(random() % kAnchorKinds);
        anchor.text = some_row(random, 40);
        for (int cell = 0; cell <= last; cell += 1 + static_cast<int>(random() % 2000))
          anchor.cells.push_back(cell);
        if (random() % 2 == 0) anchor.cells.push_back(last);
      }
      const std::string packed = pack_anchors(anchors);
      const auto unpacked = unpack_anchors(packed, density);
      REQUIRE(unpacked.size() == anchors.size());
      for (std::size_t i = 0; i < anchors.size(); ++i) {
        CHECK(unpacked[i].kind == anchors[i].kind);
        CHECK(unpacked[i].text == anchors[i].text);
        CHECK(unpacked[i].cells == anchors[i].cells);
      }
    }
  }
}

TEST_CASE("anchors: with any bit changed they stand on the page, or are damage") {
  const std::vector<Anchor> anchors = {{AnchorKind::id, "e036dd5f", {60, 300, 2047}},
                                       {AnchorKind::url, "http://a.b", {0}}};
  const std::string packed = pack_anchors(anchors);
  CHECK(unpack_anchors(packed, Density::d64).size() == 2);
  for (std::size_t bit = 0; bit < 8 * packed.size(); ++bit) {
    std::string changed = packed;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ 1 << bit % 8);
    std::vector<Anchor> unpacked;
    if (!is_whole([&] { unpacked = unpack_anchors(changed, Density::d64); })) continue;
    for (const Anchor& anchor : unpacked) {
      CHECK(static_cast<int>(anchor.kind) < kAnchorKinds);
      for (const int cell : anchor.cells) CHECK((cell >= 0 && cell < 64 * 32));
    }
  }
  CHECK(!is_whole([] {
    unpack_anchors(pack_anchors({{AnchorKind::id, "a", {2048}}}), Density::d64);
  }));
  CHECK(is_whole([] {
    unpack_anchors(pack_anchors({{AnchorKind::id, "a", {2048}}}), Density::d80);
  }));
}

TEST_CASE("numbers: of any size they are read back, and one larger than allowed is damage") {
  for (int shift = 0; shift < 63; ++shift) {
    for (const std::uint64_t number :
         {(std::uint64_t{1} << shift) - 1, std::uint64_t{1} << shift}) {
      std::string bytes;
      write_number(bytes, number);
      CHECK(bytes.size() <= 9);
      CHECK(ByteReader(bytes, "x").number(number) == number);
      if (number > 0) CHECK(!is_whole([&] { ByteReader(bytes, "it").number(number - 1); }));
      CHECK(!is_whole(
          [&] { ByteReader(std::string_view(bytes).substr(1, 0), "it").number(number); }));
    }
  }
  CHECK(!is_whole([] { ByteReader(std::string(20, '\xFF'), "it").number(UINT64_MAX); }));
  ByteReader reader("abc", "they");
  CHECK(reader.take(3) == "abc");
  CHECK(reader.at_end());
  CHECK(!is_whole([&] { reader.take(1); }));
}
