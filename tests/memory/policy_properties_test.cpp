// What holds for any policy and any pages: JSON keeps a policy, and more of what is asked for never
// gives less.
#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "fovea/error.h"
#include "fovea/policy.h"

using namespace fovea;
using Random = std::mt19937;

namespace {

constexpr Time kDay = 86'400;
constexpr Time kNow = 1'700'000'000;

Level some_level(Random& random) { return kLevels[random() % kLevels.size()]; }

double some_share(Random& random) { return static_cast<double>(random() % 1001) / 1000; }

/// One that is taken: bands fade, in order.
Policy some_policy(Random& random) {
  Policy policy;
  const bool by_age = random() % 2 == 0;
  std::int64_t age = random() % 3 == 0 ? 0 : static_cast<std::int64_t>(random() % 5000);
  int level = static_cast<int>(random() % 3);
  double floor = some_share(random);
  for (std::size_t left = 1 + random() % 5; left > 0; --left) {
    AgeBand& band = policy.bands.emplace_back();
    band.older_than = age;
    if (by_age)
      band.level = kLevels[static_cast<std::size_t>(level)];
    else
      band.floor = floor;
    age += 1 + static_cast<std::int64_t>(random() % (20 * kDay));
    level = std::min(level + static_cast<int>(random() % 2), 5);
    floor *= some_share(random);
  }
  if (random() % 3 == 0) policy.bands.push_back({.older_than = age});
  if (random() % 2 == 0) policy.budget = 1 + random() % 100'000;
  policy.batch = 1 + static_cast<int>(random() % 6);
  if (random() % 2 == 0) policy.anchors = {1 + random() % 5000, some_level(random)};
  policy.anchors_without_archive = policy.anchors.bytes > 0 && random() % 2 == 0;
  if (random() % 2 == 0) policy.corrections = {1 + random() % 5000, some_level(random)};
  if (random() % 2 == 0) policy.archive_for = static_cast<std::int64_t>(random() % (400 * kDay));
  return policy;
}

std::vector<PageState> some_pages(Random& random) {
  std::vector<PageState> pages;
  for (std::size_t i = 1 + random() % 20; i > 0; --i) {
    PageState& page = pages.emplace_back();
    page.id = page.order = static_cast<std::int64_t>(pages.size());
    page.level = some_level(random);
    page.time = kNow - static_cast<Time>(random() % (60 * kDay));
    page.last_recalled = random() % 4 == 0 ? kNow - static_cast<Time>(random() % kDay) : 0;
    page.pinned = random() % 6 == 0;
    page.characters = random() % 6000;
    page.measurable = random() % 2 == 0;
    page.has_archive = random() % 2 == 0;
    double fidelity = 1;
    for (const Level level : kLevels)
      page.fidelity[level] = fidelity *= 1 - 0.2 * some_share(random);
  }
  return pages;
}

}  // namespace

TEST_CASE("policies: any of them is the same when it was written as JSON and read again") {
  Random random(21);
  for (int round = 0; round < 2000; ++round) {
    const Policy policy = some_policy(random);
    const Policy again = Policy::from_json(policy.to_json());
    CAPTURE(policy.to_json());
    CHECK(again.to_json() == policy.to_json());
    REQUIRE(again.bands.size() == policy.bands.size());
    for (std::size_t i = 0; i < policy.bands.size(); ++i) {
      CHECK(again.bands[i].older_than == policy.bands[i].older_than);
      CHECK(again.bands[i].level == policy.bands[i].level);
      CHECK(again.bands[i].floor == policy.bands[i].floor);
    }
    CHECK(again.budget == policy.budget);
    CHECK(again.batch == policy.batch);
    CHECK(again.anchors.bytes == policy.anchors.bytes);
    CHECK(again.anchors_without_archive == policy.anchors_without_archive);
    CHECK(again.corrections.bytes == policy.corrections.bytes);
    CHECK(again.archive_for == policy.archive_for);
  }
}

TEST_CASE("policies: JSON with a changed byte is refused with a reason, or is a policy") {
  Random random(22);
  for (int round = 0; round < 3000; ++round) {
    std::string json = some_policy(random).to_json();
    json[random() % json.size()] = "0:,\"}]{[x-"[random() % 10];
    try {
      const Policy policy = Policy::from_json(json);
      CHECK(Policy::from_json(policy.to_json()).to_json() == policy.to_json());
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::invalid_argument);
      CHECK(std::string(error.what()).starts_with("policy"));
    }
  }
}

