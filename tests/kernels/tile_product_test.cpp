#include "model/kernels/tile_product.h"

#include <algorithm>
#include <vector>

#include "tests/kernels/every_set.h"
#include "tests/kernels/guarded.h"

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

TEST_CASE("panels: strides, turned matrices and whole numbers, within the arrays") {
  with_every_set([] {
    for (const std::int64_t rows : {1, 2, 7, 13}) {
      for (const std::int64_t depth : {1, 2, 15, 17, 33}) {
        for (const std::int64_t columns : {1, 15, 16, 17, 31, 33}) {
          CAPTURE(rows);
          CAPTURE(depth);
          CAPTURE(columns);
          const auto a_stride = depth + 3, y_stride = columns + 2;
          const Guarded<float> a(whole_numbers((rows - 1) * a_stride + depth, 1));
          const Guarded<float> b(whole_numbers(columns * depth, 2));  // [columns, depth]
          const Guarded<float> panels(panels_size(depth, columns));
          const Guarded<float> y(std::vector<float>((rows - 1) * y_stride + columns, 99));
          pack_panels(b.data(), 1, depth, depth, columns, panels.data());
          multiply_panels(a.data(), a_stride, rows, depth, panels.data(), columns, y.data(),
                          y_stride);
          for (std::int64_t r = 0; r < rows; ++r) {
            for (std::int64_t c = 0; c < columns; ++c) {
              float sum = 0;
              for (std::int64_t k = 0; k < depth; ++k)
                sum += a[r * a_stride + k] * b[c * depth + k];
              CHECK(y[r * y_stride + c] == sum);
            }
            if (r + 1 < rows) CHECK(y[r * y_stride + columns] == 99);
          }
        }
      }
    }
  });
}

TEST_CASE("panels: at the ends of what is multiplied at once nothing is left out or taken twice") {
  with_every_set([] {
    for (const std::int64_t rows : {95, 96, 97, 192, 193}) {
      for (const std::int64_t depth : {383, 384, 385, 768, 769}) {
        CAPTURE(rows);
        CAPTURE(depth);
        const std::vector<float> a(rows * depth, 1);
        std::vector<float> b(depth * 17), panels(panels_size(depth, 17)), y(rows * 17, kNaN);
        for (std::size_t i = 0; i < b.size(); ++i) b[i] = static_cast<float>(i % 17);
        pack_panels(b.data(), 17, 1, depth, 17, panels.data());
        multiply_panels(a.data(), depth, rows, depth, panels.data(), 17, y.data(), 17);
        std::int64_t wrong = 0;
        for (std::int64_t i = 0; i < rows * 17; ++i)
          wrong += y[i] != static_cast<float>(i % 17 * depth);
        CHECK(wrong == 0);
      }
    }
  });
}

TEST_CASE("panels: no rows and no columns write nothing") {
  with_every_set([] {
    const Guarded<float> none(0);
    const auto a = random_values(40, 1);
    pack_panels(a.data(), 0, 1, 8, 0, none.data());
    multiply_panels(a.data(), 8, 5, 8, none.data(), 0, none.data(), 0);
    multiply_panels(none.data(), 8, 0, 8, a.data(), 16, none.data(), 16);
    CHECK(panels_size(8, 0) == 0);
  });
}

TEST_CASE("panels: what is not finite stays in its row and its column") {
  with_every_set([] {
    constexpr std::int64_t kRows = 14, kDepth = 9, kColumns = 18;
    std::vector<float> a(kRows * kDepth, 1), b(kDepth * kColumns, 1), y(kRows * kColumns);
    a[5 * kDepth + 4] = kNaN;
    b[4 * kColumns + 17] = -kInfinity;
    std::vector<float> panels(panels_size(kDepth, kColumns));
    pack_panels(b.data(), kColumns, 1, kDepth, kColumns, panels.data());
    multiply_panels(a.data(), kDepth, kRows, kDepth, panels.data(), kColumns, y.data(), kColumns);
    for (std::int64_t r = 0; r < kRows; ++r) {
      for (std::int64_t c = 0; c < kColumns; ++c) {
        const float found = y[r * kColumns + c];
        if (r == 5)
          CHECK(std::isnan(found));
        else
          CHECK(found == (c == 17 ? -kInfinity : 9.0f));
      }
    }
  });
}

TEST_CASE("tiles: packed as documented, and sums begin with the bias or with what is there") {
  with_every_set([] {
    for (std::int64_t rows = 1; rows <= 2 * tile_rows() + 1; ++rows) {
      for (const std::int64_t columns : {1, 9, 16}) {
        CAPTURE(rows);
        CAPTURE(columns);
        constexpr std::int64_t kDepth = 5, kStride = 6;
        const Guarded<float> x(whole_numbers((rows - 1) * kStride + kDepth, 1));
        const Guarded<float> tiles(rows * kDepth);
        pack_tiles(x.data(), kStride, rows, kDepth, tiles.data());
        const TileHeights heights(rows);
        std::int64_t at = 0;
        for (std::int64_t tile = 0; tile < heights.tiles(); ++tile) {
          CHECK(heights.first_row(tile + 1) - heights.first_row(tile) <= tile_rows());
          for (std::int64_t k = 0; k < kDepth; ++k) {
            for (auto r = heights.first_row(tile); r < heights.first_row(tile + 1); ++r)
              CHECK(tiles[at++] == x[r * kStride + k]);
          }
        }
        CHECK(at == rows * kDepth);

        const Guarded<float> panel(whole_numbers(kDepth * kPanelWidth, 2));
        const Guarded<float> bias(whole_numbers(kPanelWidth, 3));
        const Guarded<float> y(std::vector<float>(rows * columns, kNaN));
        const PanelOutput to{.y = y.data(), .stride = columns, .columns = columns, .bias = nullptr};
        PanelOutput first = to;
        first.bias = bias.data();
        multiply_tiles(tiles.data(), rows, kDepth, panel.data(), first);
        multiply_tiles(tiles.data(), rows, kDepth, panel.data(), to);
        for (std::int64_t r = 0; r < rows; ++r) {
          for (std::int64_t c = 0; c < columns; ++c) {
            float sum = bias[c];
            for (std::int64_t k = 0; k < kDepth; ++k)
              sum += 2 * x[r * kStride + k] * panel[k * kPanelWidth + c];
            CHECK(y[r * columns + c] == sum);
          }
        }
      }
    }
  });
}

TEST_CASE("panels: columns that a matrix lacks are zeros") {
  std::vector<float> panels(panels_size(3, 18), kNaN);
  const std::vector<float> b(3 * 18, 4);
  CHECK(panels.size() == 96);
  pack_panels(b.data(), 18, 1, 3, 18, panels.data());
  for (std::size_t i = 0; i < panels.size(); ++i)
    CHECK(panels[i] == (i < 48 || i % 16 < 2 ? 4 : 0));
}
