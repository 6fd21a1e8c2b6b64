// lifetime.json, lifetime.md, lifetime.csv and the pictures of a life, from figures made by hand.
#include "memctl/lifetime/report.h"

#include <doctest/doctest.h>

#include <variant>

#include "memctl/lifetime/pictures.h"
#include "tests/memctl/made_life.h"
#include "tests/memctl/made_pages.h"
#include "tests/memory/store_fixture.h"

using namespace fovea;
using namespace fovea::memctl;
using fovea::test::contains;
using fovea::test::csv_fields;
using fovea::test::lines_of;
using fovea::test::made_run;

namespace {

const SnapshotRecord kEarly{.vision_tokens = 100, .verbatim_tokens = 20, .file_bytes = 9000};
const SnapshotRecord kLate{.vision_tokens = 1200,
                           .verbatim_tokens = 34,
                           .token_bytes = 7000,
                           .archive_bytes = 2500,
                           .kept_text_bytes = 600,
                           .file_bytes = 123456};
const SnapshotRecord kNothing{};

AgeCurve curve_of(const std::string& policy, Method method, std::optional<int> day, AgeRange age) {
  AgeCurve curve;
  curve.policy = policy;
  curve.method = method;
  curve.day = day;
  curve.age = age;
  curve.pages = 3;
  curve.questions = 9;
  curve.tokens = 63.6;
  curve.fidelity = {.value = 0.9753, .interval = Interval{0.96, 0.98}};
  curve.answered = {.value = 0.5, .interval = {}};
  return curve;
}

LifeFigures made_figures() {
  LifeFigures figures;
  figures.holdings = {
      {.policy = "lean", .day = 7, .pages = 2, .history_tokens = 500, .record = &kEarly},
      {.policy = "lean",
       .day = 30,
       .pages = 5,
       .gone = 1,
       .history_tokens = 12345,
       .levels = {{Level::base, 2}, {Level::trace, 3}},
       .record = &kLate},
      {.policy = "none|kept", .day = 30, .gone = 6, .history_tokens = 12345, .record = &kNothing}};
  figures.curves = {curve_of("lean", Method::vision_tokens, 30, {0, 1}),
                    curve_of("lean", Method::vision_tokens, std::nullopt, {7, 30}),
                    curve_of("lean", Method::vision_tokens, std::nullopt, {365, 0}),
                    curve_of("lean", Method::newest_text, std::nullopt, {7, 30})};
  return figures;
}

RunReport a_report() {
  return {.run = made_run(), .command = {"memctl"}, .seconds = 2, .known = 4};
}

const plot::Chart& chart(const NamedFigure& figure, std::size_t panel) {
  return std::get<plot::Chart>(figure.figure.panels.at(panel));
}

}  // namespace

TEST_CASE("lifetime.json: what is held, what is left, and what was not measured is null") {
  const Json document = document_of(made_figures(), {}, a_report());
  REQUIRE(document["holdings"].size() == 3);
  const Json& held = document["holdings"][1];
  CHECK(held["policy"] == "lean");
  CHECK(held["day"] == 30);
  CHECK(held["tokens"] == 1234);
  CHECK(held["history_tokens"] == 12345);
  CHECK(held["gone"] == 1);
  CHECK(held["kept_text_bytes"] == 600);
  CHECK(held["levels"] == Json::parse(R"({"base": 2, "trace": 3})"));
  CHECK(document["holdings"][2]["levels"] == Json::object());
  const Json& young = document["curves"][0];
  CHECK(young["day"] == 30);
  CHECK(young["age"] == "up to 1 day");
  CHECK(young["to_days"] == 1);
  CHECK(young["fidelity"] == 0.9753);
  CHECK(young["fidelity_interval"] == Json({0.96, 0.98}));
  CHECK(young["exact_strings"].is_null());
  CHECK(young["answered_interval"].is_null());
  const Json& old = document["curves"][2];
  CHECK(old["day"].is_null());
  CHECK(old["age"] == "365 days and more");
  CHECK(old["to_days"].is_null());
  CHECK(document["curves"][3]["method"] == "newest text");
  CHECK(document["readings_known"] == 4);
  CHECK(document["days"] == 30);
  CHECK(document["inputs"] == Json::array());
}

TEST_CASE("lifetime.csv: a line a figure, as wide as its head") {
  const std::string text = lifetime_csv(made_figures());
  const auto lines = lines_of(text);
  REQUIRE(lines.size() == 1 + 10 + (10 + 2) + 10 + 4 * 6);
  for (const std::string& line : lines) CHECK(csv_fields(line).size() == 11);
  CHECK(lines[0] == "policy,method,day,age,from_days,to_days,figure,pages,value,low,high");
  CHECK(contains(text, "lean,vision tokens,30,all,0,,tokens,5,1234,,\n"));
  CHECK(contains(text, "lean,vision tokens,30,all,0,,pages_trace,5,3,,\n"));
  CHECK(contains(text,
                 "lean,vision tokens,30,up to 1 day,0,1,fidelity,3,0.975300,0.960000,"
                 "0.980000\n"));
  CHECK(contains(text,
                 "lean,vision tokens,all,365 days and more,365,,tokens_per_page,3,63.600000,"
                 ",\n"));
  CHECK(contains(text, "lean,newest text,all,7 to 30 days,7,30,exact_strings,3,,,\n"));
  CHECK(lines_of(lifetime_csv({})).size() == 1);
}

