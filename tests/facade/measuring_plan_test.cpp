#include "facade/measuring_plan.h"

#include <doctest/doctest.h>

#include <vector>

using namespace fovea;

namespace {

std::vector<std::size_t> chosen(int wanted, std::size_t expected, std::size_t pages) {
  MeasuringPlan plan(wanted, expected);
  std::vector<std::size_t> indices;
  for (std::size_t i = 0; i < pages; ++i) {
    if (plan.next()) indices.push_back(i);
  }
  return indices;
}

}  // namespace

TEST_CASE("measuring: evenly spread where the number of pages is known") {
  CHECK(chosen(4, 12, 12) == std::vector<std::size_t>{0, 3, 6, 9});
  CHECK(chosen(8, 3, 3) == std::vector<std::size_t>{0, 1, 2});
}

TEST_CASE("measuring: the first ones, then ever fewer, where it is not") {
  CHECK(chosen(6, 0, 40) == std::vector<std::size_t>{0, 1, 2, 4, 8, 16, 32});
}

TEST_CASE("measuring: all or none") {
  CHECK(chosen(-1, 0, 3) == std::vector<std::size_t>{0, 1, 2});
  CHECK(chosen(0, 3, 3).empty());
}
