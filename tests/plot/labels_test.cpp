#include "plot/labels.h"

#include <doctest/doctest.h>

#include <random>
#include <vector>

using namespace fovea::plot;

TEST_CASE("labels: none stands over another, over what is taken, or beyond the area") {
  LabelPlacer placer({0, 0, 100, 100});
  placer.take({45, 45, 10, 10});
  const auto first = placer.place(50, 50, 30, 10), second = placer.place(50, 50, 30, 10);
  REQUIRE(first);
  REQUIRE(second);
  CHECK(first->y + first->height <= 45);  // above the point
  CHECK(second->y >= 55);                 // below it
  const auto corner = placer.place(99, 1, 30, 10);
  REQUIRE(corner);
  CHECK(corner->x + corner->width <= 100);
  CHECK(corner->y >= 0);
}

TEST_CASE("labels: where there is no room there is no label") {
  LabelPlacer placer({0, 0, 100, 100});
  CHECK_FALSE(placer.place(50, 50, 101, 10));
  placer.take({0, 0, 100, 100});
  CHECK_FALSE(placer.place(50, 50, 10, 10));
  CHECK_FALSE(placer.take_if_free({10, 10, 5, 5}));
}

TEST_CASE("labels: a hundred of any size leave each other and the area's edge alone") {
  std::mt19937 random(2);
  LabelPlacer placer({10, 20, 400, 300});
  std::vector<Box> placed;
  for (int i = 0; i < 100; ++i) {
    const double width = 5 + random() % 60, height = 5 + random() % 20;
    const auto box = placer.place(10 + random() % 400, 20 + random() % 300, width, height);
    if (!box) continue;
    CHECK(box->width == width);
    CHECK(box->height == height);
    CHECK(box->x >= 10);
    CHECK(box->y >= 20);
    CHECK(box->x + width <= 410);
    CHECK(box->y + height <= 320);
    for (const Box& other : placed) {
      const bool apart = box->x >= other.x + other.width || other.x >= box->x + width ||
                         box->y >= other.y + other.height || other.y >= box->y + height;
      CHECK(apart);
    }
    placed.push_back(*box);
  }
  CHECK(placed.size() > 40);
}

TEST_CASE("labels: boxes that touch do not stand over each other") {
  LabelPlacer placer({0, 0, 100, 100});
  CHECK(placer.take_if_free({0, 0, 50, 50}));
  CHECK(placer.take_if_free({50, 0, 50, 50}));
  CHECK(placer.take_if_free({0, 50, 100, 50}));
  CHECK_FALSE(placer.take_if_free({49, 49, 2, 2}));
}
