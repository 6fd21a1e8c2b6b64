#include <doctest/doctest.h>

#include <random>
#include <utility>

#include "fovea/policy.h"

namespace {

using namespace fovea;

constexpr Time kDay = 86'400;
constexpr Time kNow = 1'700'000'000;

PageState page_of_age(Time age, Level level = Level::base) {
  return {.id = 1, .level = level, .time = kNow - age, .characters = 5000};
}

/// A page whose fidelity at these levels is known.
PageState measured(Time age, std::map<Level, double> fidelity) {
  PageState page = page_of_age(age);
  page.measurable = true;
  page.fidelity = std::move(fidelity);
  return page;
}

ForgettingPlan plan_one(const Policy& policy, const PageState& page) {
  return plan(policy, {&page, 1}, kNow);
}

Policy ladder() {
  return Policy::from_json(R"({"bands": [{"level": "base"}, {"older_than": "1d", "level": "small"},
                                         {"older_than": "1w", "level": "tiny"}]})");
}

TEST_CASE("forgetting by age: a page goes to the level of its band and never gets sharper") {
  CHECK(plan_one(ladder(), page_of_age(kDay - 1)).steps.empty());
  CHECK(plan_one(ladder(), page_of_age(0, Level::trace)).steps.empty());
  const auto day = plan_one(ladder(), page_of_age(kDay));
  REQUIRE(day.steps.size() == 1);
  CHECK(day.steps[0].from == Level::base);
  CHECK(day.steps[0].to == Level::small);
  CHECK(day.steps[0].tokens_saved == 156);
  CHECK(day.steps[0].reason == "by age");
  CHECK(day.vision_tokens == 100);
  CHECK(plan_one(ladder(), page_of_age(7 * kDay)).steps.at(0).to == Level::tiny);
  CHECK(plan_one(ladder(), page_of_age(3650 * kDay, Level::tiny)).steps.empty());
}

TEST_CASE("forgetting by age: the last band may erase") {
  const Policy policy = Policy::from_json(
      R"({"bands": [{"older_than": "1h", "level": "tiny"}, {"older_than": "2w", "level": "gone"}]})");
  const auto gone = plan_one(policy, page_of_age(14 * kDay, Level::trace));
  REQUIRE(gone.steps.size() == 1);
  CHECK(!gone.steps[0].to);
  CHECK(gone.steps[0].tokens_saved == 16);
  CHECK(gone.vision_tokens == 0);
  CHECK(plan_one(policy, page_of_age(3599)).steps.empty());
}

TEST_CASE("forgetting: pinned pages stay, recalled ones fade as if they were fresh") {
  PageState pinned = page_of_age(30 * kDay);
  pinned.pinned = true;
  CHECK(plan_one(ladder(), pinned).steps.empty());
  PageState recalled = page_of_age(30 * kDay);
  recalled.last_recalled = kNow - 2 * kDay;
  CHECK(plan_one(ladder(), recalled).steps.at(0).to == Level::small);
  CHECK(plan_one(ladder(), page_of_age(-kDay)).steps.empty());  // from the future: fresh
}

TEST_CASE("forgetting by fidelity: a page goes to the coarsest level that holds its band's floor") {
  const Policy policy = Policy::standard();
  const std::map<Level, double> prose = {
      {Level::small, 1}, {Level::tiny, 0.9996}, {Level::faint, 0.957}, {Level::trace, 0.615}};
  const std::map<Level, double> hashes = {
      {Level::small, 0.9985}, {Level::tiny, 0.979}, {Level::faint, 0.7}, {Level::trace, 0.2}};
  const auto level_of = [&](Time age, const std::map<Level, double>& fidelity) {
    const auto done = plan_one(policy, measured(age, fidelity));
    CHECK(done.measurements.empty());
    return done.steps.empty() ? Level::base : done.steps.at(0).to.value();
  };
  CHECK(level_of(0, prose) == Level::tiny);
  CHECK(level_of(30 * kDay, prose) == Level::faint);
  CHECK(level_of(365 * kDay, prose) == Level::trace);
  CHECK(level_of(0, hashes) == Level::base);
  CHECK(level_of(kDay, hashes) == Level::small);
  CHECK(level_of(7 * kDay, hashes) == Level::small);
  CHECK(level_of(30 * kDay, hashes) == Level::tiny);
  CHECK(level_of(365 * kDay, hashes) == Level::faint);
}