TEST_CASE("plans: pages only ever fade, pinned ones never, and the sum is right") {
  Random random(23);
  for (int round = 0; round < 1000; ++round) {
    const Policy policy = some_policy(random);
    const auto pages = some_pages(random);
    const ForgettingPlan made = plan(policy, pages, kNow);
    std::size_t tokens = 0;
    for (const PageState& page : pages) tokens += static_cast<std::size_t>(token_count(page.level));
    std::int64_t before = 0;
    for (const Step& step : made.steps) {
      const PageState& page = pages[static_cast<std::size_t>(step.id - 1)];
      CHECK(step.id > before);  // each at most once
      before = step.id;
      CHECK(!page.pinned);
      CHECK((!step.to || *step.to > page.level));
      CHECK(step.from == page.level);
      CHECK(step.tokens_saved == token_count(page.level) - (step.to ? token_count(*step.to) : 0));
      tokens -= static_cast<std::size_t>(step.tokens_saved);
    }
    CHECK(made.vision_tokens == tokens);
    for (const std::int64_t id : made.archives) {
      CHECK(pages[static_cast<std::size_t>(id - 1)].has_archive);
      CHECK(!pages[static_cast<std::size_t>(id - 1)].pinned);
    }
  }
}

TEST_CASE(
    "plans: a smaller budget leaves no more tokens, and as many as it may where pages can fade") {
  Random random(24);
  for (int round = 0; round < 300; ++round) {
    Policy policy = some_policy(random);
    const auto pages = some_pages(random);
    std::size_t least = 0;
    for (const PageState& page : pages)
      least += static_cast<std::size_t>(page.pinned ? token_count(page.level)
                                                    : token_count(Level::trace));
    std::size_t before = SIZE_MAX;
    for (const std::size_t budget : {20'000, 3000, 1000, 400, 100, 16, 1}) {
      policy.budget = budget;
      const ForgettingPlan made = plan(policy, pages, kNow);
      REQUIRE(made.measurements.empty());
      CHECK(made.vision_tokens <= before);
      CHECK(made.vision_tokens <= std::max(budget, least));
      before = made.vision_tokens;
    }
  }
}

TEST_CASE("plans: time only ever takes more") {
  Random random(25);
  for (int round = 0; round < 300; ++round) {
    Policy policy = some_policy(random);
    policy.budget = {};
    const auto pages = some_pages(random);
    std::size_t before = SIZE_MAX, archives = 0;
    for (const Time later : {Time{0}, Time{3600}, kDay, 7 * kDay, 40 * kDay, 1000 * kDay}) {
      const ForgettingPlan made = plan(policy, pages, kNow + later);
      CHECK(made.vision_tokens <= before);
      before = made.vision_tokens;
      const bool any_gone =
          std::ranges::any_of(made.steps, [](const Step& step) { return !step.to; });
      if (!any_gone) CHECK(made.archives.size() >= archives);
      archives = any_gone ? 0 : made.archives.size();
    }
  }
}

TEST_CASE("plans: what was carried out is not asked for again") {
  Random random(26);
  for (int round = 0; round < 500; ++round) {
    Policy policy = some_policy(random);
    if (round % 2 == 0) policy.budget = {};
    auto pages = some_pages(random);
    const ForgettingPlan first = plan(policy, pages, kNow);
    std::vector<PageState> left;
    for (const PageState& page : pages) {
      const auto step = std::ranges::find(first.steps, page.id, &Step::id);
      if (step != first.steps.end() && !step->to) continue;
      left.push_back(page);
      if (step != first.steps.end()) left.back().level = *step->to;
      if (std::ranges::find(first.archives, page.id) != first.archives.end())
        left.back().has_archive = false;
    }
    if (left.size() != pages.size()) continue;  // batches have lost a page
    const ForgettingPlan second = plan(policy, left, kNow);
    CHECK(second.steps.empty());
    CHECK(second.archives.empty());
    CHECK(second.vision_tokens == first.vision_tokens);
  }
}
