// Tables of positions for other sides than they were trained for.
#include "tests/model/torch_and_doctest.h"

#include <algorithm>
#include <atomic>
#include <cmath>

#include "model/operators/axis_bias.h"
#include "model/operators/table_resize.h"
#include "tests/model/thread_count.h"

TEST_CASE("tables: a line is linear between half-pixel centres, its ends are held") {
  at::manual_seed(1);
  for (const std::int64_t own : {1, 2, 27, 127}) {
    const auto table = at::randn({own, 3});
    CHECK(at::equal(fovea::resize_line(table, own), table));
    for (const std::int64_t length : {1, 2, 13, 79, 255}) {
      CAPTURE(own);
      CAPTURE(length);
      const auto found = fovea::resize_line(table, length);
      REQUIRE(found.size(0) == length);
      for (std::int64_t i = 0; i < length; ++i) {
        const double place = std::clamp((static_cast<double>(i) + 0.5) * static_cast<double>(own) /
                                                static_cast<double>(length) -
                                            0.5,
                                        0.0, static_cast<double>(own - 1));
        const auto lower = static_cast<std::int64_t>(place), upper = std::min(lower + 1, own - 1);
        const double share = place - static_cast<double>(lower);
        const auto expected = table[lower] * (1 - share) + table[upper] * share;
        CHECK((found[i] - expected).abs().max().item<float>() < 5e-5f);
      }
    }
  }
}

TEST_CASE("tables: a grid that is the same everywhere is so at every side, the class token stays") {
  const auto grid = at::tensor({1.0f, -2.0f, 0.5f}).expand({6, 6, 3}).contiguous();
  for (const std::int64_t side : {1, 4, 6, 10, 20}) {
    CAPTURE(side);
    const auto found = fovea::resize_grid(grid, side);
    REQUIRE(found.sizes() == at::IntArrayRef({side, side, 3}));
    CHECK((found - grid[0][0]).abs().max().item<float>() < 1e-5f);
    const auto token = at::full({1, 3}, 9.0f);
    const auto tokens = fovea::resize_tokens(at::cat({token, grid.view({36, 3})}), side);
    REQUIRE(tokens.size(0) == 1 + side * side);
    CHECK(at::equal(tokens[0], token[0]));
    CHECK(at::equal(tokens.narrow(0, 1, side * side), found.view({side * side, 3})));
  }
}

TEST_CASE("tables: rows and columns of a grid keep their places") {
  const auto rows = at::arange(8, at::kFloat).view({8, 1, 1}).expand({8, 8, 1});
  const auto by_row = fovea::resize_grid(rows, 4),
             by_column = fovea::resize_grid(rows.transpose(0, 1), 4);
  CHECK((by_row - by_column.transpose(0, 1)).abs().max().item<float>() < 1e-5f);
  for (std::int64_t y = 1; y < 3; ++y)  // away from the edges
    CHECK(std::abs(by_row[y][0][0].item<float>() - (2 * static_cast<float>(y) + 0.5f)) < 0.1f);
  CHECK((by_row[0] - by_row[0][0]).abs().max().item<float>() < 1e-5f);
}

TEST_CASE("tables: one for a side is made once, whoever asks") {
  fovea::GridTables tables;
  std::atomic<int> made = 0;
  const auto make = [&] { return at::full({2}, ++made); };
  CHECK(holds_on_threads(4, 20, [&] { return tables.get(5, make)[0].item<int>() == 1; }));
  CHECK(made == 1);
  CHECK(tables.get(6, make)[0].item<int>() == 2);
  CHECK(tables.get(5, make)[0].item<int>() == 1);
}

TEST_CASE("axis bias: every head's query has values of its own") {
  const auto values = at::arange(2 * 3 * 4, at::kFloat).view({2, 3, 4});
  const fovea::AxisBias bias{values, -values};
  for (std::int64_t head = 0; head < 2; ++head) {
    for (std::int64_t query = 0; query < 3; ++query) {
      const auto own = fovea::values_of(bias, head, query);
      CHECK(own.side == 4);
      CHECK(own.rows[3] == static_cast<float>((head * 3 + query) * 4 + 3));
      CHECK(own.columns[3] == -own.rows[3]);
    }
  }
  CHECK(fovea::values_of({}, 1, 2).rows == nullptr);
}
