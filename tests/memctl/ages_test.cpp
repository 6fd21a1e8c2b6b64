#include "memctl/lifetime/ages.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace fovea::memctl;

namespace {

Life life_with_pages_at(std::vector<fovea::Time> times) {
  Life life;
  for (const fovea::Time time : times) life.pages.push_back({.begin = 0, .end = 0, .time = time});
  return life;
}

}  // namespace

TEST_CASE("ages: each page is in one range, from just after its beginning up to its end") {
  const fovea::Time now = 1000 * kDay;
  const Life life =
      life_with_pages_at({0, now - 7 * kDay, now - 7 * kDay + 1, now - kDay, now - 1});
  CHECK(pages_of_age(life, {0, 1}, now, 5) == std::vector<std::size_t>{3, 4});
  CHECK(pages_of_age(life, {1, 7}, now, 5) == std::vector<std::size_t>{1, 2});
  CHECK(pages_of_age(life, {365, 0}, now, 5) == std::vector<std::size_t>{0});
  std::size_t all = 0;
  for (const AgeRange& range : kAgeRanges) all += pages_of_age(life, range, now, 5).size();
  CHECK(all == 5);
  CHECK(pages_of_age(life, {0, 1}, now, 3).empty());
}

TEST_CASE("ages: a page that is looked at among many is looked at among fewer") {
  const std::vector<std::size_t> many{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, few{2, 3, 4, 5, 6};
  const auto of_many = sample_of(many, 4, 1), of_few = sample_of(few, 4, 1);
  CHECK(of_many.size() == 4);
  CHECK(std::ranges::is_sorted(of_many));
  for (const std::size_t page : of_many)
    if (std::ranges::find(few, page) != few.end())
      CHECK(std::ranges::find(of_few, page) != of_few.end());
  CHECK(sample_of(few, 9, 1) == few);
  CHECK(sample_of(many, 4, 1) == of_many);
  CHECK(sample_of(many, 4, 2) != of_many);
}