TEST_CASE("forgetting by fidelity: a step carries what was measured, a refusal says why") {
  const auto stepped = plan_one(Policy::standard(), measured(kDay, {{Level::small, 0.9961},
                                                                    {Level::tiny, 0.98}}));
  CHECK(stepped.steps.at(0).fidelity == 0.9961);
  CHECK(stepped.steps.at(0).reason == "by fidelity");
  CHECK(stepped.refused.empty());
  const auto refused = plan_one(Policy::standard(), measured(kDay, {{Level::small, 0.9912}}));
  CHECK(refused.steps.empty());
  CHECK(refused.refused.at(0).reason == "small is read back 99.12 %, below the floor of 99.50 %");
}

TEST_CASE("forgetting by fidelity: what is not known is asked for, level by level, and no more") {
  // Asked in turn and answered from `truth`.
  const auto asked = [](Time age, std::map<Level, double> truth) {
    PageState page = measured(age, {});
    std::vector<Level> levels;
    for (auto done = plan_one(Policy::standard(), page); !done.measurements.empty();
         done = plan_one(Policy::standard(), page)) {
      REQUIRE(done.measurements.size() == 1);
      levels.push_back(done.measurements[0].level);
      page.fidelity[levels.back()] = truth.at(levels.back());
    }
    return levels;
  };
  const std::map<Level, double> usual = {
      {Level::small, 0.999}, {Level::tiny, 0.994}, {Level::faint, 0.86}, {Level::trace, 0.5}};
  CHECK(asked(7 * kDay, usual) == std::vector{Level::tiny, Level::faint});
  CHECK(asked(0, usual) == std::vector{Level::small, Level::tiny});
  CHECK(asked(365 * kDay, usual) == std::vector{Level::faint, Level::trace});
  const std::map<Level, double> hard = {{Level::small, 0.95}, {Level::tiny, 0.9}};
  CHECK(asked(7 * kDay, hard) == std::vector{Level::tiny, Level::small});
  const std::map<Level, double> easy = {
      {Level::small, 1}, {Level::tiny, 1}, {Level::faint, 1}, {Level::trace, 1}};
  CHECK(asked(0, easy) == std::vector{Level::small, Level::tiny, Level::faint, Level::trace});
}

TEST_CASE("forgetting by fidelity: a page without its exact text goes where most pages hold the floor") {
  CHECK(plan_one(Policy::standard(), page_of_age(7 * kDay)).steps.at(0).to == Level::tiny);
  const auto fresh = plan_one(Policy::standard(), page_of_age(0));
  CHECK(fresh.steps.empty());
  CHECK(fresh.measurements.empty());
  CHECK(fresh.refused.at(0).reason ==
        "small cannot be measured without the exact text; most pages are read back 99.60 %, below "
        "the floor of 99.90 %");
}

TEST_CASE("forgetting: levels that the checkpoint cannot read are not tried") {
  const std::vector levels = {Level::large, Level::base, Level::small};
  const PageState page = measured(365 * kDay, {{Level::small, 0.99}});
  const auto done = plan(Policy::standard(), {&page, 1}, kNow, levels);
  CHECK(done.measurements.empty());
  CHECK(done.steps.at(0).to == Level::small);
}

TEST_CASE("forgetting: a batch fades together, when its youngest page is old enough") {
  Policy policy = ladder();
  policy.batch = 2;
  std::vector<PageState> pages;
  for (const Time days : {4, 3, 2, 0}) {
    pages.push_back(page_of_age(days * kDay));
    pages.back().order = pages.back().id = static_cast<std::int64_t>(pages.size());
  }
  auto steps = plan(policy, pages, kNow).steps;
  REQUIRE(steps.size() == 2);
  CHECK(steps[0].id == 1);
  CHECK(steps[1].id == 2);
  steps = plan(policy, pages, kNow + kDay).steps;
  CHECK(steps.size() == 4);
  CHECK(steps[3].to == Level::small);

  SUBCASE("and a batch that is still filling stays as it was written while it is fresh") {
    policy.bands = {{.older_than = 0, .level = Level::small, .floor = {}}};
    pages.pop_back();
    CHECK(plan(policy, pages, kNow).steps.size() == 2);
    policy.bands.push_back({.older_than = 2 * kDay, .level = Level::tiny, .floor = {}});
    CHECK(plan(policy, pages, kNow).steps.size() == 3);
  }
  SUBCASE("and a page that was recalled waits without holding up the others") {
    pages[0].last_recalled = kNow;
    steps = plan(policy, pages, kNow).steps;
    REQUIRE(steps.size() == 1);
    CHECK(steps[0].id == 2);
  }
}

