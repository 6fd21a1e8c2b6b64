#include "memctl/lifetime/pictures.h"

#include <array>
#include <cmath>
#include <functional>
#include <string>

#include "memctl/measurement/once.h"

namespace fovea::memctl {
namespace {

using plot::Colour;
using plot::Dash;
using plot::Marker;

constexpr double kShownOfADay = 0.5, kShownOfYears = 500;  // days, for ranges without an end

/// Of the n-th policy.
plot::Style style_of_policy(std::size_t n) {
  constexpr std::array kStyles = {
      plot::Style{Colour::black, Marker::circle, Dash::solid, true, 1.5},
      plot::Style{Colour::blue, Marker::square, Dash::dashed, true, 1.5},
      plot::Style{Colour::green, Marker::diamond, Dash::solid, false, 1.5},
      plot::Style{Colour::vermilion, Marker::triangle, Dash::dash_dotted, true, 1.5},
      plot::Style{Colour::purple, Marker::inverted_triangle, Dash::dotted, false, 1.5},
      plot::Style{Colour::orange, Marker::cross, Dash::dashed, true, 1.5},
      plot::Style{Colour::sky, Marker::plus, Dash::solid, true, 1.5}};
  return kStyles.at(n % kStyles.size());
}

std::vector<std::string> policies_in_order(const LifeFigures& figures) {
  std::vector<std::string> policies;
  for (const Holding& one : figures.holdings) add_once(policies, one.policy);
  return policies;
}

double shown_age(const AgeRange& range) {
  if (range.from == 0) return kShownOfADay;
  if (range.to == 0) return kShownOfYears;
  return std::sqrt(double(range.from) * double(range.to));
}

plot::Axis ages_axis() {
  return {
      .label = "age of the page",
      .scale = plot::Scale::logarithmic,
      .from = kShownOfADay / 1.4,
      .to = kShownOfYears * 1.4,
      .ticks = {
          {1, "1 day"}, {7, "1 week"}, {30, "1 month"}, {90, "3"}, {180, "6"}, {365, "1 year"}}};
}

plot::Chart chart_of_ages(const LifeFigures& figures, Method method, const std::string& title,
                          const std::string& label, Share AgeCurve::*share) {
  plot::Chart chart{
      .title = title, .x = ages_axis(), .y = {.label = label + ", %", .from = 0, .to = 100}};
  const auto policies = policies_in_order(figures);
  for (std::size_t n = 0; n < policies.size(); ++n) {
    plot::Series series{policies[n], style_of_policy(n), {}};
    for (const AgeCurve& curve : figures.curves) {
      const Share& found = curve.*share;
      if (curve.day || curve.method != method || curve.policy != policies[n] || !found.value)
        continue;
      series.points.push_back(percent_at(shown_age(curve.age), found));
    }
    chart.series.push_back(std::move(series));
  }
  return chart;
}

plot::Chart chart_of_days(const LifeFigures& figures, const std::string& title,
                          const std::string& label,
                          const std::function<double(const Holding&)>& value, bool with_text) {
  plot::Chart chart{.title = title,
                    .x = {.label = "day"},
                    .y = {.label = label, .scale = plot::Scale::logarithmic}};
  const auto policies = policies_in_order(figures);
  if (with_text && !policies.empty()) {
    plot::Series text{"the history as text",
                      {.colour = Colour::gray, .marker = Marker::none, .dash = Dash::dotted},
                      {}};
    for (const Holding& one : figures.holdings)
      if (one.policy == policies.front() && one.history_tokens > 0)
        text.points.push_back({double(one.day), double(one.history_tokens)});
    chart.series.push_back(std::move(text));
  }
  for (std::size_t n = 0; n < policies.size(); ++n) {
    plot::Series series{policies[n], style_of_policy(n), {}};
    series.style.marker = Marker::none;  // weeks stand close together
    for (const Holding& one : figures.holdings)
      if (one.policy == policies[n] && value(one) > 0)
        series.points.push_back({double(one.day), value(one)});
    if (!series.points.empty()) series.points.back().label = policies[n];
    chart.series.push_back(std::move(series));
  }
  return chart;
}

}  // namespace

std::vector<NamedFigure> life_pictures(const LifeFigures& figures) {
  const auto tokens = Method::vision_tokens;
  plot::Figure curve{
      .title = "What is left of a page by its age",
      .columns = 2,
      .panels = {chart_of_ages(figures, tokens, "Characters", "fidelity", &AgeCurve::fidelity),
                 chart_of_ages(figures, Method::newest_text,
                               "Characters of the newest text in as many tokens", "fidelity",
                               &AgeCurve::fidelity),
                 chart_of_ages(figures, tokens, "Ids, paths, numbers, names", "still exact",
                               &AgeCurve::exact_strings),
                 chart_of_ages(figures, tokens, "Questions", "page found and answer readable",
                               &AgeCurve::answered)},
      .notes = {"Each point is a range of ages, all days together. Bars: 95 % intervals by the "
                "bootstrap over pages."}};
  plot::Figure held{
      .title = "What each policy holds",
      .columns = 2,
      .panels = {
          chart_of_days(
              figures, "Tokens of a prompt", "tokens",
              [](const Holding& one) { return double(one.tokens()); }, true),
          chart_of_days(
              figures, "Bytes of the store's file", "kB",
              [](const Holding& one) { return double(one.record->file_bytes) / 1000; }, false)}};
  return {{"forgetting", std::move(curve)}, {"held", std::move(held)}};
}

}  // namespace fovea::memctl
