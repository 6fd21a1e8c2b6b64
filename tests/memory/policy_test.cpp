#include "fovea/policy.h"

#include <doctest/doctest.h>

#include "fovea/error.h"

namespace {

using namespace fovea;

std::string error_for(const std::string& json) {
  try {
    Policy::from_json(json);
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::invalid_argument);
    return error.what();
  }
  return "no error";
}

TEST_CASE("the standard policy is balanced: by fidelity, with the floors of the design") {
  const Policy policy = Policy::standard();
  REQUIRE(policy.bands.size() == 5);
  const std::int64_t ages[] = {0, 86'400, 604'800, 30 * 86'400, 365 * 86'400};
  const double floors[] = {0.999, 0.995, 0.98, 0.9, 0.6};
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK(policy.bands[i].older_than == ages[i]);
    CHECK(policy.bands[i].floor == floors[i]);
    CHECK(!policy.bands[i].level);
  }
  CHECK(policy.batch == 8);
  CHECK(!policy.budget);
  CHECK(policy.corrections.bytes == 0);
  CHECK(!policy.anchors_without_archive);
}

TEST_CASE("the presets are careful, balanced and lean; only careful keeps text without an archive") {
  CHECK(Policy::preset_names().size() == 3);
  for (const auto name : Policy::preset_names()) {
    const Policy policy = Policy::preset(name);
    CHECK(policy.anchors_without_archive == (name == "careful"));
    CHECK((policy.corrections.bytes > 0) == (name == "careful"));
  }
  CHECK_THROWS_WITH(Policy::preset("mean"),
                    "policy \"mean\": no such preset; the presets are careful, balanced and lean");
}

TEST_CASE("an unmeasured page of a floor goes where most pages hold it") {
  CHECK(expected_level(0.999) == Level::base);
  CHECK(expected_level(0.995) == Level::small);
  CHECK(expected_level(0.98) == Level::tiny);
  CHECK(expected_level(0.9) == Level::tiny);
  CHECK(expected_level(0.6) == Level::faint);
  CHECK(expected_level(1) == Level::large);
  CHECK(expected_level(0) == Level::trace);
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
  const std::string json = Policy::from_json(R"({
    "$schema": "schema.json", "bands": [{"floor": 1}, {"older_than": 5400, "floor": 0.5},
    {"older_than": "3w", "level": "gone"}], "budget": 9000, "batch": 4,
    "anchors": {"bytes": 100, "without_archive": true}, "corrections": {"bytes": 7, "down_to": "base"}
  })").to_json();
  CHECK(json == R"({
  "kind": "by-fidelity",
  "bands": [
    {
      "older_than": "0s",
      "floor": 1.0
    },
    {
      "older_than": "90m",
      "floor": 0.5
    },
    {
      "older_than": "3w",
      "level": "gone"
    }
  ],
  "budget": 9000,
  "batch": 4,
  "anchors": {
    "bytes": 100,
    "down_to": "trace",
    "without_archive": true
  },
  "corrections": {
    "bytes": 7,
    "down_to": "base"
  }
})");
  CHECK(Policy::from_json(json).to_json() == json);
  CHECK(Policy::from_json(R"({"bands": [{"level": "tiny"}]})").to_json().find("by-age") !=
        std::string::npos);
}

