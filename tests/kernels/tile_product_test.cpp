#include "model/kernels/tile_product.h"

#include <algorithm>
#include <vector>

#include "tests/kernels/every_set.h"

using namespace fovea;

namespace {

/// The largest difference of A B in panels from A B in float64. A has rows of `depth`, B of `columns`.
float worst_in_panels(std::int64_t rows, std::int64_t depth, std::int64_t columns) {
  const auto a = random_values(rows * depth, 1), b = random_values(depth * columns, 2);
  std::vector<float> panels(panels_size(depth, columns));
  pack_panels(b.data(), columns, 1, depth, columns, panels.data());
  std::vector<float> y(rows * columns, 7);
  multiply_panels(a.data(), depth, rows, depth, panels.data(), columns, y.data(), columns);
  float worst = 0;
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t c = 0; c < columns; ++c) {
      double sum = 0;
      for (std::int64_t k = 0; k < depth; ++k) sum += double{a[r * depth + k]} * b[k * columns + c];
      worst = std::max(worst, std::abs(y[r * columns + c] - static_cast<float>(sum)));
    }
  }
  return worst;
}

}  // namespace

TEST_CASE("panels: products are those of the matrices, whatever their sides") {
  with_every_set([] {
    for (std::int64_t rows = 1; rows <= 25; ++rows) {
      for (const std::int64_t columns : {1, 15, 16, 17, 40}) {
        CAPTURE(rows);
        CAPTURE(columns);
        CHECK(worst_in_panels(rows, 33, columns) < tolerance(33));
      }
    }
    CHECK(worst_in_panels(5, 1, 16) < tolerance(1));
    CHECK(worst_in_panels(7, 390, 17) < tolerance(390));  // more depth than is multiplied at once
    CHECK(worst_in_panels(97, 20, 16) < tolerance(20));   // more rows
  });
}

TEST_CASE("panels: int8 becomes float32, each column by its scale") {
  with_every_set([] {
    for (const std::int64_t depth : {1, 2, 3, 17}) {
      std::vector<std::int8_t> values(depth * kPanelWidth);
      for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::int8_t>(i * 37);
      const auto scales = random_values(kPanelWidth, 3);
      std::vector<float> out(values.size() + 1, 7);
      expand_panel(values.data(), scales.data(), depth, out.data());
      for (std::size_t i = 0; i < values.size(); ++i)
        CHECK(out[i] == static_cast<float>(values[i]) * scales[i % kPanelWidth]);
      CHECK(out.back() == 7);
    }
  });
}

TEST_CASE("tiles are of nearly the same height") {
  with_every_set([] {
    const TileHeights heights(tile_rows() + 1);
    CHECK(heights.tiles() == 2);
    CHECK(heights.first_row(1) == (tile_rows() + 1) / 2);
  });
}
