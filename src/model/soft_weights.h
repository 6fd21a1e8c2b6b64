#pragma once

#include <cstdint>

namespace fovea {

/// Softmax of `n` scores times `scale` in place, but for the division by their sum, which it
/// returns.
float soft_weights(float* scores, std::int64_t n, float scale);

}  // namespace fovea