TEST_CASE("a policy that cannot be used is refused with the key that is wrong") {
  CHECK(error_for("{").starts_with("policy: not valid JSON: parse error at line 1, column 2"));
  CHECK(error_for(R"({"budget": 1e999})").starts_with("policy: not valid JSON: number overflow"));
  CHECK(error_for(std::string(70'000, '[')).starts_with("policy: line 1 nests more than 1000 lists"));
  CHECK(error_for("[]") == "policy: expected an object, got array");
  CHECK(error_for(R"({"bands": []})") ==
        R"(policy: bands: expected a list with at least one {"older_than", "floor" or "level"})");
  CHECK(error_for(R"({"band": []})") == "policy: unknown key \"band\"; known are $schema, kind, bands, budget, batch, anchors, "
        "corrections, archive_for");
  CHECK(error_for(R"({"kind": "by-mood", "bands": [{"level": "tiny"}]})") ==
        R"(policy: kind: expected "by-fidelity" or "by-age", got "by-mood")");
  CHECK(error_for(R"({"bands": [7]})") == "policy: bands[0]: expected an object, got number");
  CHECK(error_for(R"({"bands": [{"older_than": "1d"}]})") ==
        R"(policy: bands[0]: give either a floor, or a level (its name, or "gone"))");
  CHECK(error_for(R"({"bands": [{"floor": 0.9, "level": "tiny"}]})") ==
        R"(policy: bands[0]: give either a floor, or a level (its name, or "gone"))");
  CHECK(error_for(R"({"bands": [{"older": "1d", "level": "tiny"}]})") ==
        R"(policy: unknown key "older" in bands[0]; known are older_than, level, floor)");
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

TEST_CASE("a policy by fidelity that cannot be used is refused with the key that is wrong") {
  CHECK(error_for(R"({"bands": [{"floor": "98%"}]})") ==
        "policy: bands[0].floor: expected a number from 0 to 1, such as 0.98, got \"98%\"");
  CHECK(error_for(R"({"bands": [{"floor": 98}]})").find("bands[0].floor") != std::string::npos);
  CHECK(error_for(R"({"bands": [{"floor": 0.9}, {"older_than": "1d", "floor": 0.95}]})") ==
        "policy: bands[1].floor: is higher than that of the band before it; memory only fades");
  CHECK(error_for(R"({"bands": [{"floor": 0.9}, {"older_than": "1d", "level": "tiny"}]})") ==
        "policy: bands[1].level: a policy by fidelity has floors (or \"gone\")");
  CHECK(error_for(R"({"kind": "by-age", "bands": [{"floor": 0.9}]})") ==
        "policy: bands[0].floor: a policy by age has levels");
}

TEST_CASE("a policy's budgets and batches are whole numbers within bounds") {
  const auto with = [](const std::string& more) {
    return error_for(R"({"bands": [{"floor": 0.9}], )" + more + "}");
  };
  CHECK(with(R"("budget": 0)") ==
        "policy: budget: expected a whole number from 1 to 1000000000000, got 0");
  CHECK(with(R"("budget": 18446744073709551615)").find("got 18446744073709551615") !=
        std::string::npos);
  CHECK(with(R"("batch": 1.5)") == "policy: batch: expected a whole number from 1 to 1000, got 1.5");
  CHECK(with(R"("anchors": 100)") == "policy: anchors: expected an object, got number");
  CHECK(with(R"("anchors": {})") ==
        "policy: anchors.bytes: missing; give the bytes that a page may keep");
  CHECK(with(R"("anchors": {"bytes": -1})") ==
        "policy: anchors.bytes: expected a whole number from 0 to 65536, got -1");
  CHECK(with(R"("anchors": {"bytes": 1, "without_archive": "yes"})") ==
        "policy: anchors.without_archive: expected true or false, got \"yes\"");
  CHECK(with(R"("corrections": {"bytes": 1, "down_to": 3})") ==
        "policy: corrections.down_to: expected a level's name, got number");
  CHECK(with(R"("corrections": {"bytes": 1, "without_archive": true})") ==
        "policy: unknown key \"without_archive\" in corrections; known are bytes, down_to");
}

TEST_CASE("policy: how long exact text is kept is a duration, and may be left out") {
  const Policy policy =
      Policy::from_json(R"({"bands": [{"level": "base"}], "archive_for": "90d"})");
  CHECK(policy.archive_for == 90 * 86'400);
  CHECK(Policy::from_json(policy.to_json()).archive_for == policy.archive_for);
  CHECK(!Policy::standard().archive_for);
  CHECK_THROWS_WITH_AS(
      Policy::from_json(R"({"bands": [{"level": "base"}], "archive_for": "long"})"),
      doctest::Contains("archive_for"), Error);
}

}  // namespace
