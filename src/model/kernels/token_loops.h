#pragma once

#include <cstdint>

namespace fovea {

// What stands between a decoder's products, for one token, on the calling thread.

/// out = x / sqrt(mean(x^2) + epsilon) * weight. All [d].
void rms_norm_row(const float* x, const float* weight, std::int64_t d, float epsilon, float* out);

/// out = silu(gate) * up. All [n].
void swiglu_row(const float* gate, const float* up, std::int64_t n, float* out);
/// The same for bfloat16.
void swiglu_row(const std::uint16_t* gate, const std::uint16_t* up, std::int64_t n,
                std::uint16_t* out);

/// out = sum of weights[j] * rows[j]. `rows`: [k] pointers to [d]; k at least 1.
void sum_scattered_rows(const float* const* rows, const float* weights, std::int64_t k,
                        std::int64_t d, float* out);

}  // namespace fovea
