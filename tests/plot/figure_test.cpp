#include "plot/figure.h"

#include <doctest/doctest.h>

#include <limits>

#include "fovea/error.h"

using namespace fovea;
using namespace fovea::plot;

namespace {

/// Fidelity against age, two policies: what a chart with intervals and given ticks is for.
Chart ages() {
  return {
      .title = "two policies",
      .x = {.label = "age",
            .scale = Scale::logarithmic,
            .ticks = {{1, "1 hour"}, {24, "1 day"}, {168, "1 week"}}},
      .y = {.label = "characters read back, %", .from = 0, .to = 100},
      .series = {{"careful",
                  {.colour = Colour::blue},
                  {{1, 99.9, 99.8, 100, "base"}, {24, 99, 98, 99.5, "small"}, {168, 95, 90, 97}}},
                 {"quick",
                  {.colour = Colour::vermilion, .marker = Marker::square, .dash = Dash::dashed},
                  {{1, 99.9}, {24, 80, 70, 85}, {168, 30, 20, 45}}}},
      .rules = {{48, "measured until here"}}};
}

HeatMap heat() {
  return {.title = "slips",
          .columns = 2,
          .rows = 2,
          .values = {0, 0.5, 1, std::numeric_limits<double>::quiet_NaN()}};
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++found;
  return found;
}

unsigned side_of(const std::string& png, std::size_t at) {
  unsigned value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(png[at + i]);
  return value;
}

}  // namespace

TEST_CASE("figure: a PNG has two pixels a px of the SVG") {
  const Figure figure{.title = "Age", .panels = {ages()}};
  const std::string png = to_png(figure), svg = to_svg(figure);
  REQUIRE(png.starts_with("\x89PNG"));
  const unsigned width = side_of(png, 16), height = side_of(png, 20);
  CHECK(svg.find("width=\"" + std::to_string(width / 2) + "px\"") != std::string::npos);
  CHECK(svg.find("height=\"" + std::to_string(height / 2) + "px\"") != std::string::npos);
  CHECK(svg.ends_with("</svg>\n"));
}

TEST_CASE("figure: it is the same bytes whatever was drawn before") {
  const Figure figure{.title = "All", .columns = 2, .panels = {ages(), heat()}};
  const std::string png = to_png(figure), svg = to_svg(figure);
  CHECK(to_png({.title = "another", .panels = {heat()}}) != png);
  CHECK(to_png(figure) == png);
  CHECK(to_svg(figure) == svg);
}

TEST_CASE("figure: panels add rows, and a name stands once in the legend") {
  const auto height = [](std::vector<Panel> panels) {
    return side_of(to_png({.title = "", .columns = 2, .panels = std::move(panels)}), 20);
  };
  const unsigned one = height({ages()});
  CHECK(height({ages(), ages()}) == one);
  CHECK(height({ages(), ages(), ages()}) > one + 600);
}

TEST_CASE("figure: a heat map, its scale and an image are pictures within the SVG") {
  const Image image{.title = "page", .width = 2, .height = 1, .gray = {0, 255}};
  CHECK(count(to_svg({.title = "", .panels = {heat(), image}}), "data:image/png") == 3);
}

TEST_CASE("figure: without panels, points or names it is still drawn") {
  CHECK_FALSE(to_png({}).empty());
  CHECK_FALSE(to_svg({.title = "x", .panels = {Chart{}, HeatMap{}, Image{}}}).empty());
}

TEST_CASE("figure: a wrong number of values and too many panels are errors") {
  HeatMap map = heat();
  map.values.pop_back();
  CHECK_THROWS_AS(to_png({.title = "", .panels = {map}}), Error);
  CHECK_THROWS_AS(to_svg({.title = "", .panels = {Image{.title = "", .width = 3, .height = 3}}}),
                  Error);
  CHECK_THROWS_AS(to_svg({.title = "", .panels = std::vector<Panel>(200, ages())}), Error);
}

