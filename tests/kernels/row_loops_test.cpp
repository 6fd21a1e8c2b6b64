#include "model/kernels/row_loops.h"

#include <algorithm>
#include <vector>

#include "tests/kernels/every_set.h"
#include "tests/kernels/guarded.h"

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

TEST_CASE("row loops: exact sums of whole numbers, within their arrays, of no rows too") {
  with_every_set([] {
    for (const std::int64_t dim : {1, 15, 16, 17, 31, 33, 47, 65, 96}) {
      for (const std::int64_t n : {0, 1, 2, 6, 7, 8, 9}) {
        CAPTURE(dim);
        CAPTURE(n);
        const Guarded<float> a(whole_numbers(dim, 1)), rows(whole_numbers(n * dim, 2));
        const Guarded<float> weights(whole_numbers(n, 3)), dots(n), sums(dim);
        dot_rows(a.data(), rows.data(), n, dim, dots.data());
        sum_weighted_rows(a.data(), weights.data(), rows.data(), n, dim, sums.data());
        std::vector<float> expected = a.values();
        for (std::int64_t s = 0; s < n; ++s) {
          float dot = 0;
          for (std::int64_t i = 0; i < dim; ++i) {
            dot += a[i] * rows[s * dim + i];
            expected[i] += weights[s] * rows[s * dim + i];
          }
          CHECK(dots[s] == dot);
        }
        CHECK(sums.values() == expected);
        sum_weighted_rows(nullptr, weights.data(), rows.data(), n, dim, sums.data());
        for (std::int64_t i = 0; i < dim; ++i) CHECK(sums[i] == expected[i] - a[i]);
      }
    }
  });
}

TEST_CASE("row loops: a row that is not finite spoils its own dot product only") {
  with_every_set([] {
    constexpr std::int64_t kDim = 37, kRows = 7;
    for (std::int64_t spoilt = 0; spoilt < kRows; ++spoilt) {
      const std::vector<float> a(kDim, 1);
      std::vector<float> rows(kRows * kDim, 1), dots(kRows);
      rows[spoilt * kDim + 36] = kNaN;
      dot_rows(a.data(), rows.data(), kRows, kDim, dots.data());
      for (std::int64_t s = 0; s < kRows; ++s)
        CHECK((s == spoilt ? std::isnan(dots[s]) : dots[s] == kDim));
    }
  });
}

TEST_CASE("row loops: RoPE reads no neighbour, keeps lengths, and is the same in place") {
  with_every_set([] {
    for (const std::int64_t half : {1, 7, 15, 16, 17, 33}) {
      CAPTURE(half);
      const Guarded<float> x(random_values(2 * half, 1)), out(2 * half), cos(half), sin(half);
      for (std::int64_t i = 0; i < half; ++i) {
        cos[i] = std::cos(0.37f * static_cast<float>(i));
        sin[i] = std::sin(0.37f * static_cast<float>(i));
      }
      apply_rope(x.data(), cos.data(), sin.data(), half, 1, out.data());
      CHECK(out[0] == x[0]);  // its angle is 0
      CHECK(out[half] == x[half]);
      for (std::int64_t i = 0; i < half; ++i)
        CHECK(std::abs(std::hypot(out[i], out[half + i]) - std::hypot(x[i], x[half + i])) < 1e-6f);
      const auto elsewhere = out.values();
      apply_rope(x.data(), cos.data(), sin.data(), half, 1, x.data());
      CHECK(x.values() == elsewhere);
    }
  });
}

TEST_CASE("row loops: scaling any number of values leaves what is behind them") {
  with_every_set([] {
    for (std::int64_t n = 0; n <= 40; ++n) {
      const Guarded<float> values(std::vector<float>(n, 1e-40f));  // a denormal
      scale_values(values.data(), n, 2);
      CHECK(values.values() == std::vector<float>(n, 2 * 1e-40f));
    }
  });
}
