#include "model/kernels/token_loops.h"

#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "model/kernels/token_loops.cpp"
#include <hwy/foreach_target.h>

#include "model/kernels/vectors-inl.h"

// Beside libtorch's operations: RMS norm 4.6 to 5.3 times as fast, SwiGLU 1.2 to 1.6, weighted sums
// 6.9 to 8.5 (Xeon with AMX, AVX2 and AVX-512, bench/kernels).

HWY_BEFORE_NAMESPACE();
namespace fovea::HWY_NAMESPACE {
namespace {

HWY_INLINE FloatVector swiglu(FloatVector gate, FloatVector up) {
  const auto one = hn::Set(Floats(), 1.0f);
  return hn::Mul(hn::Div(gate, hn::Add(one, exponential(hn::Neg(gate)))), up);
}

template <typename T>
void swiglu_values(const T* gate, const T* up, std::int64_t n, T* out) {
  std::int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) store(swiglu(load(gate + i), load(up + i)), out + i);
  if (i < n)
    store_part(swiglu(load_part(gate + i, n - i), load_part(up + i, n - i)), n - i, out + i);
}

float sum_of_squares(const float* x, std::int64_t d) {
  auto a = hn::Zero(Floats()), b = a;
  std::int64_t i = 0;
  for (; i + 2 * kLanes <= d; i += 2 * kLanes) {
    const auto first = load(x + i), second = load(x + i + kLanes);
    a = hn::MulAdd(first, first, a);
    b = hn::MulAdd(second, second, b);
  }
  float sum = sum_of(hn::Add(a, b));
  for (; i < d; ++i) sum += x[i] * x[i];
  return sum;
}

}  // namespace

void norm_row(const float* x, const float* weight, std::int64_t d, float epsilon, float* out) {
  const float scale = 1 / std::sqrt(sum_of_squares(x, d) / static_cast<float>(d) + epsilon);
  const auto factor = hn::Set(Floats(), scale);
  std::int64_t i = 0;
  for (; i + kLanes <= d; i += kLanes)
    store(hn::Mul(hn::Mul(load(x + i), factor), load(weight + i)), out + i);
  for (; i < d; ++i) out[i] = x[i] * scale * weight[i];
}

void swiglu_floats(const float* gate, const float* up, std::int64_t n, float* out) {
  swiglu_values(gate, up, n, out);
}

void swiglu_words(const std::uint16_t* gate, const std::uint16_t* up, std::int64_t n,
                  std::uint16_t* out) {
  swiglu_values(gate, up, n, out);
}

void sum_scattered(const float* const* rows, const float* weights, std::int64_t k, std::int64_t d,
                   float* out) {
  std::int64_t i = 0;
  for (; i + kLanes <= d; i += kLanes) {
    auto sum = hn::Mul(hn::Set(Floats(), weights[0]), load(rows[0] + i));
    for (std::int64_t j = 1; j < k; ++j)
      sum = hn::MulAdd(hn::Set(Floats(), weights[j]), load(rows[j] + i), sum);
    store(sum, out + i);
  }
  for (; i < d; ++i) {
    float sum = weights[0] * rows[0][i];
    for (std::int64_t j = 1; j < k; ++j) sum += weights[j] * rows[j][i];
    out[i] = sum;
  }
}

}  // namespace fovea::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace fovea {

HWY_EXPORT(norm_row);
HWY_EXPORT(swiglu_floats);
HWY_EXPORT(swiglu_words);
HWY_EXPORT(sum_scattered);

void rms_norm_row(const float* x, const float* weight, std::int64_t d, float epsilon, float* out) {
  HWY_DYNAMIC_DISPATCH(norm_row)(x, weight, d, epsilon, out);
}

void swiglu_row(const float* gate, const float* up, std::int64_t n, float* out) {
  HWY_DYNAMIC_DISPATCH(swiglu_floats)(gate, up, n, out);
}

void swiglu_row(const std::uint16_t* gate, const std::uint16_t* up, std::int64_t n,
                std::uint16_t* out) {
  HWY_DYNAMIC_DISPATCH(swiglu_words)(gate, up, n, out);
}

void sum_scattered_rows(const float* const* rows, const float* weights, std::int64_t k,
                        std::int64_t d, float* out) {
  HWY_DYNAMIC_DISPATCH(sum_scattered)(rows, weights, k, d, out);
}

}  // namespace fovea

#endif
