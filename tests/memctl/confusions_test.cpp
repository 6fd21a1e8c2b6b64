#include "memctl/experiment/confusions.h"

#include <doctest/doctest.h>

using namespace fovea::memctl;

namespace {

/// "exact>read count", parted by spaces.
std::string confusions(std::string_view exact, std::string_view read) {
  Confusions counts;
  count_confusions(fovea::slips_between(exact, read), counts);
  std::string all;
  for (const Confusion& one : most_frequent(counts, 10)) {
    if (!all.empty()) all += ' ';
    all += one.exact + ">" + one.read + " " + std::to_string(one.count);
  }
  return all;
}

}  // namespace

TEST_CASE("confusions: rows that are equal have none") {
  CHECK(confusions("", "") == "");
  CHECK(confusions("same", "same") == "");
}

TEST_CASE("confusions: a character is read as another, left out or added") {
  CHECK(confusions("level 10", "leve1 l0") == "1>l 1 l>1 1");
  CHECK(confusions("abcd", "abd") == "c> 1");
  CHECK(confusions("abd", "abcd") == ">c 1");
  CHECK(confusions("ab", "") == "a> 1 b> 1");
}

TEST_CASE("confusions: the most frequent come first") {
  CHECK(confusions("0a0b0c", "OaObOd") == "0>O 3 c>d 1");
  Confusions counts;
  count_confusions(fovea::slips_between("0a0b0c", "OaObOd"), counts);
  REQUIRE(most_frequent(counts, 1).size() == 1);
  CHECK(most_frequent(counts, 1)[0].count == 3);
}

TEST_CASE("confusions: characters beyond ASCII are whole, and others are shown escaped") {
  CHECK(confusions("né", "ne") == "é>e 1");
  CHECK(confusions("\n", "\t") == "\\n>\\t 1");
  CHECK(confusions("\xFF", "x") == "\\xff>x 1");
}

TEST_CASE("confusions: a row with more marks than a table holds is passed over") {
  std::string marks = "e";
  for (int i = 0; i < 20000; ++i) marks += "\u0301";
  CHECK(confusions(marks, marks + "x") == "");
}
