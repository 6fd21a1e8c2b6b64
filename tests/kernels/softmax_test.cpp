#include "model/kernels/softmax.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "model/kernels/bf16.h"
#include "tests/kernels/every_set.h"
#include "tests/kernels/guarded.h"

using namespace fovea;

namespace {

/// exp(value - largest value) in float64.
std::vector<double> weights_of(const std::vector<double>& values) {
  const double top = *std::ranges::max_element(values);
  std::vector<double> weights;
  for (const double value : values) weights.push_back(std::exp(value - top));
  return weights;
}

double sum_of_all(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum;
}

/// A bias for queries whose keys lie in a square.
struct Square {
  explicit Square(std::int64_t side)
      : rows(random_values(side, 4)), columns(random_values(side, 5)), side(side) {}
  BiasValues bias() const { return {rows.data(), columns.data(), side}; }
  double at(std::int64_t key) const { return double{rows[key / side]} + columns[key % side]; }
  std::vector<float> rows, columns;
  std::int64_t side;
};

}  // namespace

TEST_CASE("softmax: seven digits of exp, and what is below -87 counts as -87") {
  with_every_set([] {
    for (float x = -87; x < 88; x += 0.37f)
      CHECK(std::abs(sum_of_exp(&x, 1, 0) / std::exp(double{x}) - 1) < 5e-7);
    const float low = -1e30f, lowest = -87, zero = 0;
    CHECK(sum_of_exp(&low, 1, 0) == sum_of_exp(&lowest, 1, 0));
    CHECK(sum_of_exp(&zero, 1, 0) == 1);
  });
}

TEST_CASE("softmax: the largest value and the sum of exp of any number of values") {
  with_every_set([] {
    for (const std::int64_t n : {1, 3, 8, 16, 17, 33, 100}) {
      CAPTURE(n);
      const auto x = random_values(n, 9);
      CHECK(largest(x.data(), n) == *std::ranges::max_element(x));
      double sum = 0;
      for (const float value : x) sum += std::exp(double{value} - 1);
      CHECK(std::abs(sum_of_exp(x.data(), n, 1) / sum - 1) < 1e-6);
    }
  });
}

TEST_CASE("softmax: those of float64, for any number of scores") {
  with_every_set([] {
    for (const std::int64_t n : {1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 33, 64, 100}) {
      CAPTURE(n);
      auto scores = random_values(n, 1);
      std::vector<double> exact;
      for (float& score : scores) exact.push_back((score *= 20) * 0.25);
      const auto expected = weights_of(exact);
      const float sum = softmax_weights(scores.data(), n, 0.25f);
      CHECK(std::abs(sum / sum_of_all(expected) - 1) < 3e-6);
      for (std::int64_t i = 0; i < n; ++i) CHECK(std::abs(scores[i] - expected[i]) < 3e-6);
    }
  });
}

TEST_CASE("softmax: with a bias for each row and column of the keys' square") {
  with_every_set([] {
    for (std::int64_t side = 1; side <= 10; ++side) {
      CAPTURE(side);
      const Square square(side);
      const std::int64_t n = side * side;
      auto scores = random_values(n, 1);
      std::vector<std::uint16_t> words;
      std::vector<double> exact, of_words;
      for (std::int64_t i = 0; i < n; ++i) {
        words.push_back(to_bf16(scores[i]));
        exact.push_back(scores[i] * 2.0 + square.at(i));
        of_words.push_back(to_float(words[i]) * 2.0 + square.at(i));
      }
      const auto expected = weights_of(exact);
      CHECK(std::abs(softmax_weights(scores.data(), n, 2, square.bias()) / sum_of_all(expected) -
                     1) < 3e-6);
      for (std::int64_t i = 0; i < n; ++i) CHECK(std::abs(scores[i] - expected[i]) < 3e-6);

      const auto rough = weights_of(of_words);
      std::vector<float> row(n);
      const float sum = softmax_weights_bf16(words.data(), n, 2, square.bias(), row.data());
      CHECK(std::abs(sum / sum_of_all(rough) - 1) < 1e-4);
      for (std::int64_t i = 0; i < n; ++i)
        CHECK(std::abs(to_float(words[i]) - rough[i]) <= rough[i] / 256 + 3e-6);
    }
  });
}

