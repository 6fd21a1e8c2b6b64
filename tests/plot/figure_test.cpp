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
