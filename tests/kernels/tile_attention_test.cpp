#include "model/kernels/tile_attention.h"

#include <algorithm>
#include <cmath>
#include <thread>
#include <vector>

#include "tests/kernels/every_set.h"
#include "tests/kernels/guarded.h"

using namespace fovea;

namespace {

/// The largest difference of one head's attention from that in float64. `biased`: the keys lie in a
/// square.
double worst_of_head(std::int64_t queries, std::int64_t keys, std::int64_t dim, bool biased) {
  const std::int64_t stride = 3 * dim + 1;
  const auto all = random_values(std::max(queries, keys) * stride, 1);
  const auto side = biased ? static_cast<std::int64_t>(std::lround(std::sqrt(keys))) : 0;
  const auto rows = random_values(queries * side, 2), columns = random_values(queries * side, 3);
  const float *q = all.data(), *k = q + dim, *v = k + dim;
  std::vector<float> out(queries * dim);
  HeadPanels(k, v, stride, keys, dim)
      .attend(q, stride, queries, biased ? BiasValues{rows.data(), columns.data(), side} : BiasValues{},
              out.data(), dim);
  double worst = 0;
  for (std::int64_t i = 0; i < queries; ++i) {
    std::vector<double> weights(keys), expected(dim);
    double sum = 0;
    for (std::int64_t j = 0; j < keys; ++j) {
      double score = 0;
      for (std::int64_t d = 0; d < dim; ++d) score += double{q[i * stride + d]} * k[j * stride + d];
      score /= std::sqrt(static_cast<double>(dim));
      if (biased) score += double{rows[i * side + j / side]} + columns[i * side + j % side];
      sum += weights[j] = std::exp(score);
    }
    for (std::int64_t d = 0; d < dim; ++d) {
      for (std::int64_t j = 0; j < keys; ++j) expected[d] += weights[j] / sum * v[j * stride + d];
      worst = std::max(worst, std::abs(out[i * dim + d] - expected[d]));
    }
  }
  return worst;
}

}  // namespace

TEST_CASE("attention in panels: that of float64, whatever the numbers of queries and keys") {
  with_every_set([] {
    for (const std::int64_t queries : {1, 5, 12, 13, 48, 49, 97}) {
      for (const std::int64_t keys : {1, 4, 9, 16, 49, 64, 400}) {
        CAPTURE(queries);
        CAPTURE(keys);
        for (const std::int64_t dim : {4, 20}) CHECK(worst_of_head(queries, keys, dim, false) < 1e-5);
        CHECK(worst_of_head(queries, keys, 16, true) < 1e-5);
      }
    }
  });
}

TEST_CASE("attention in panels: odd widths, within the arrays, gaps in the output untouched") {
  with_every_set([] {
    for (const std::int64_t dim : {1, 15, 16, 17, 65}) {
      for (const std::int64_t keys : {1, 15, 17, 385}) {
        CAPTURE(dim);
        CAPTURE(keys);
        CHECK(worst_of_head(3, keys, dim, false) < 1e-5);
        const Guarded<float> k(random_values(keys * dim, 1));
        const Guarded<float> v(std::vector<float>(keys * dim, 0.5f));
        const Guarded<float> q(random_values(2 * dim, 2)), out(std::vector<float>(2 * dim + 1, 7));
        const HeadPanels panels(k.data(), v.data(), dim, keys, dim);
        panels.attend(q.data(), dim, 2, {}, out.data(), dim + 1);
        CHECK(out[dim] == 7);
        out[dim] = 0.5f;
        for (const float value : out.values()) CHECK(std::abs(value - 0.5f) < 1e-6f);
        const auto before = out.values();
        panels.attend(q.data(), dim, 0, {}, out.data(), dim + 1);
        CHECK(out.values() == before);
      }
    }
  });
}

TEST_CASE("attention in panels: a key that stands out is all that a query sees") {
  with_every_set([] {
    constexpr std::int64_t kKeys = 50, kDim = 16;
    for (const std::int64_t best : {0, 15, 16, 49}) {
      std::vector<float> k(kKeys * kDim, -1e4f), q(kDim, 1), out(kDim);
      std::fill_n(k.begin() + best * kDim, kDim, 1e4f);
      const auto v = random_values(kKeys * kDim, 1);
      HeadPanels(k.data(), v.data(), kDim, kKeys, kDim)
          .attend(q.data(), kDim, 1, {}, out.data(), kDim);
      for (std::int64_t d = 0; d < kDim; ++d) CHECK(out[d] == v[best * kDim + d]);
    }
  });
}

TEST_CASE("attention in panels: a query with NaN leaves its neighbours alone") {
  with_every_set([] {
    constexpr std::int64_t kPlaces = 20, kDim = 8;
    const auto k = random_values(kPlaces * kDim, 1), v = random_values(kPlaces * kDim, 2);
    auto q = random_values(kPlaces * kDim, 3);
    const HeadPanels panels(k.data(), v.data(), kDim, kPlaces, kDim);
    std::vector<float> expected(kPlaces * kDim), found(kPlaces * kDim);
    panels.attend(q.data(), kDim, kPlaces, {}, expected.data(), kDim);
    q[7 * kDim] = kNaN;
    panels.attend(q.data(), kDim, kPlaces, {}, found.data(), kDim);
    for (std::int64_t i = 0; i < kPlaces * kDim; ++i) {
      if (i / kDim != 7) CHECK(found[i] == expected[i]);
    }
  });
}

TEST_CASE("attention in panels: many threads share one head's") {
  with_every_set([] {
    constexpr std::int64_t kPlaces = 100, kDim = 20;
    const auto k = random_values(kPlaces * kDim, 1), v = random_values(kPlaces * kDim, 2);
    const auto q = random_values(kPlaces * kDim, 3);
    const HeadPanels panels(k.data(), v.data(), kDim, kPlaces, kDim);
    const auto attend = [&] {
      std::vector<float> out(kPlaces * kDim);
      panels.attend(q.data(), kDim, kPlaces, {}, out.data(), kDim);
      return out;
    };
    const auto expected = attend();
    std::vector<std::vector<float>> found(4);
    std::vector<std::thread> threads;
    for (auto& own : found) {
      threads.emplace_back([&] {
        for (int i = 0; i < 5; ++i) own = attend();
      });
    }
    for (auto& thread : threads) thread.join();
    for (const auto& own : found) CHECK(own == expected);
  });
}
