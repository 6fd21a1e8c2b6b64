#include "model/kernels/row_loops.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "model/kernels/row_loops.cpp"
#include <hwy/foreach_target.h>

#include "model/kernels/vectors-inl.h"

// Attention of rows over these loops, beside oneDNN's two products and softmax: 2.6 to 4.7 times as
// fast with AVX-512, 1.8 to 4.2 with AVX2 (Xeon with AMX, bench/kernels).

HWY_BEFORE_NAMESPACE();
namespace fovea::HWY_NAMESPACE {
namespace {

/// `kRows` rows at once, so that their sums do not wait for each other.
template <int kRows>
HWY_INLINE void dot_some(const float* a, const float* rows, std::int64_t dim, float* dots) {
  FloatVector sums[kRows];
#pragma GCC unroll 4
  for (int r = 0; r < kRows; ++r) sums[r] = hn::Zero(Floats());
  std::int64_t i = 0;
  for (; i + kLanes <= dim; i += kLanes) {
    const auto values = load(a + i);
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) sums[r] = hn::MulAdd(values, load(rows + r * dim + i), sums[r]);
  }
  if (i < dim) {
    const auto values = load_part(a + i, dim - i);
    for (int r = 0; r < kRows; ++r)
      sums[r] = hn::MulAdd(values, load_part(rows + r * dim + i, dim - i), sums[r]);
  }
#pragma GCC unroll 4
  for (int r = 0; r < kRows; ++r) dots[r] = sum_of(sums[r]);
}

/// `kVectors` vectors of the sums from `i` on, which stay in registers.
template <int kVectors>
HWY_INLINE void sum_some(const float* start, const float* weights, const float* rows,
                         std::int64_t n, std::int64_t dim, std::int64_t i, float* out) {
  const Floats d;
  FloatVector sums[kVectors];
#pragma GCC unroll 4
  for (int v = 0; v < kVectors; ++v) sums[v] = start ? load(start + i + v * kLanes) : hn::Zero(d);
  for (std::int64_t s = 0; s < n; ++s) {
    const auto weight = hn::Set(d, weights[s]);
    const float* row = rows + s * dim + i;
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v)
      sums[v] = hn::MulAdd(weight, load(row + v * kLanes), sums[v]);
  }
#pragma GCC unroll 4
  for (int v = 0; v < kVectors; ++v) store(sums[v], out + i + v * kLanes);
}

}  // namespace

void dot_all(const float* a, const float* rows, std::int64_t n, std::int64_t dim, float* dots) {
  std::int64_t s = 0;
  for (; s + 4 <= n; s += 4) dot_some<4>(a, rows + s * dim, dim, dots + s);
  for (; s < n; ++s) dot_some<1>(a, rows + s * dim, dim, dots + s);
}

void sum_all(const float* start, const float* weights, const float* rows, std::int64_t n,
             std::int64_t dim, float* out) {
  std::int64_t i = 0;
  for (; i + 4 * kLanes <= dim; i += 4 * kLanes) sum_some<4>(start, weights, rows, n, dim, i, out);
  for (; i + kLanes <= dim; i += kLanes) sum_some<1>(start, weights, rows, n, dim, i, out);
  for (; i < dim; ++i) {
    float sum = start ? start[i] : 0;
    for (std::int64_t s = 0; s < n; ++s) sum += weights[s] * rows[s * dim + i];
    out[i] = sum;
  }
}

void scale_all(float* values, std::int64_t n, float scale) {
  const auto factor = hn::Set(Floats(), scale);
  std::int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) store(hn::Mul(load(values + i), factor), values + i);
  for (; i < n; ++i) values[i] *= scale;
}

void rotate_pairs(const float* x, const float* cos, const float* sin, std::int64_t half,
                  float scale, float* out) {
  const auto factor = hn::Set(Floats(), scale);
  std::int64_t i = 0;
  for (; i + kLanes <= half; i += kLanes) {
    const auto a = load(x + i), b = load(x + half + i), c = load(cos + i), s = load(sin + i);
    store(hn::Mul(hn::Sub(hn::Mul(a, c), hn::Mul(b, s)), factor), out + i);
    store(hn::Mul(hn::MulAdd(b, c, hn::Mul(a, s)), factor), out + half + i);
  }
  for (; i < half; ++i) {
    const float a = x[i], b = x[half + i];
    out[i] = (a * cos[i] - b * sin[i]) * scale;
    out[half + i] = (b * cos[i] + a * sin[i]) * scale;
  }
}

}  // namespace fovea::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace fovea {

HWY_EXPORT(dot_all);
HWY_EXPORT(sum_all);
HWY_EXPORT(scale_all);
HWY_EXPORT(rotate_pairs);

void dot_rows(const float* a, const float* rows, std::int64_t n, std::int64_t dim, float* dots) {
  HWY_DYNAMIC_DISPATCH(dot_all)(a, rows, n, dim, dots);
}

void sum_weighted_rows(const float* start, const float* weights, const float* rows, std::int64_t n,
                       std::int64_t dim, float* out) {
  HWY_DYNAMIC_DISPATCH(sum_all)(start, weights, rows, n, dim, out);
}

void scale_values(float* values, std::int64_t n, float scale) {
  HWY_DYNAMIC_DISPATCH(scale_all)(values, n, scale);
}

void apply_rope(const float* x, const float* cos, const float* sin, std::int64_t half, float scale,
                float* out) {
  HWY_DYNAMIC_DISPATCH(rotate_pairs)(x, cos, sin, half, scale, out);
}

}  // namespace fovea

#endif
