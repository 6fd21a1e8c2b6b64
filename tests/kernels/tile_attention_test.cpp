#include "model/kernels/tile_attention.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "tests/kernels/every_set.h"

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