TEST_CASE("forgetting: a budget takes the steps that lose least for each token saved") {
  Policy policy = Policy::from_json(R"({"bands": [{"floor": 1}], "budget": 360})");
  std::vector<PageState> pages = {
      measured(0, {{Level::base, 1}, {Level::small, 0.99}, {Level::tiny, 0.9}}),
      measured(0, {{Level::base, 1}, {Level::small, 0.999}, {Level::tiny, 0.998}})};
  pages[1].id = 2;
  auto done = plan(policy, pages, kNow);
  REQUIRE(done.steps.size() == 1);  // 512 tokens, one step to small is enough
  CHECK(done.steps[0].id == 2);
  CHECK(done.steps[0].to == Level::small);
  CHECK(done.steps[0].reason == "for the budget");
  CHECK(done.vision_tokens == 356);

  policy.budget = 350;
  done = plan(policy, pages, kNow);
  CHECK(done.steps.at(0).to == Level::tiny);
  CHECK(done.vision_tokens == 320);

  policy.budget = 300;
  done = plan(policy, pages, kNow);
  CHECK(done.steps.size() == 2);
  CHECK(done.vision_tokens == 164);
}

TEST_CASE("forgetting by fidelity: a measurement decides where its error leaves no doubt") {
  const Policy policy = Policy::from_json(R"({"bands": [{"floor": 0.98}]})");
  PageState page = measured(0, {{Level::small, 0.99}, {Level::tiny, 0.985}, {Level::faint, 0.9}});
  page.fidelity_error = {{Level::tiny, 0.005}, {Level::faint, 0.079}};
  const auto sure = plan_one(policy, page);
  CHECK(sure.measurements.empty());
  REQUIRE(sure.steps.size() == 1);
  CHECK(sure.steps[0].to == Level::tiny);
  CHECK(sure.steps[0].fidelity_error == 0.005);

  page.fidelity_error[Level::tiny] = 0.006;  // 0.979 is below
  const auto doubtful = plan_one(policy, page);
  REQUIRE(doubtful.measurements.size() == 1);
  CHECK(doubtful.measurements[0].level == Level::tiny);
  CHECK(doubtful.measurements[0].floor == 0.98);

  page.fidelity_error = {{Level::faint, 0.081}};  // 0.981 is not below
  CHECK(plan_one(policy, page).measurements.at(0).level == Level::faint);
}

TEST_CASE("forgetting: pages measured already say at which level another one is tried first") {
  const Policy policy = Policy::from_json(R"({"bands": [{"floor": 0.995}]})");
  const auto first_tried = [&](int measured_pages) {
    std::vector<PageState> pages;
    for (int i = 0; i < measured_pages; ++i) {
      pages.push_back(measured(0, {{Level::small, 1}, {Level::tiny, 0.998}, {Level::faint, 0.9}}));
      pages.back().id = 2 + i;
    }
    pages.push_back(measured(0, {}));
    return plan(policy, pages, kNow).measurements.at(0).level;
  };
  CHECK(first_tried(7) == Level::small);
  CHECK(first_tried(8) == Level::tiny);
}

TEST_CASE("forgetting: a page that stays says how far off its measurement may be") {
  PageState page = measured(0, {{Level::small, 0.9}});
  page.fidelity_error = {{Level::small, 0.0123}};
  const auto stays = plan_one(Policy::from_json(R"({"bands": [{"floor": 0.98}]})"), page);
  CHECK(stays.refused.at(0).reason ==
        "small is read back 90.00 %, give or take 1.23 %, below the floor of 98.00 %");
}

TEST_CASE("forgetting: a budget weighs pages by figures that are exact") {
  PageState page = measured(0, {{Level::base, 1}, {Level::small, 0.99}});
  const Policy policy = Policy::from_json(R"({"bands": [{"floor": 1}], "budget": 100})");
  CHECK(plan_one(policy, page).measurements.empty());
  page.fidelity_error = {{Level::small, 0.001}};
  const auto done = plan_one(policy, page);
  REQUIRE(done.measurements.size() == 1);
  CHECK(done.measurements[0].level == Level::small);
  CHECK(!done.measurements[0].floor);
}

TEST_CASE("forgetting: a budget asks for the measurements that it needs, and spares pinned pages") {
  Policy policy = Policy::from_json(R"({"bands": [{"level": "base"}], "budget": 300})");
  std::vector<PageState> pages = {measured(0, {}), measured(0, {})};
  pages[1].id = 2;
  auto done = plan(policy, pages, kNow);
  REQUIRE(!done.measurements.empty());
  CHECK(done.measurements[0].id == 1);
  CHECK(done.measurements[0].level == Level::small);
  pages[0].pinned = true;
  done = plan(policy, pages, kNow);
  for (const Measurement& wanted : done.measurements) CHECK(wanted.id == 2);
  policy.budget = 10;  // more than can be done: all unpinned pages go as far as they can
  CHECK(plan(policy, pages, kNow).vision_tokens == 256 + 16);
}

