#include "plot/labels.h"

#include <doctest/doctest.h>

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
