#include "memctl/measurement/intervals.h"

#include <doctest/doctest.h>

#include <vector>

using namespace fovea::memctl;

TEST_CASE("intervals: there is none over fewer than two pages, or over pages without a whole") {
  CHECK_FALSE(bootstrap_interval({}, 1));
  const std::vector<PageShare> one{{90, 100}};
  CHECK_FALSE(bootstrap_interval(one, 1));
  const std::vector<PageShare> no_whole{{90, 100}, {0, 0}, {0, 0}};
  CHECK_FALSE(bootstrap_interval(no_whole, 1));
}

TEST_CASE("intervals: pages that are alike leave no doubt") {
  const std::vector<PageShare> pages(5, {90, 100});
  const auto interval = bootstrap_interval(pages, 1);
  REQUIRE(interval);
  CHECK(interval->low == doctest::Approx(0.9));
  CHECK(interval->high == doctest::Approx(0.9));
}

TEST_CASE("intervals: they are as wide as theory has it, and the same for the same seed") {
  // 100 pages, half of them right: the share's standard error is 0.05.
  std::vector<PageShare> pages(50, {0, 1});
  pages.resize(100, {1, 1});
  const auto interval = bootstrap_interval(pages, 7);
  REQUIRE(interval);
  CHECK(interval->low == doctest::Approx(0.5 - 1.96 * 0.05).epsilon(0.03));
  CHECK(interval->high == doctest::Approx(0.5 + 1.96 * 0.05).epsilon(0.03));
  const auto again = bootstrap_interval(pages, 7);
  CHECK(interval->low == again->low);
  CHECK(interval->high == again->high);
}

TEST_CASE("intervals: a long page weighs more than a short one") {
  const std::vector<PageShare> pages{{1000, 1000}, {0, 1}};
  const auto interval = bootstrap_interval(pages, 1);
  REQUIRE(interval);
  CHECK(interval->high == 1);
  CHECK(interval->low == 0);  // drawn twice, the short page is all there is
}
