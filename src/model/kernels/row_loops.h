#pragma once

#include <cstdint>

namespace fovea {

// Loops over vectors of one attention head, on the calling thread.

/// dots[s] = a . rows[s]. `rows`: [n, dim].
void dot_rows(const float* a, const float* rows, std::int64_t n, std::int64_t dim, float* dots);

/// out = start + sum of weights[s] * rows[s]. `start`: [dim], or null for zeros.
void sum_weighted_rows(const float* start, const float* weights, const float* rows, std::int64_t n,
                       std::int64_t dim, float* out);

/// values *= scale.
void scale_values(float* values, std::int64_t n, float scale);

/// Rotates the pairs (i, i + half) of one head by its position's angles and multiplies by `scale`.
/// `x`, `out`: [2 * half]; `cos`, `sin`: [half].
void apply_rope(const float* x, const float* cos, const float* sin, std::int64_t half, float scale,
                float* out);

}  // namespace fovea
