#pragma once

#include <cstdint>

namespace fovea {

// What is made of a product's sums, on the calling thread. `out` may be `x`; both [n].

/// out = x (1 + erf(x / sqrt(2))) / 2, within 3e-7 |x|.
void gelu_row(const float* x, std::int64_t n, float* out);

/// out = x / (1 + exp(-1.702 x)).
void quick_gelu_row(const float* x, std::int64_t n, float* out);

}  // namespace fovea
