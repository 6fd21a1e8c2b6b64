#include "fovea/policy.h"

#include <doctest/doctest.h>

#include "fovea/error.h"

namespace {

using namespace fovea;

constexpr Time kDay = 86'400;
constexpr Time kNow = 1'700'000'000;

PageState page_of_age(Time age, Level level = Level::base) {
  return {.id = 1, .level = level, .time = kNow - age};
}

std::string error_for(const std::string& json) {
  try {
    Policy::from_json(json);
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::invalid_argument);
    return error.what();
  }
  return "no error";
}

TEST_CASE("forgetting: the standard policy fades to small after a day and to tiny after a week") {
  const Policy policy = Policy::standard();
  CHECK(plan(policy, {page_of_age(0)}, kNow).empty());
  CHECK(plan(policy, {page_of_age(kDay - 1)}, kNow).empty());

  const auto day = plan(policy, {page_of_age(kDay)}, kNow);
  REQUIRE(day.size() == 1);
  CHECK(day[0].id == 1);
  CHECK(day[0].from == Level::base);
  CHECK(day[0].to == Level::small);
  CHECK(day[0].tokens_saved == 156);
  CHECK(!day[0].fidelity);

  const auto week = plan(policy, {page_of_age(7 * kDay)}, kNow);
  REQUIRE(week.size() == 1);
  CHECK(week[0].to == Level::tiny);
  CHECK(week[0].tokens_saved == 192);

  CHECK(plan(policy, {page_of_age(3650 * kDay, Level::tiny)}, kNow).empty());
}

TEST_CASE("forgetting: a page never gets sharper") {
  CHECK(plan(Policy::standard(), {page_of_age(0, Level::trace)}, kNow).empty());
}

TEST_CASE("forgetting: pinned pages stay, recalled ones fade as if they were fresh") {
  PageState pinned = page_of_age(30 * kDay);
  pinned.pinned = true;
  PageState recalled = page_of_age(30 * kDay);
  recalled.last_recalled = kNow - 2 * kDay;
  const auto steps = plan(Policy::standard(), {pinned, recalled}, kNow);
  REQUIRE(steps.size() == 1);
  CHECK(steps[0].to == Level::small);
}

TEST_CASE("forgetting: a page from the future is fresh") {
  CHECK(plan(Policy::standard(), {page_of_age(-kDay)}, kNow).empty());
}

TEST_CASE("forgetting: the last band may erase") {
  const Policy policy = Policy::from_json(
      R"({"bands": [{"older_than": "1h", "level": "tiny"}, {"older_than": "2w", "level": "gone"}]})");
  const auto steps = plan(policy, {page_of_age(14 * kDay, Level::trace)}, kNow);
  REQUIRE(steps.size() == 1);
  CHECK(!steps[0].to);
  CHECK(steps[0].tokens_saved == 16);
  CHECK(plan(policy, {page_of_age(3599)}, kNow).empty());
}

TEST_CASE("a policy reads durations in seconds, minutes, hours, days and weeks") {
  const Policy policy = Policy::from_json(R"({"kind": "by-age", "bands": [
    {"level": "large"}, {"older_than": 30, "level": "base"}, {"older_than": "90s", "level": "small"},
    {"older_than": "15m", "level": "tiny"}, {"older_than": "1h", "level": "faint"},
    {"older_than": "1d", "level": "trace"}, {"older_than": "2w", "level": null}]})");
  REQUIRE(policy.bands.size() == 7);
  CHECK(policy.bands[0].older_than == 0);
  CHECK(policy.bands[1].older_than == 30);
  CHECK(policy.bands[2].older_than == 90);
  CHECK(policy.bands[3].older_than == 900);
  CHECK(policy.bands[4].older_than == 3600);
  CHECK(policy.bands[5].older_than == 86400);
  CHECK(policy.bands[6].older_than == 1209600);
  CHECK(!policy.bands[6].level);
}

TEST_CASE("a policy written as JSON is the same policy") {
  const std::string json = Policy::standard().to_json();
  CHECK(json == R"({
  "kind": "by-age",
  "bands": [
    {
      "older_than": "0s",
      "level": "base"
    },
    {
      "older_than": "1d",
      "level": "small"
    },
    {
      "older_than": "1w",
      "level": "tiny"
    }
  ]
})");
  CHECK(Policy::from_json(json).to_json() == json);
}

TEST_CASE("a policy that cannot be used is refused with the key that is wrong") {
  CHECK(error_for("{") == "policy: not JSON at byte 2");
  CHECK(error_for("[]") == "policy: expected an object, got array");
  CHECK(error_for(R"({"bands": []})") ==
        R"(policy: bands: expected a list with at least one {"older_than", "level"})");
  CHECK(error_for(R"({"band": []})") == R"(policy: unknown key "band"; known are kind, bands)");
  CHECK(error_for(R"({"kind": "by-mood", "bands": [{"level": "tiny"}]})") ==
        R"(policy: kind: expected "by-age", got "by-mood")");
  CHECK(error_for(R"({"bands": [7]})") == "policy: bands[0]: expected an object, got number");
  CHECK(error_for(R"({"bands": [{"older_than": "1d"}]})") ==
        R"(policy: bands[0].level: missing; give a level's name, or "gone")");
  CHECK(error_for(R"({"bands": [{"older": "1d", "level": "tiny"}]})") ==
        R"(policy: unknown key "older" in bands[0]; known are older_than, level)");
  CHECK(error_for(R"({"bands": [{"older_than": "1 day", "level": "tiny"}]})") ==
        "policy: bands[0].older_than: expected a duration such as \"90s\", \"15m\", \"1h\", \"1d\" "
        "or \"2w\", or seconds, got \"1 day\"");
  CHECK(error_for(R"({"bands": [{"older_than": -1, "level": "tiny"}]})").find("got -1") !=
        std::string::npos);
  CHECK(error_for(R"({"bands": [{"older_than": "99999999999999999999w", "level": "tiny"}]})")
            .starts_with("policy: bands[0].older_than: expected"));
  CHECK(error_for(R"({"bands": [{"level": "blurry"}]})").starts_with("policy: bands[0].level: "));
  CHECK(error_for(R"({"bands": [{"level": "tiny"}, {"level": "faint"}]})") ==
        "policy: bands[1].older_than: must be longer than that of the band before it");
  CHECK(error_for(R"({"bands": [{"level": "tiny"}, {"older_than": "1d", "level": "base"}]})") ==
        "policy: bands[1].level: is sharper than that of the band before it; memory only fades");
  CHECK(error_for(R"({"bands": [{"level": "gone"}, {"older_than": "1d", "level": "trace"}]})") ==
        R"(policy: bands[1]: follows a band that is "gone"; nothing is left to fade)");
}

}  // namespace