TEST_CASE("softmax: the largest value is found at every place, below zero too") {
  with_every_set([] {
    for (std::int64_t n = 1; n <= 70; n += n < 35 ? 1 : 7) {
      CAPTURE(n);
      const Guarded<float> x(std::vector<float>(n, -3e38f));
      for (std::int64_t at = 0; at < n; ++at) {
        x[at] = -2;
        CHECK(largest(x.data(), n) == -2);
        x[at] = -3e38f;
      }
      std::fill_n(x.data(), n, -kInfinity);
      CHECK(largest(x.data(), n) == -kInfinity);
      x[n / 2] = kInfinity;
      CHECK(largest(x.data(), n) == kInfinity);
    }
  });
}

TEST_CASE("softmax: every value counts once in the sum, whatever stands behind the last") {
  with_every_set([] {
    for (std::int64_t n = 1; n <= 100; ++n) {
      const Guarded<float> x(std::vector<float>(n, 5));
      CHECK(sum_of_exp(x.data(), n, 5) == static_cast<float>(n));
      CHECK(softmax_weights(x.data(), n, 3) == static_cast<float>(n));
      CHECK(x.values() == std::vector<float>(n, 1));
    }
  });
}

TEST_CASE("softmax: what cannot be weighs nothing, and no score is too large") {
  with_every_set([] {
    for (const std::int64_t n : {2, 16, 17, 45}) {
      for (const float large : {0.0f, 1e4f, -1e4f, 1e30f}) {
        CAPTURE(n);
        CAPTURE(large);
        std::vector<float> scores(n, -kInfinity);
        scores[n - 1] = scores[0] = large;
        CHECK(softmax_weights(scores.data(), n, 0.125f) == 2);
        CHECK(scores[0] == 1);
        CHECK(scores[n - 1] == 1);
        for (std::int64_t i = 1; i + 1 < n; ++i) CHECK(scores[i] < 1e-37f);
      }
    }
  });
}

TEST_CASE("softmax: adding the same to every score changes no weight") {
  with_every_set([] {
    auto scores = whole_numbers(77, 3), shifted = scores;
    for (float& score : shifted) score += 4096;
    const float sum = softmax_weights(scores.data(), 77, 0.25f);
    CHECK(softmax_weights(shifted.data(), 77, 0.25f) == sum);
    CHECK(shifted == scores);
  });
}

TEST_CASE("softmax: bfloat16 without a bias, in its own array") {
  with_every_set([] {
    for (const std::int64_t n : {1, 5, 15, 16, 17, 64, 1000}) {
      CAPTURE(n);
      const Guarded<std::uint16_t> words(n);
      const Guarded<float> row(n);
      std::vector<double> exact;
      for (const float value : random_values(n, 6)) {
        words[static_cast<std::int64_t>(exact.size())] = to_bf16(10 * value);
        exact.push_back(0.5 * to_float(to_bf16(10 * value)));
      }
      const auto expected = weights_of(exact);
      const float sum = softmax_weights_bf16(words.data(), n, 0.5f, {}, row.data());
      CHECK(std::abs(sum / sum_of_all(expected) - 1) < 1e-4);
      for (std::int64_t i = 0; i < n; ++i)
        CHECK(std::abs(to_float(words[i]) - expected[i]) <= expected[i] / 256 + 1e-6);
    }
  });
}

TEST_CASE("softmax: a bias of minus infinity takes out a row of the keys' square") {
  with_every_set([] {
    for (const std::int64_t side : {2, 5, 16, 17}) {
      CAPTURE(side);
      std::vector<float> rows(side), columns(side);
      rows[1] = -kInfinity;
      const Guarded<float> scores(side * side);
      const float sum =
          softmax_weights(scores.data(), side * side, 1, {rows.data(), columns.data(), side});
      CHECK(sum == static_cast<float>(side * (side - 1)));
      for (std::int64_t i = 0; i < side * side; ++i)
        CHECK((i / side == 1 ? scores[i] < 1e-37f : scores[i] == 1));
    }
  });
}
