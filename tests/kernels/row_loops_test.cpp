#include "model/kernels/row_loops.h"

#include <algorithm>
#include <vector>

#include "tests/kernels/every_set.h"

using namespace fovea;

TEST_CASE("row loops: dot products and weighted sums of any number of rows of any width") {
  with_every_set([] {
    for (const std::int64_t dim : {1, 7, 16, 20, 64, 70, 128}) {
      for (const std::int64_t n : {1, 3, 4, 5, 41}) {
        CAPTURE(dim);
        CAPTURE(n);
        const auto a = random_values(dim, 1), rows = random_values(n * dim, 2);
        std::vector<float> dots(n), sums(dim), from_zero(dim);
        dot_rows(a.data(), rows.data(), n, dim, dots.data());
        const auto weights = random_values(n, 3);
        sum_weighted_rows(a.data(), weights.data(), rows.data(), n, dim, sums.data());
        sum_weighted_rows(nullptr, weights.data(), rows.data(), n, dim, from_zero.data());
        for (std::int64_t s = 0; s < n; ++s) {
          double dot = 0;
          for (std::int64_t i = 0; i < dim; ++i) dot += double{a[i]} * rows[s * dim + i];
          CHECK(std::abs(dots[s] - dot) < tolerance(dim));
        }
        for (std::int64_t i = 0; i < dim; ++i) {
          double sum = 0;
          for (std::int64_t s = 0; s < n; ++s) sum += double{weights[s]} * rows[s * dim + i];
          CHECK(std::abs(from_zero[i] - sum) < tolerance(n));
          CHECK(std::abs(sums[i] - (a[i] + sum)) < tolerance(n));
        }
      }
    }
  });
}

TEST_CASE("row loops: RoPE turns each pair by its angle, in place too") {
  with_every_set([] {
    for (const std::int64_t half : {1, 8, 10, 32}) {
      CAPTURE(half);
      const auto x = random_values(2 * half, 1), angles = random_values(half, 2);
      std::vector<float> cos, sin, out = x;
      for (const float angle : angles) {
        cos.push_back(std::cos(angle));
        sin.push_back(std::sin(angle));
      }
      apply_rope(out.data(), cos.data(), sin.data(), half, 0.5f, out.data());
      for (std::int64_t i = 0; i < half; ++i) {
        CHECK(std::abs(out[i] - 0.5f * (x[i] * cos[i] - x[half + i] * sin[i])) < 1e-6f);
        CHECK(std::abs(out[half + i] - 0.5f * (x[half + i] * cos[i] + x[i] * sin[i])) < 1e-6f);
      }
    }
  });
}

TEST_CASE("row loops: a factor meets every value") {
  with_every_set([] {
    auto values = random_values(21, 1);
    const auto before = values;
    scale_values(values.data(), 21, -3);
    for (std::size_t i = 0; i < values.size(); ++i) CHECK(values[i] == -3 * before[i]);
  });
}