TEST_CASE("forgetting: whatever the pages, a plan ends, keeps its floors and its budget") {
  std::mt19937 random(3);
  const auto share = [&] { return std::uniform_real_distribution(0.0, 1.0)(random); };
  for (int round = 0; round < 200; ++round) {
    Policy policy = Policy::standard();
    policy.batch = 1 + static_cast<int>(random() % 5);
    if (round % 2) policy.budget = 1 + random() % 3000;
    std::vector<PageState> pages;
    std::vector<std::map<Level, double>> truth;
    for (int i = 0; i < 12; ++i) {
      PageState page = page_of_age(static_cast<Time>(random() % (500 * kDay)),
                                   kLevels[random() % kLevels.size()]);
      page.id = page.order = i + 1;
      page.pinned = random() % 8 == 0;
      page.measurable = random() % 4 != 0;
      pages.push_back(page);
      truth.emplace_back();
      double fidelity = 1;
      for (const Level level : kLevels) truth.back()[level] = fidelity -= 0.3 * share() * share();
    }
    int asked = 0;
    ForgettingPlan done = plan(policy, pages, kNow);
    for (; !done.measurements.empty(); done = plan(policy, pages, kNow)) {
      const Measurement& wanted = done.measurements.front();
      const auto [id, level] = std::pair(wanted.id, wanted.level);
      auto& page = pages[static_cast<std::size_t>(id - 1)];
      REQUIRE(page.measurable);
      REQUIRE(!page.pinned);
      REQUIRE(!page.fidelity.contains(level));
      page.fidelity[level] = truth[static_cast<std::size_t>(id - 1)][level];
      REQUIRE(++asked <= 60);
    }
    std::size_t tokens = 0;
    for (const PageState& page : pages) tokens += static_cast<std::size_t>(token_count(page.level));
    for (const Step& step : done.steps) {
      const auto& page = pages[static_cast<std::size_t>(step.id - 1)];
      CHECK(!page.pinned);
      CHECK(step.to > page.level);
      tokens -= static_cast<std::size_t>(step.tokens_saved);
      if (step.reason == "by fidelity" && page.measurable) CHECK(step.fidelity.value() >= 0.6);
    }
    CHECK(done.vision_tokens == tokens);
  }
}

TEST_CASE("plan: a document goes no further than its type can be read, and says so where it stays") {
  PageState page = measured(400 * kDay, {{Level::small, 0.999}, {Level::tiny, 0.99}});
  page.legible_to = Level::small;
  CHECK(plan_one(Policy::standard(), page).steps.at(0).to == Level::small);
  page.level = Level::small;
  const auto stays = plan_one(Policy::standard(), page);
  CHECK(stays.steps.empty());
  CHECK(stays.refused.at(0).reason ==
        "is a document in type for small, which tiny is too coarse to read");

  Policy by_age;
  by_age.bands = {{.older_than = 0, .level = Level::trace, .floor = {}}};
  CHECK(plan_one(by_age, page).steps.empty());
  CHECK(plan_one(by_age, page).refused.size() == 1);
  page.level = Level::large;
  CHECK(plan_one(by_age, page).steps.at(0).to == Level::small);
  by_age.bands[0].level = Level::large;
  by_age.budget = 1;
  CHECK(plan_one(by_age, page).steps.at(0).to == Level::small);
}

TEST_CASE("plan: exact text goes when it is as old as the policy keeps it, of pinned pages not") {
  Policy policy;
  policy.bands = {{.older_than = 0, .level = Level::large, .floor = {}}};
  policy.archive_for = 30 * kDay;
  const auto archives_at = [&](Time age, auto change) {
    PageState page = page_of_age(age);
    page.has_archive = true;
    change(page);
    return plan_one(policy, page).archives.size();
  };
  CHECK(archives_at(30 * kDay, [](PageState&) {}) == 1);
  CHECK(archives_at(30 * kDay - 1, [](PageState&) {}) == 0);
  CHECK(archives_at(40 * kDay, [](PageState& page) { page.pinned = true; }) == 0);
  CHECK(archives_at(40 * kDay, [](PageState& page) { page.has_archive = false; }) == 0);
  CHECK(archives_at(40 * kDay, [](PageState& page) { page.last_recalled = kNow - kDay; }) == 0);
  policy.bands.push_back({.older_than = 35 * kDay, .level = {}, .floor = {}});
  CHECK(archives_at(40 * kDay, [](PageState&) {}) == 0);  // the page goes as a whole
}

}  // namespace