TEST_CASE("lifetime.md: of each policy what it holds in the end, and its ages over all days") {
  const std::string text = tables_of(made_figures(), {}, a_report());
  CHECK(text.starts_with("memctl 1.2, nano ffffffffffffffff, 30 days, archive keep, seed 7, "));
  CHECK(contains(text,
                 "| lean | 30 | 1,234 | 12,345 | 10.0 | 2 base, 3 trace, 1 gone | 7 (3) | 123 "
                 "|\n"));
  CHECK_FALSE(contains(text, "| lean | 7 |"));
  CHECK(contains(text, "| none\\|kept | 30 | 0 | 12,345 | 12345.0 | 6 gone | 0 (0) | 0 |\n"));
  CHECK(contains(text,
                 "| lean | 7 to 30 days | 3 | 64 | 97.5 [96.0, 98.0] | none | none | none | "
                 "50.0 |\n"));
  CHECK_FALSE(contains(text, "up to 1 day"));  // of a single day
  const std::size_t baseline = text.find("The baseline: the newest text");
  REQUIRE(baseline != std::string::npos);
  CHECK(contains(text.substr(baseline), "| lean | 7 to 30 days |"));
  CHECK_FALSE(contains(text.substr(baseline), "365 days and more"));
}

TEST_CASE("lifetime.md: texts stand below, and an interruption is said") {
  Text ships;
  ships.name = "ships";
  ships.file = "ships.jsonl";
  ships.format = "openai";
  ships.bytes = 2000;
  ships.sha256 = std::string(64, 'a');
  ships.text = std::string(1500, 'x');
  RunReport report = a_report();
  report.complete = false;
  const std::string text = tables_of({}, {ships}, report);
  CHECK(contains(text, "Interrupted: the figures cover what was lived so far.\n"));
  CHECK(contains(text, "| ships | ships.jsonl | openai | 2,000 | 1,500 | aaaaaaaaaaaaaaaa |\n"));
  CHECK_FALSE(contains(tables_of({}, {}, a_report()), "Interrupted"));
}

TEST_CASE("life pictures: a line a policy, each age where the middle of its range is") {
  const auto figures = life_pictures(made_figures());
  REQUIRE(figures.size() == 2);
  CHECK(figures[0].name == "forgetting");
  REQUIRE(figures[0].figure.panels.size() == 4);
  const plot::Chart& characters = chart(figures[0], 0);
  REQUIRE(characters.series.size() == 2);  // each policy in the legend, though one has no points
  CHECK(characters.series[0].name == "lean");
  REQUIRE(characters.series[0].points.size() == 2);  // of all days
  CHECK(characters.series[0].points[0].x == doctest::Approx(14.491).epsilon(0.001));
  CHECK(characters.series[0].points[0].y == doctest::Approx(97.53));
  CHECK(*characters.series[0].points[0].low == doctest::Approx(96));
  CHECK(characters.series[0].points[1].x == 500);
  CHECK(characters.series[1].points.empty());
  CHECK(chart(figures[0], 1).series[0].points.size() == 1);
  CHECK(chart(figures[0], 2).series[0].points.empty());  // no exact strings were measured
  CHECK(chart(figures[0], 3).series[0].points[0].y == doctest::Approx(50));
  CHECK(chart(figures[0], 0).series[0].style.marker != chart(figures[0], 0).series[1].style.marker);
}

TEST_CASE("life pictures: what is held day by day stands beside the history as text") {
  const auto figures = life_pictures(made_figures());
  const plot::Chart &tokens = chart(figures[1], 0), &bytes = chart(figures[1], 1);
  REQUIRE(tokens.series.size() == 3);
  CHECK(tokens.series[0].name == "the history as text");
  REQUIRE(tokens.series[0].points.size() == 2);  // of the first policy, since all live the same
  CHECK(tokens.series[0].points[1].y == 12345);
  REQUIRE(tokens.series[1].points.size() == 2);
  CHECK(tokens.series[1].points[0].x == 7);
  CHECK(tokens.series[1].points[0].y == 120);
  CHECK(tokens.series[1].points[0].label == "");
  CHECK(tokens.series[1].points[1].label == "lean");  // at its end
  CHECK(tokens.series[2].points.empty());             // nothing has no place on this axis
  CHECK(bytes.series[0].points[1].y == doctest::Approx(123.456));
}

TEST_CASE("life pictures: nothing lived is drawn too, and more policies than styles") {
  const auto none = life_pictures({});
  CHECK(chart(none[1], 0).series.empty());
  LifeFigures figures;
  for (int i = 0; i < 9; ++i)
    figures.holdings.push_back(
        {.policy = "p" + std::to_string(i), .day = 1, .history_tokens = 10, .record = &kEarly});
  for (const NamedFigure& one : life_pictures(figures))
    CHECK_FALSE(plot::to_svg(one.figure).empty());
}