TEST_CASE("figure: points that are no numbers, endless or far outside are drawn at the edge") {
  const double kInfinity = std::numeric_limits<double>::infinity();
  const double kNan = std::numeric_limits<double>::quiet_NaN();
  for (const Scale kind : {Scale::linear, Scale::logarithmic}) {
    for (const double odd : {kNan, kInfinity, -kInfinity, 1e300, -1e300, 0.0, -1.0}) {
      CAPTURE(odd);
      Chart chart = ages();
      chart.x.scale = chart.y.scale = kind;
      chart.series.push_back(
          {"odd",
           {.colour = Colour::purple},
           {{odd, 50}, {10, odd}, {odd, odd, odd, odd, "odd"}, {10, 5, 60, 40}}});
      chart.rules.push_back({odd,
                             "a rule with a label that is longer than its chart is high, "
                             "and then some more of it to be sure"});
      const std::string svg = to_svg({.title = "Odd", .panels = {chart}});
      CHECK(svg.ends_with("</svg>\n"));
      CHECK(svg.find("nan") == std::string::npos);
      CHECK(svg.find("inf") == std::string::npos);
    }
  }
}

TEST_CASE("figure: every marker and dash differs from the others, filled and not") {
  std::vector<std::string> drawn;
  const auto draw = [&](const Style& style) {
    Chart chart{
        .title = "", .x = {}, .y = {}, .series = {{"one", style, {{1, 1}, {2, 3}, {3, 2}}}}};
    drawn.push_back(
        to_svg({.title = "", .panel_width = 80, .panel_height = 60, .panels = {chart}}));
  };
  for (const Marker marker : {Marker::none, Marker::circle, Marker::square, Marker::diamond,
                              Marker::triangle, Marker::inverted_triangle, Marker::plus,
                              Marker::cross, Marker::asterisk, Marker::star, Marker::hexagon})
    draw({.marker = marker});
  for (const Dash dash : {Dash::none, Dash::dashed, Dash::dotted, Dash::dash_dotted})
    draw({.dash = dash});
  for (const Colour colour : {Colour::gray, Colour::orange, Colour::sky, Colour::green,
                              Colour::blue, Colour::vermilion, Colour::purple})
    draw({.colour = colour});
  draw({.filled = false});
  draw({.width = 4});
  for (std::size_t i = 0; i < drawn.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) CHECK(drawn[i] != drawn[j]);
}

TEST_CASE("figure: a long title and notes are broken into lines, and make it higher") {
  const auto height = [](const std::string& title, const std::string& note) {
    return side_of(to_png({.title = title, .panels = {heat()}, .notes = {note}}), 20);
  };
  std::string words;
  for (int i = 0; i < 60; ++i) words += "several words ";
  const unsigned plain = height("one", "two");
  CHECK(height(words, "two") > plain + 40);
  CHECK(height("one", words) > plain + 40);
  CHECK(height(std::string(900, 'x'), "two") > plain + 40);  // without a place to break it
}

TEST_CASE("figure: of series alike the first stands in the legend, those without a name do not") {
  const Series named{"careful", {}, {{1, 2}}}, nameless{"", {}, {{1, 2}}};
  const auto height = [](const std::vector<Series>& series) {
    Chart chart{.title = "", .x = {}, .y = {}, .series = series};
    return side_of(to_png({.title = "", .panels = {chart, chart}}), 20);
  };
  const unsigned none = height({nameless}), one = height({named});
  CHECK(one > none);
  CHECK(height({named, named, nameless}) == one);
}

TEST_CASE("figure: a heat map's shares get darker, beyond both ends no more") {
  const auto picture = [](double share) {
    return to_png({.title = "",
                   .panels = {HeatMap{.title = "", .columns = 1, .rows = 1, .values = {share}}}});
  };
  CHECK(picture(-1) == picture(0));
  CHECK(picture(2) == picture(1));
  CHECK(picture(0.5) != picture(0.51));
  CHECK(picture(1e-9) != picture(0));
  CHECK(picture(std::numeric_limits<double>::quiet_NaN()) != picture(0));
}
