#include "model/kernels/softmax.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "model/kernels/softmax.cpp"
#include <hwy/foreach_target.h>

#include "model/kernels/vectors-inl.h"

// Beside oneDNN's softmax, which divides by the sum too: 1.3 times as fast with AVX-512, 1.2 to 1.3
// with AVX2 (Xeon with AMX, bench/kernels). It takes scale and bias in the same pass.

HWY_BEFORE_NAMESPACE();
namespace fovea::HWY_NAMESPACE {
namespace {

/// to = from * scale + bias. `Score`: float, or bfloat16.
template <typename Score>
void add_bias(const Score* from, std::int64_t n, FloatVector scale, FloatVector bias_of_row,
              const float* bias, float* to) {
  std::int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes)
    store(hn::MulAdd(load(from + i), scale, hn::Add(bias_of_row, load(bias + i))), to + i);
  if (i == n) return;
  const auto more = hn::Add(bias_of_row, load_part(bias + i, n - i));
  store_part(hn::MulAdd(load_part(from + i, n - i), scale, more), n - i, to + i);
}

/// row = scores * scale + bias.
template <typename Score>
void scale_and_bias(const Score* scores, float scale, const BiasValues& bias, float* row) {
  const Floats d;
  for (std::int64_t y = 0; y < bias.side; ++y)
    add_bias(scores + y * bias.side, bias.side, hn::Set(d, scale), hn::Set(d, bias.rows[y]),
             bias.columns, row + y * bias.side);
}

/// to = exp((from - top) * scale), whose sum it returns.
float exponentials(const float* from, std::int64_t n, float top, float scale, float* to) {
  const Floats d;
  const auto tops = hn::Set(d, top), scales = hn::Set(d, scale);
  auto sum = hn::Zero(d);
  std::int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    const auto weights = exponential(hn::Mul(hn::Sub(load(from + i), tops), scales));
    sum = hn::Add(sum, weights);
    store(weights, to + i);
  }
  float rest = 0;
  if (i < n) {
    float lanes[kLanes];
    store(exponential(hn::Mul(hn::Sub(load_part(from + i, n - i, top), tops), scales)), lanes);
    for (std::int64_t lane = 0; lane < n - i; ++lane) rest += lanes[lane];
    store_part(load(lanes), n - i, to + i);
  }
  return sum_of(sum) + rest;
}

/// A weight of 0 to 2 as bfloat16.
HWY_INLINE void store_weight(FloatVector weight, std::uint16_t* to) {
  const hn::RebindToUnsigned<Floats> words;
  const auto bits = hn::Add(hn::BitCast(words, weight), hn::Set(words, 0x8000));
  const hn::Rebind<std::uint16_t, Floats> halves;
  hn::StoreU(hn::TruncateTo(halves, hn::ShiftRight<16>(bits)), halves, to);
}

/// The same in bfloat16, as exact as that is. `Score`: float, or bfloat16.
template <typename Score>
float rounded_exponentials(const Score* from, std::int64_t n, float top, float scale,
                           std::uint16_t* to) {
  const Floats d;
  const auto tops = hn::Set(d, top), scales = hn::Set(d, scale * 1.44269504f);
  const auto weight = [&](FloatVector score)
                          HWY_ATTR { return power_of_two(hn::Mul(hn::Sub(score, tops), scales)); };
  auto sum = hn::Zero(d);
  std::int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    const auto weights = weight(load(from + i));
    sum = hn::Add(sum, weights);
    store_weight(weights, to + i);
  }
  float rest = 0;
  if (i < n) {
    float lanes[kLanes];
    store(weight(load_part(from + i, n - i)), lanes);
    for (std::int64_t lane = 0; lane < n - i; ++lane) rest += lanes[lane];
    store_part(load(lanes), n - i, to + i);
  }
  return sum_of(sum) + rest;
}

}  // namespace

float weights_in_floats(float* scores, std::int64_t n, float scale, const BiasValues& bias) {
  if (!bias.rows) return exponentials(scores, n, largest_value(scores, n), scale, scores);
  scale_and_bias(scores, scale, bias, scores);
  return exponentials(scores, n, largest_value(scores, n), 1, scores);
}

float weights_in_words(std::uint16_t* scores, std::int64_t n, float scale, const BiasValues& bias,
                       float* row) {
  if (!bias.rows) return rounded_exponentials(scores, n, largest_value(scores, n), scale, scores);
  scale_and_bias(scores, scale, bias, row);
  return rounded_exponentials(row, n, largest_value(row, n), 1, scores);
}

float exponential_sum(const float* x, std::int64_t n, float top) {
  const Floats d;
  const auto tops = hn::Set(d, top);
  auto a = hn::Zero(d), b = a;
  std::int64_t i = 0;
  for (; i + 2 * kLanes <= n; i += 2 * kLanes) {
    a = hn::Add(a, exponential(hn::Sub(load(x + i), tops)));
    b = hn::Add(b, exponential(hn::Sub(load(x + i + kLanes), tops)));
  }
  float lanes[kLanes], rest = 0;
  for (; i < n; i += kLanes) {
    const auto count = std::min(kLanes, n - i);
    store(exponential(hn::Sub(load_part(x + i, count, top), tops)), lanes);
    for (std::int64_t lane = 0; lane < count; ++lane) rest += lanes[lane];
  }
  return sum_of(hn::Add(a, b)) + rest;
}

float largest_of_all(const float* x, std::int64_t n) { return largest_value(x, n); }

}  // namespace fovea::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace fovea {

HWY_EXPORT(weights_in_floats);
HWY_EXPORT(weights_in_words);
HWY_EXPORT(exponential_sum);
HWY_EXPORT(largest_of_all);

float softmax_weights(float* scores, std::int64_t n, float scale, const BiasValues& bias) {
  return HWY_DYNAMIC_DISPATCH(weights_in_floats)(scores, n, scale, bias);
}

float softmax_weights_bf16(std::uint16_t* scores, std::int64_t n, float scale,
                           const BiasValues& bias, float* row) {
  return HWY_DYNAMIC_DISPATCH(weights_in_words)(scores, n, scale, bias, row);
}

float sum_of_exp(const float* x, std::int64_t n, float top) {
  return HWY_DYNAMIC_DISPATCH(exponential_sum)(x, n, top);
}

float largest(const float* x, std::int64_t n) { return HWY_DYNAMIC_DISPATCH(largest_of_all)(x, n); }

}  // namespace fovea

#endif
