#include "src/context/context_plan.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

using namespace fovea;

namespace {

constexpr std::size_t kEnough = 1'000'000'000;

PlannedPage page(std::int64_t id, std::size_t tokens, std::size_t images = 1) {
  return {.id = id,
          .kept = {tokens, images, tokens * 10},
          .readback = {tokens * 4, 0, tokens * 12},
          .kept_as_text = images == 0};
}

ContextPlanInput pages_of(std::size_t count, std::size_t tokens, std::size_t budget) {
  ContextPlanInput input;
  input.limit = {budget, kEnough, kEnough};
  for (std::size_t i = 0; i < count; ++i) input.pages.push_back(page(std::int64_t(i + 1), tokens));
  return input;
}

using Indices = std::vector<std::size_t>;

bool has(const Indices& list, std::size_t index) {
  return std::ranges::find(list, index) != list.end();
}

ContextCost cost_of(const ContextPlanInput& input, const ContextPlan& plan) {
  ContextCost sum;
  for (const auto* list : {&plan.pinned, &plan.pages})
    for (const std::size_t i : *list) sum = sum + input.pages[i].kept;
  if (sum.images > 0) sum = sum + input.preface;
  for (std::size_t i = plan.recent_begin; i < input.recent.size(); ++i) sum = sum + input.recent[i];
  for (const std::size_t i : plan.matches) sum = sum + input.pages[i].readback;
  return sum;
}

ContextPlanInput random_input(std::mt19937& random) {
  const auto below = [&](std::size_t n) { return std::size_t(random() % n); };
  ContextPlanInput input;
  input.limit = {below(6000), below(3) ? kEnough : below(12), below(3) ? kEnough : below(40'000)};
  input.preface = {below(40), 0, below(100)};
  const std::size_t pages = below(40), recent = below(8);
  for (std::size_t i = 0; i < pages; ++i) {
    input.pages.push_back(page(std::int64_t(100 + i), 1 + below(400), below(3)));
    input.pages.back().pinned = below(8) == 0;
    input.pages.back().tied_to_next = below(4) == 0;
  }
  for (std::size_t i = 0; i < recent; ++i) input.recent.push_back({1 + below(300), 0, below(900)});
  for (std::size_t i = 0; i < 5; ++i) input.matches.push_back(std::int64_t(98 + below(44)));
  return input;
}

}  // namespace

TEST_CASE("context plan: what fits is taken, in order") {
  auto input = pages_of(5, 100, 2000);
  input.recent = {{50, 0, 0}, {60, 0, 0}};
  const auto plan = plan_context(input);
  CHECK(plan.pages == Indices{0, 1, 2, 3, 4});
  CHECK(plan.recent_begin == 0);
  CHECK(plan.used.tokens == 610);
  CHECK(plan.used.images == 5);
}

TEST_CASE("context plan: it is never over the limit, and parts no call from its result") {
  std::mt19937 random(7);
  for (int round = 0; round < 5000; ++round) {
    const auto input = random_input(random);
    const auto plan = plan_context(input);
    CAPTURE(round);
    const auto cost = cost_of(input, plan);
    REQUIRE(fits(cost, input.limit));
    REQUIRE(cost.tokens == plan.used.tokens);
    REQUIRE(cost.images == plan.used.images);
    REQUIRE(cost.bytes == plan.used.bytes);
    for (std::size_t i = 0; i < input.pages.size(); ++i) {
      if (!input.pages[i].tied_to_next) continue;
      const bool kept = has(plan.pages, i) || has(plan.pinned, i);
      if (i + 1 < input.pages.size()) {
        REQUIRE(kept == (has(plan.pages, i + 1) || has(plan.pinned, i + 1)));
        REQUIRE(has(plan.matches, i) == has(plan.matches, i + 1));
      } else if (!input.recent.empty()) {
        REQUIRE(kept == (plan.recent_begin == 0));
      }
    }
  }
}

TEST_CASE("context plan: the query changes nothing of what is stable") {
  std::mt19937 random(8);
  for (int round = 0; round < 2000; ++round) {
    auto input = random_input(random);
    const auto with = plan_context(input);
    input.matches.clear();
    const auto without = plan_context(input);
    CAPTURE(round);
    REQUIRE(with.pinned == without.pinned);
    REQUIRE(with.pages == without.pages);
    REQUIRE(with.recent_begin == without.recent_begin);
  }
}

TEST_CASE("context plan: the least budget that is named does, and one token less does not") {
  std::mt19937 random(9);
  int named = 0;
  for (int round = 0; round < 2000; ++round) {
    auto input = random_input(random);
    input.limit = {random() % 60, kEnough, kEnough};
    const auto plan = plan_context(input);
    if (!plan.least_tokens) continue;
    ++named;
    REQUIRE(*plan.least_tokens > input.limit.tokens);
    input.limit.tokens = *plan.least_tokens;
    REQUIRE_FALSE(plan_context(input).least_tokens);
    input.limit.tokens -= 1;
    REQUIRE(plan_context(input).least_tokens);
  }
  CHECK(named > 100);
}

TEST_CASE("context plan: older pages leave in batches while history grows") {
  std::size_t moves = 0, begin = 0;
  for (std::size_t count = 40; count < 120; ++count) {
    const auto plan = plan_context(pages_of(count, 100, 4000));
    REQUIRE_FALSE(plan.pages.empty());
    CHECK(plan.pages.back() == count - 1);
    if (plan.pages.front() != begin) ++moves;
    begin = plan.pages.front();
  }
  // Room for 30 pages: 7 or 8 leave at once.
  CHECK(moves >= 9);
  CHECK(moves <= 13);
}

TEST_CASE("context plan: growing recent text moves no page as long as it is small for the budget") {
  auto input = pages_of(100, 100, 8000);
  const auto empty = plan_context(input).pages;
  for (const std::size_t tokens : {1, 500, 999}) {
    input.recent = {{tokens, 0, 0}};
    CHECK(plan_context(input).pages == empty);
  }
}

TEST_CASE("context plan: pinned pages come first, whatever their age") {
  auto input = pages_of(100, 100, 1000);
  input.pages[3].pinned = true;
  const auto plan = plan_context(input);
  CHECK(plan.pinned == Indices{3});
  CHECK_FALSE(has(plan.pages, 3));
  CHECK(plan.pages.back() == 99);
}

TEST_CASE("context plan: recent text goes before pages, its oldest messages go first") {
  auto input = pages_of(10, 100, 1000);
  input.recent = {{500, 0, 0}, {300, 0, 0}, {300, 0, 0}};
  const auto plan = plan_context(input);
  CHECK(plan.recent_begin == 1);
  CHECK(plan.pages.empty());
}

TEST_CASE("context plan: a pinned page brings the page that has its tool's result") {
  auto input = pages_of(10, 100, 650);
  input.pages[2].pinned = true;
  input.pages[2].tied_to_next = true;
  CHECK(plan_context(input).pinned == Indices{2, 3});
  input.limit.tokens = 150;
  CHECK(plan_context(input).pinned.empty());
}

TEST_CASE("context plan: matches are read back while they fit, those kept as text are not") {
  auto input = pages_of(4, 100, 4000);
  input.pages[1] = page(2, 100, 0);
  input.matches = {2, 4, 1, 77};
  CHECK(plan_context(input).matches == Indices{0, 3});
  input.limit.tokens = 900;  // 400 for pages, 400 for one match
  CHECK(plan_context(input).matches == Indices{3});
}

TEST_CASE("context plan: pictures and bytes have limits of their own") {
  auto input = pages_of(50, 10, 100'000);
  input.limit.images = 20;
  CHECK(plan_context(input).used.images <= 20);
  CHECK(plan_context(input).used.images >= 15);
  input.limit = {100'000, kEnough, 2000};
  CHECK(plan_context(input).used.bytes <= 2000);
}

TEST_CASE("context plan: an empty scope makes an empty plan, not a complaint") {
  const auto plan = plan_context(pages_of(0, 1, 10));
  CHECK(plan.pages.empty());
  CHECK_FALSE(plan.least_tokens);
}
