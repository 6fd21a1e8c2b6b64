#include "memctl/experiment/figures.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <tuple>

#include "memctl/experiment/baselines.h"

using namespace fovea;
using namespace fovea::memctl;

namespace {

PageRecord record(const std::string& domain, Shuffle shuffle, Density density, std::size_t page,
                  double errors) {
  PageRecord one;
  one.key = {density, domain, shuffle, page, Level::tiny};
  one.characters = 100;
  one.text_tokens = 640;
  one.vision_tokens = 64;
  one.token_bytes = 200;
  one.errors = errors;
  if (shuffle != Shuffle::none) return one;
  for (const Baseline baseline : kBaselines)
    one.baselines[std::string(name_of(baseline))] = {.tokens = 32, .errors = 90, .zstd_bytes = 10};
  return one;
}

std::map<PageKey, PageRecord> two_densities() {
  std::map<PageKey, PageRecord> all;
  for (const Density density : {Density::d106, Density::d160})
    for (const std::size_t page : {0, 1})
      for (const Shuffle shuffle : kShuffles)
        for (const std::string domain : {"a", kRandomDomain}) {
          const PageRecord one = record(domain, shuffle, density, page, double(10 * page));
          if (domain == "a" || shuffle == Shuffle::none) all.emplace(one.key, one);
        }
  return all;
}

TrainedControl trained(const std::string& name) {
  return {.name = name,
          .encoder = "pooled",
          .figures = {{"a", Density::d106, Level::tiny, 300, {{80, 100}}}}};
}

const plot::Chart& first_chart(const std::vector<NamedFigure>& figures) {
  return std::get<plot::Chart>(figures.at(0).figure.panels.at(0));
}

std::vector<const plot::Series*> series_of(const plot::Chart& chart, const std::string& name) {
  std::vector<const plot::Series*> found;
  for (const plot::Series& series : chart.series)
    if (series.name == name) found.push_back(&series);
  return found;
}

}  // namespace

TEST_CASE("figures: a text's panel has its tokens, controls, baselines and published points") {
  const auto records = two_densities();
  const Findings findings(records, {Density::d106, Density::d160}, {"a", kRandomDomain},
                          {Level::tiny}, 1);
  const auto figures = accuracy_figures(findings);
  REQUIRE(figures.size() == 1);
  REQUIRE(figures[0].figure.panels.size() == 1);  // random strings are a control, no panel
  const plot::Chart& chart = first_chart(figures);
  REQUIRE(series_of(chart, "vision tokens, 106 columns").size() == 1);
  REQUIRE(series_of(chart, "vision tokens, 160 columns").size() == 1);
  CHECK(series_of(chart, "control: random strings").size() == 2);
  CHECK(series_of(chart, "control: words shuffled").size() == 2);
  CHECK(series_of(chart, "another task: C3").size() == 1);
  REQUIRE(series_of(chart, "baseline: sentences by BM25").size() == 1);
  CHECK(series_of(chart, "baseline: sentences by BM25")[0]->points.size() == 2);
  const plot::Point point = series_of(chart, "vision tokens, 106 columns")[0]->points.at(0);
  CHECK(point.x == doctest::Approx(10));
  CHECK(point.y == doctest::Approx(95));
  CHECK(*point.low == doctest::Approx(90));
  CHECK(*point.high == doctest::Approx(100));
  CHECK(point.label == "tiny");
}

TEST_CASE("figures: trained controls stand on the same axes as vision tokens") {
  const auto records = two_densities();
  const Findings findings(records, {Density::d106, Density::d160}, {"a", kRandomDomain},
                          {Level::tiny}, 1, {trained("one"), trained("two")});
  for (const auto& [figures, x, y] : {std::tuple{accuracy_figures(findings), 10.0, 80.0},
                                      {rate_figures(findings, {}), 3.0, 20.0}}) {
    const plot::Chart& chart = first_chart(figures);
    REQUIRE(series_of(chart, "control: two (pooled encoder)").size() == 1);
    const auto& points = series_of(chart, "control: one (pooled encoder)").at(0)->points;
    REQUIRE(points.size() == 1);
    CHECK(points[0].x == doctest::Approx(x));
    CHECK(points[0].y == doctest::Approx(y));
    CHECK(figures.at(0).figure.notes.at(2).starts_with("A control named with its encoder"));
  }
}

TEST_CASE("figures: no two series of a panel look alike") {
  const auto records = two_densities();
  const Findings findings(records, {Density::d106, Density::d160}, {"a", kRandomDomain},
                          {Level::tiny}, 1,
                          {trained("one"), trained("two"), trained("three"), trained("four")});
  const auto figures = accuracy_figures(findings);
  const auto& all = first_chart(figures).series;
  for (const plot::Series& one : all)
    for (const plot::Series& other : all)
      if (one.name != other.name) {
        const bool same_form = one.style.marker == other.style.marker &&
                               one.style.filled == other.style.filled &&
                               one.style.dash == other.style.dash;
        CHECK_MESSAGE(!same_form, one.name << " and " << other.name);
      }
}

TEST_CASE("figures: the rate of a text stands beside lossless compressors of all of it") {
  const auto records = two_densities();
  const Findings findings(records, {Density::d106, Density::d160}, {"a", kRandomDomain},
                          {Level::tiny}, 1);
  Text text;
  text.name = "a";
  text.text = std::string(1000, 'x');
  text.zstd_bytes = 100;
  const auto figures = rate_figures(findings, {text});
  const plot::Chart& chart = first_chart(figures);
  REQUIRE(chart.rules.size() == 2);  // xz was not measured
  CHECK(chart.rules[1].x == doctest::Approx(0.1));
  const plot::Point point = series_of(chart, "vision tokens, 106 columns")[0]->points.at(0);
  CHECK(point.x == doctest::Approx(2));
  CHECK(point.y == doctest::Approx(5));
  CHECK(*point.low == doctest::Approx(0));
  CHECK(*point.high == doctest::Approx(10));
  CHECK(series_of(chart, "baseline: newest")[0]->points.at(0).x == doctest::Approx(0.1));
}

TEST_CASE("figures: many texts are several figures, none without pages") {
  std::map<PageKey, PageRecord> records;
  std::vector<std::string> domains;
  for (int i = 0; i < 13; ++i) {
    domains.push_back("text" + std::to_string(i));
    const PageRecord one = record(domains.back(), Shuffle::none, Density::d106, 0, 1);
    records.emplace(one.key, one);
  }
  const Findings findings(records, {Density::d106}, domains, {Level::tiny}, 1);
  const auto figures = accuracy_figures(findings);
  REQUIRE(figures.size() == 2);
  CHECK(figures[1].name == "accuracy-2");
  CHECK(figures[1].figure.panels.size() == 1);
  const std::map<PageKey, PageRecord> none;
  CHECK(accuracy_figures(Findings(none, {}, {}, {}, 1)).empty());
}
