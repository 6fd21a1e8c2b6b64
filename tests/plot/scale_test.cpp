#include "plot/scale.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

using namespace fovea::plot;

namespace {

std::string texts_of(const AxisScale& scale) {
  std::string texts;
  for (const Tick& tick : scale.ticks()) texts += (texts.empty() ? "" : " ") + tick.text;
  return texts;
}

}  // namespace

TEST_CASE("axis: a linear one has round ticks and room at its ends") {
  const AxisScale scale({.label = "", .from = 0, .to = 100}, {});
  CHECK(texts_of(scale) == "0 20 40 60 80 100");
  CHECK(scale.place(25) == doctest::Approx(0.25));
  const AxisScale own({}, {3, 7});
  CHECK(own.from() < 3);
  CHECK(own.to() > 7);
}

TEST_CASE("axis: a logarithmic one has 1, 2, 5 over few decades and powers of ten over many") {
  const AxisScale few({.label = "", .scale = Scale::logarithmic, .from = 4, .to = 250}, {});
  CHECK(texts_of(few) == "5 10 20 50 100 200");
  CHECK(few.place(4 * std::sqrt(250.0 / 4)) == doctest::Approx(0.5));
  const AxisScale many({.label = "", .scale = Scale::logarithmic, .from = 0.001, .to = 100}, {});
  CHECK(texts_of(many) == "0.001 0.01 0.1 1 10 100");
}

TEST_CASE("axis: a logarithmic one with hardly a 1, 2 or 5 on it has the ticks of a linear one") {
  const AxisScale none({.label = "", .scale = Scale::logarithmic, .from = 2100, .to = 4500}, {});
  CHECK(texts_of(none) == "2,500 3,000 3,500 4,000 4,500");
  const AxisScale one({.label = "", .scale = Scale::logarithmic, .from = 3000, .to = 7000}, {});
  CHECK(texts_of(one) == "3,000 4,000 5,000 6,000 7,000");
}

TEST_CASE("axis: what lies beyond it stands on its edge, zero of a logarithmic one too") {
  const AxisScale scale({.label = "", .scale = Scale::logarithmic}, {0, 0.01, 1});
  CHECK(scale.from() > 0.002);
  CHECK(scale.place(0.01) > 0.1);
  CHECK(scale.place(0) == 0);
  CHECK(scale.place(-1) == 0);
  CHECK(scale.place(1e9) == 1);
  CHECK(scale.place(std::numeric_limits<double>::quiet_NaN()) == 0);
}

TEST_CASE("axis: ticks that are given are taken, and lie within it") {
  const AxisScale ages({.label = "age",
                        .scale = Scale::logarithmic,
                        .ticks = {{1, "hour"}, {24, "day"}, {168, "week"}}},
                       {2, 100});
  CHECK(texts_of(ages) == "hour day week");
  CHECK(ages.from() < 1);
  CHECK(ages.to() > 168);
}

TEST_CASE("axis: it has a range without values, with one, with endless ones") {
  for (const Scale kind : {Scale::linear, Scale::logarithmic}) {
    for (const std::vector<double>& values :
         {std::vector<double>{}, {0}, {5}, {-3}, {std::numeric_limits<double>::infinity()}}) {
      const AxisScale scale({.label = "", .scale = kind}, values);
      CHECK(scale.from() < scale.to());
      CHECK(scale.ticks().size() < 20);
    }
  }
}

TEST_CASE("axis: numbers are short") {
  CHECK(number_text(0) == "0");
  CHECK(number_text(0.001) == "0.001");
  CHECK(number_text(0.30000000000000004) == "0.3");
  CHECK(number_text(1234567) == "1,234,567");
  CHECK(number_text(-1000) == "-1,000");
  CHECK(number_text(2.5) == "2.5");
}

TEST_CASE("axis: whatever is drawn, ticks rise within it and places keep the order of values") {
  std::mt19937 random(4);
  std::uniform_real_distribution<double> exponents(-9, 15), parts(-1, 1);
  for (int round = 0; round < 3000; ++round) {
    std::vector<double> values;
    for (auto left = random() % 5; left > 0; --left)
      values.push_back(parts(random) * std::pow(10, exponents(random)));
    Axis axis{.label = "", .scale = random() % 2 ? Scale::linear : Scale::logarithmic};
    if (random() % 4 == 0) axis.from = parts(random) * 100;
    if (random() % 4 == 0) axis.to = parts(random) * 100;
    const AxisScale scale(axis, values);
    CAPTURE(scale.from());
    CAPTURE(scale.to());
    REQUIRE(scale.from() < scale.to());
    REQUIRE(scale.ticks().size() >= 2);
    REQUIRE(scale.ticks().size() < 20);
    const double room = (scale.to() - scale.from()) * 1e-6;
    double before = -std::numeric_limits<double>::infinity();
    for (const Tick& tick : scale.ticks()) {
      CHECK(tick.at > before);
      CHECK(tick.at >= scale.from() - room);
      CHECK(tick.at <= scale.to() + room);
      CHECK_FALSE(tick.text.empty());
      before = tick.at;
    }
    std::ranges::sort(values);
    double last = 0;
    for (const double value : values) {
      CHECK(scale.place(value) >= last);
      CHECK(scale.place(value) <= 1);
      last = scale.place(value);
    }
  }
}

TEST_CASE("axis: ends that are the same, turned round, or farther than a number tells apart") {
  const double kLargest = std::numeric_limits<double>::max();
  for (const Scale kind : {Scale::linear, Scale::logarithmic}) {
    for (const auto& [from, to] : {std::pair{5.0, 5.0},
                                   {9.0, 2.0},
                                   {-3.0, -3.0},
                                   {0.0, 0.0},
                                   {1e17, 1e17},
                                   {1e300, 1e300},
                                   {-kLargest, kLargest},
                                   {1e-300, 1e-299}}) {
      CAPTURE(from);
      const AxisScale scale({.label = "", .scale = kind, .from = from, .to = to}, {from, to});
      CHECK(scale.from() < scale.to());
      CHECK(scale.ticks().size() < 20);
      for (const double value : {from, to, 0.0, 1.0}) {
        CHECK(scale.place(value) >= 0);
        CHECK(scale.place(value) <= 1);
      }
    }
  }
}

TEST_CASE("axis: a tick at zero does not stretch a logarithmic one without end") {
  const AxisScale ages({.label = "age",
                        .scale = Scale::logarithmic,
                        .ticks = {{0, "now"}, {1, "hour"}, {24, "day"}}},
                       {0, 1, 24});
  CHECK(ages.from() > 0.1);
  CHECK(ages.place(0) == 0);
  CHECK(ages.place(1) < 0.5);
}

TEST_CASE("axis: numbers tell apart what differs, and are read as what they are") {
  for (double value = 1e-9; value < 1e15; value *= 3.7) {
    for (const double signed_value : {value, -value}) {
      std::string plain = number_text(signed_value);
      CAPTURE(plain);
      std::erase(plain, ',');
      CHECK(std::abs(std::stod(plain) - signed_value) <= std::abs(signed_value) * 1e-3);
    }
  }
  CHECK(number_text(999) == "999");
  CHECK(number_text(1000) == "1,000");
  CHECK(number_text(-0.5) == "-0.5");
  CHECK(number_text(1234.5) == "1,234.5");
  CHECK(number_text(1e12) == "1,000,000,000,000");
}
