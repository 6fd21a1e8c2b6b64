#pragma once

#include <cstdint>

namespace fovea {

/// What is added to the scores of one query, whose keys lie row-major in a square.
struct BiasValues {
  const float* rows = nullptr;  ///< [side], null: nothing is added
  const float* columns = nullptr;
  std::int64_t side = 0;
};

/// Softmax of `n` scores times `scale` in place, but for the division by their sum, which it
/// returns.
float softmax_weights(float* scores, std::int64_t n, float scale, const BiasValues& bias = {});

/// The same for bfloat16. `row`: [n] for what is between if there is a bias.
float softmax_weights_bf16(std::uint16_t* scores, std::int64_t n, float scale,
                           const BiasValues& bias, float* row);

/// The sum of exp(x - top) for `n` values.
float sum_of_exp(const float* x, std::int64_t n, float top);

/// The largest of `n` values, at least one.
float largest(const float* x, std::int64_t n);

}  // namespace fovea
