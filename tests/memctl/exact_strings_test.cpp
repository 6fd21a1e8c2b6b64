#include "memctl/measurement/exact_strings.h"

#include <doctest/doctest.h>

using namespace fovea::memctl;

TEST_CASE("exact strings: one with a wrong character is not given back") {
  const auto found = exact_strings_in("commit 4f9a1c2 on 2026-05-15, 1,234 rows in src/a/b.cpp",
                                      "commit 4f9alc2 on 2026-05-15, 1,234 rows in src/a/b.cpp");
  CHECK(found.at("id").all == 1);
  CHECK(found.at("id").given_back == 0);
  CHECK(found.at("number").all == 2);
  CHECK(found.at("number").given_back == 2);
  CHECK(found.at("path").given_back == 1);
  CHECK(sum_of(found).all == 4);
  CHECK(sum_of(found).given_back == 3);
}

TEST_CASE("exact strings: one that stands twice has to be given back twice") {
  const auto found = exact_strings_in("12345 and 12345", "12345 and 67890");
  CHECK(found.at("number").all == 2);
  CHECK(found.at("number").given_back == 1);
}

TEST_CASE("exact strings: part of a longer one is not it") {
  CHECK(sum_of(exact_strings_in("12345", "9123456")).given_back == 0);
  CHECK(sum_of(exact_strings_in("no such thing", "at all")).all == 0);
}
