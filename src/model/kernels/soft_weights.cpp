#include "model/kernels/soft_weights.h"

#include "model/kernels/bf16.h"
#include "model/kernels/exponential.h"
#include "model/kernels/lanes.h"

namespace fovea {
namespace {

/// row = scores * scale + bias. `Score`: float, or the upper half of one.
template <typename Score>
[[gnu::always_inline]] inline void add_bias(const Score* scores, std::int64_t n, float scale,
                                            const BiasValues& bias, float* row) {
  const auto value = [](Score score) __attribute__((always_inline)) {
    if constexpr (sizeof(Score) == 4) return score;
    else return widened(score);
  };
  if (!bias.rows) {
    for (std::int64_t i = 0; i < n; ++i) row[i] = value(scores[i]) * scale;
    return;
  }
  for (std::int64_t y = 0; y < bias.side; ++y) {
    const Score* from = scores + y * bias.side;
    float* to = row + y * bias.side;
    for (std::int64_t x = 0; x < bias.side; ++x)
      to[x] = value(from[x]) * scale + (bias.rows[y] + bias.columns[x]);
  }
}

[[gnu::always_inline]] inline float largest(const float* scores, std::int64_t n) {
  float top = scores[0];
#pragma omp simd reduction(max : top)
  for (std::int64_t i = 0; i < n; ++i) top = scores[i] > top ? scores[i] : top;
  return top;
}

/// Scores become exp((score - largest) * scale), whose sum it returns.
[[gnu::always_inline]] inline float weigh(float* scores, std::int64_t n, float scale) {
  const float top = largest(scores, n);
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (std::int64_t i = 0; i < n; ++i) {
    scores[i] = exponential((scores[i] - top) * scale);
    sum += scores[i];
  }
  return sum;
}

}  // namespace

float soft_weights(float* scores, std::int64_t n, float scale) {
  return widest([=]() __attribute__((always_inline)) { return weigh(scores, n, scale); });
}

float soft_weights(float* scores, std::int64_t n, float scale, const BiasValues& bias) {
  if (!bias.rows) return soft_weights(scores, n, scale);
  return widest([=]() __attribute__((always_inline)) {
    add_bias(scores, n, scale, bias, scores);
    return weigh(scores, n, 1);
  });
}

float soft_weights_bf16(std::uint16_t* scores, std::int64_t n, float scale, const BiasValues& bias,
                        float* row) {
  return widest([=]() __attribute__((always_inline)) {
    add_bias(scores, n, scale, bias, row);
    const float top = largest(row, n);
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (std::int64_t i = 0; i < n; ++i) {
      const float weight = exponential(row[i] - top);
      scores[i] = rounded(weight);
      sum += weight;
    }
    return sum;
  });
}

}  // namespace fovea
