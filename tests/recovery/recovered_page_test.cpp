#include "recovery/recovered_page.h"

#include <doctest/doctest.h>

#include <random>

#include "fovea/error.h"

using namespace fovea;

namespace {

constexpr int kColumns = 64;  // of the density used here

/// A page at 64 columns, a cell a byte.
Page page_of(const std::string& text) {
  Page page;
  page.density = Density::d64;
  page.text = text;
  for (std::uint32_t i = 0; i < text.size(); ++i)
    page.cells.push_back({i, 1, static_cast<std::uint16_t>(i / kColumns),
                          static_cast<std::uint16_t>(i % kColumns), 1});
  return page;
}

std::vector<std::string> rows_of_text(const std::string& text) {
  std::vector<std::string> rows(32);
  for (std::size_t i = 0; i < text.size(); ++i) rows[i / kColumns] += text[i];
  return rows;
}

ReadPage reading(const std::vector<std::string>& rows, float confidence = 0.5f) {
  ReadPage read;
  for (const std::string& row : rows) read.rows.push_back({row, confidence, {}});
  return read;
}

RecoveredPage recovered(const std::vector<std::string>& rows, const Page& exact) {
  return RecoveredPage(reading(rows), Density::d64, row_lengths(exact));
}

/// "origin[text] ..." of the spans.
std::string shown(const RecoveredPage& page) {
  std::string all;
  const std::string text = page.text();
  for (const RecalledSpan& span : page.spans())
    all.append(name_of(span.origin)).append("[").append(text, span.begin, span.length).append("]");
  return all;
}

/// `rows` with so many bytes changed, left out or put in.
std::vector<std::string> misread(std::vector<std::string> rows, int slips, std::mt19937& random) {
  for (int i = 0; i < slips; ++i) {
    std::string& row = rows[random() % rows.size()];
    const std::size_t at = row.empty() ? 0 : random() % row.size();
    const int what = static_cast<int>(random() % 3);
    if (what == 0 && !row.empty()) row[at] = static_cast<char>('a' + random() % 26);
    if (what == 1 && !row.empty()) row.erase(at, 1 + random() % 3);
    if (what == 2) row.insert(at, 1 + random() % 20, 'z');
  }
  return rows;
}

const std::string kText = "the file src/memory_age.cpp:128 fails, see commit e036dd5f there";

}  // namespace

TEST_CASE("anchors are put where they stand, over whatever was read") {
  const Page page = page_of(kText);
  const auto anchors = anchors_of(page, 1000);
  REQUIRE(anchors.size() == 2);
  std::string read = kText;
  read.replace(9, 22, "src/nenory_aqe.cqp:1Z8");
  auto rows = rows_of_text(read);
  RecoveredPage result = recovered(rows, page);
  CHECK(!result.is_improved());
  result.put(anchors);
  CHECK(result.is_improved());
  CHECK(result.text() == kText);
  CHECK(shown(result) == "decoded[the file ]anchor[src/memory_age.cpp:128]decoded[ fails, see commit ]"
                         "anchor[e036dd5f]decoded[ there]");
  CHECK(result.spans()[0].confidence == 0.5f);
  CHECK(result.spans()[1].confidence == 1);
}

TEST_CASE("an anchor runs over the end of a row") {
  const std::string text = std::string(60, '.') + "deadbeef00 and more";
  const Page page = page_of(text);
  const auto anchors = anchors_of(page, 100);
  REQUIRE(anchors.size() == 1);
  CHECK(anchors[0].text == "deadbeef00");
  CHECK(anchors[0].cells == std::vector<int>{60});
  std::string read = text;
  read.replace(60, 10, "xxxxxxxxxx");
  RecoveredPage result = recovered(rows_of_text(read), page);
  result.put(anchors);
  CHECK(result.text() == text);
}

TEST_CASE("a row read with a cell too few or too many takes the anchor where it fits best") {
  const Page page = page_of(kText);
  for (const std::string wrong : {"te file", "the fiile"}) {
    std::string read = kText;
    read.replace(0, 8, wrong);
    RecoveredPage result = recovered({read}, page);
    result.put(anchors_of(page, 1000));
    CHECK(result.text() == read);
    CHECK(result.spans()[1].confidence == 0.5f);  // its place is a guess
  }
}

TEST_CASE("wide characters take two cells, and an anchor that covers half of one covers it") {
  Page page;
  page.density = Density::d64;
  const std::vector<Anchor> anchors = {{AnchorKind::id, "abc1234", {3}}};
  RecoveredPage result(reading({"\xe4\xb8\xad\xe4\xb8\xad" "bc12345"}), Density::d64,
                       std::vector<int>{11});
  result.put(anchors);
  CHECK(result.text() == "\xe4\xb8\xad" "abc12345");
}

TEST_CASE("a budget keeps the anchors that are worth most, and packing keeps them all") {
  const Page page = page_of("MAX_PAGES 0x7ffd2a1c MAX_PAGES /var/log/x.log 0x7ffd2a1c 12.5 ms");
  const auto all = anchors_of(page, 1000);
  REQUIRE(all.size() == 4);
  CHECK(all[0].text == "0x7ffd2a1c");
  CHECK(all[0].cells == std::vector<int>{10, 46});
  CHECK(all[3].text == "MAX_PAGES");
  const auto some = anchors_of(page, 16);
  REQUIRE(some.size() == 1);
  CHECK(some[0].text == "0x7ffd2a1c");
  CHECK(pack_anchors(some).size() <= 16);
  CHECK(anchors_of(page, 0).empty());

  const auto again = unpack_anchors(pack_anchors(all), Density::d64);
  REQUIRE(again.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(again[i].kind == all[i].kind);
    CHECK(again[i].text == all[i].text);
    CHECK(again[i].cells == all[i].cells);
  }
}

