#include "model/tile_product.h"

#include <random>
#include <vector>

#include "tests/model/torch_and_doctest.h"

using namespace fovea;

namespace {

std::vector<float> values(std::int64_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> between(-1, 1);
  std::vector<float> all(count);
  for (float& value : all) value = between(random);
  return all;
}

}  // namespace

TEST_CASE("products in panels are those of the matrices, whatever their sides") {
  for (std::int64_t rows = 1; rows <= 2 * tile_rows() + 1; ++rows) {
    for (const std::int64_t columns : {1, 15, 16, 17, 40}) {
      const std::int64_t depth = 390;  // more than is multiplied at once
      const auto a = values(rows * depth, 1), b = values(depth * columns, 2);
      std::vector<float> panels(panels_size(depth, columns));
      pack_panels(b.data(), columns, 1, depth, columns, panels.data());
      std::vector<float> y(rows * columns, 7);
      multiply_panels(a.data(), depth, rows, depth, panels.data(), columns, y.data(), columns);
      float worst = 0;
      for (std::int64_t r = 0; r < rows; ++r) {
        for (std::int64_t c = 0; c < columns; ++c) {
          double sum = 0;
          for (std::int64_t k = 0; k < depth; ++k)
            sum += double{a[r * depth + k]} * b[k * columns + c];
          worst = std::max(worst, std::abs(y[r * columns + c] - static_cast<float>(sum)));
        }
      }
      CAPTURE(rows);
      CAPTURE(columns);
      CHECK(worst < 1e-4f);
    }
  }
}

TEST_CASE("tiles are of nearly the same height") {
  const TileHeights heights(tile_rows() + 1);
  CHECK(heights.tiles() == 2);
  CHECK(heights.first_row(1) == (tile_rows() + 1) / 2);
}