TEST_CASE("anchors that fill their budget to the last byte are kept, with a byte less one is not") {
  const Page page = page_of(kText);
  const auto all = anchors_of(page, 1000);
  const std::size_t bytes = pack_anchors(all).size();
  CHECK(anchors_of(page, bytes).size() == all.size());
  CHECK(anchors_of(page, bytes - 1).size() == all.size() - 1);
  CHECK(anchors_of(page, 0).empty());
}

TEST_CASE("edits are the fewest, and say what stays, goes and comes") {
  CHECK(edits_between("same", "same").empty());
  CHECK(edits_between("kitten", "sitting") ==
        std::vector<Edit>{{0, 1, "s"}, {3, 1, "i"}, {1, 0, "g"}});
  CHECK(edits_between("", "new") == std::vector<Edit>{{0, 0, "new"}});
  CHECK(edits_between("gone", "") == std::vector<Edit>{{0, 4, ""}});
}

TEST_CASE("corrections lead from any reading to the exact text, and prove it") {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    std::string text;
    for (int i = 0; i < 200 + round; ++i) text += static_cast<char>(random() % 256);
    const auto exact = rows_of_text(text);
    const auto read = misread(exact, round % 40, random);
    const std::string packed = pack_corrections(corrections_between(read, exact));
    RecoveredPage result(reading(read), Density::d64, {});
    result.correct(unpack_corrections(packed));
    REQUIRE(result.text() == text);
    REQUIRE(result.is_exact());
    REQUIRE(confidence_of(result.spans()) == 1);
  }
}

TEST_CASE("corrections come after anchors, and show what they put in") {
  const Page page = page_of(kText);
  const auto anchors = anchors_of(page, 1000);
  std::string wrong = kText;
  wrong.replace(9, 22, "src/nenory_aqe.cqp:1Z8").replace(0, 3, "tha");
  RecoveredPage result = recovered(rows_of_text(wrong), page);
  result.put(anchors);
  const auto corrections = corrections_between(result.rows(), rows_of_text(kText));
  CHECK(pack_corrections(corrections).size() == 8 + 1 + 2 + 1 + 3);  // one letter of one row
  result.correct(corrections);
  CHECK(result.text() == kText);
  CHECK(shown(result).starts_with("decoded[th]corrected[e]decoded[ file ]anchor[src/memory_age"));
}

TEST_CASE("a row that reads otherwise than when it was corrected is left as it is") {
  const auto exact = rows_of_text(std::string(64, 'a') + std::string(64, 'b'));
  auto read = exact;
  read[0][5] = 'x';
  read[1][5] = 'x';
  const auto corrections = corrections_between(read, exact);
  read[1][6] = 'y';  // another machine
  RecoveredPage result(reading(read), Density::d64, {});
  result.correct(corrections);
  CHECK(!result.is_exact());
  CHECK(result.rows()[0] == exact[0]);
  CHECK(result.rows()[1] == read[1]);
  CHECK(result.spans().back().confidence == 0.5f);
}

TEST_CASE("a character corrected in one of its bytes is a corrected one") {
  RecoveredPage result(reading({"caf\xc3\xa8!"}), Density::d64, {});
  result.correct(corrections_between({"caf\xc3\xa8!"}, {"caf\xc3\xa9!"}));
  CHECK(shown(result) == "decoded[caf]corrected[\xc3\xa9]decoded[!]");
}

TEST_CASE("corrections put a row that is kept whole in, whatever was read") {
  const std::vector<std::string> exact = {"배는 항구를", "second row", "third"};
  const std::string packed = pack_corrections(
      corrections_between({"noise", "second row", "thrid"}, exact, {true, false, false}));
  const Corrections corrections = unpack_corrections(packed);
  CHECK(whole_text(corrections) == "배는 항구를");
  const auto corrected = [&](const std::vector<std::string>& read) {
    ReadPage page;
    for (const std::string& row : read) page.rows.push_back({row, 0.5f, {}});
    RecoveredPage result(page, Density::d106, {});
    result.correct(corrections);
    return std::pair(result.text(), result.is_exact());
  };
  CHECK(corrected({"noise", "second row", "thrid"}) == std::pair(exact[0] + exact[1] + exact[2], true));
  CHECK(corrected({"other", "secnd row", "thrid"}) ==
        std::pair(exact[0] + "secnd row" + exact[2], false));
  CHECK(corrected({}) == std::pair(exact[0], false));
}

TEST_CASE("damaged anchors and corrections are corruption, whatever their bytes") {
  const Page page = page_of(kText);
  const std::string anchors = pack_anchors(anchors_of(page, 1000));
  auto read = rows_of_text(kText);
  read[0] = "the commit";
  const std::string corrections = pack_corrections(corrections_between(read, rows_of_text(kText)));
  std::mt19937 random(5);
  int refused = 0;
  for (int round = 0; round < 3000; ++round) {
    for (std::string bytes : {anchors, corrections}) {
      if (round % 3 == 0) bytes.resize(random() % bytes.size());
      else bytes[random() % bytes.size()] = static_cast<char>(random());
      RecoveredPage result = recovered(read, page);
      try {
        if (round % 2) result.put(unpack_anchors(bytes, Density::d64));
        else result.correct(unpack_corrections(bytes));
        CHECK(result.text().size() < 100'000);
      } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::corruption);
        ++refused;
      }
    }
  }
  CHECK(refused > 500);
}
