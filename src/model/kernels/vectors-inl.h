// Included once for every target, after hwy/foreach_target.h: no #pragma once.
#if defined(FOVEA_MODEL_KERNELS_VECTORS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef FOVEA_MODEL_KERNELS_VECTORS_INL_H_
#undef FOVEA_MODEL_KERNELS_VECTORS_INL_H_
#else
#define FOVEA_MODEL_KERNELS_VECTORS_INL_H_
#endif

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace fovea::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// What kernels calculate with: as many floats as the target's vectors have.
using Floats = hn::ScalableTag<float>;
using FloatVector = hn::Vec<Floats>;
constexpr std::int64_t kLanes = static_cast<std::int64_t>(hn::MaxLanes(Floats()));

HWY_INLINE FloatVector load(const float* from) { return hn::LoadU(Floats(), from); }

/// bfloat16, the upper half of a float32.
HWY_INLINE FloatVector load(const std::uint16_t* from) {
  const hn::RebindToUnsigned<Floats> words;
  const auto halves = hn::LoadU(hn::Rebind<std::uint16_t, Floats>(), from);
  return hn::BitCast(Floats(), hn::ShiftLeft<16>(hn::PromoteTo(words, halves)));
}

HWY_INLINE void store(FloatVector values, float* to) { hn::StoreU(values, Floats(), to); }

/// Rounds to the nearest, of two as near to the even one.
HWY_INLINE void store(FloatVector values, std::uint16_t* to) {
  const hn::RebindToUnsigned<Floats> words;
  const auto bits = hn::BitCast(words, values);
  const auto odd = hn::And(hn::ShiftRight<16>(bits), hn::Set(words, 1));
  const auto rounded = hn::ShiftRight<16>(hn::Add(bits, hn::Add(odd, hn::Set(words, 0x7FFF))));
  const hn::Rebind<std::uint16_t, Floats> halves;
  hn::StoreU(hn::TruncateTo(halves, rounded), halves, to);
}

/// The first `count` values, and `rest` in the other lanes.
template <typename T>
HWY_INLINE FloatVector load_part(const T* from, std::int64_t count, T rest = 0) {
  T lanes[kLanes];
  for (std::int64_t i = 0; i < kLanes; ++i) lanes[i] = i < count ? from[i] : rest;
  return load(lanes);
}

template <typename T>
HWY_INLINE void store_part(FloatVector values, std::int64_t count, T* to) {
  T lanes[kLanes];
  store(values, lanes);
  std::copy_n(lanes, count, to);
}

HWY_INLINE float sum_of(FloatVector values) {
  return hn::GetLane(hn::SumOfLanes(Floats(), values));
}

HWY_INLINE float largest_of(FloatVector values) {
#if HWY_TARGET == HWY_EMU128  // whose MaxOfLanes begins at the lowest number above -infinity
  float lanes[kLanes];
  store(values, lanes);
  return *std::max_element(lanes, lanes + kLanes);
#else
  return hn::GetLane(hn::MaxOfLanes(Floats(), values));
#endif
}

/// exp(x) to 7 digits; what is below -87 counts as -87, so that no weight is a denormal. A third
/// faster than Highway's, which is exact to the last bit and goes down to denormals.
HWY_INLINE FloatVector exponential(FloatVector x) {
  const Floats d;
  const hn::RebindToSigned<Floats> words;
  const auto set = [d](float value) HWY_ATTR { return hn::Set(d, value); };
  x = hn::Min(hn::Max(x, set(-87.0f)), set(88.0f));
  const auto shift = set(12582912.0f);  // adding it rounds to an integer
  const auto whole = hn::Sub(hn::MulAdd(x, set(1.44269504f), shift), shift);
  const auto high = hn::NegMulAdd(whole, set(0.693359375f), x);
  const auto rest = hn::MulAdd(whole, set(2.12194440e-4f), high);
  auto value = hn::MulAdd(set(1.9875691500e-4f), rest, set(1.3981999507e-3f));
  value = hn::MulAdd(value, rest, set(8.3334519073e-3f));
  value = hn::MulAdd(value, rest, set(4.1665795894e-2f));
  value = hn::MulAdd(value, rest, set(1.6666665459e-1f));
  value = hn::MulAdd(value, rest, set(5.0000001201e-1f));
  value = hn::MulAdd(hn::Mul(value, rest), rest, hn::Add(rest, set(1.0f)));
  const auto exponent = hn::Add(hn::ConvertTo(words, whole), hn::Set(words, 127));
  return hn::Mul(value, hn::BitCast(d, hn::ShiftLeft<23>(exponent)));
}

/// 2^x for x of 0 or less, to 4 digits: enough for bfloat16, in half the steps. What is below -126
/// counts as -126.
HWY_INLINE FloatVector power_of_two(FloatVector x) {
  const Floats d;
  const hn::RebindToSigned<Floats> words;
  const auto set = [d](float value) HWY_ATTR { return hn::Set(d, value); };
  x = hn::Max(x, set(-126.0f));
  const auto shift = set(12582912.0f);  // adding it rounds to an integer, in the lowest bits
  const auto shifted = hn::Add(x, shift);
  const auto rest = hn::Sub(x, hn::Sub(shifted, shift));  // -0.5 to 0.5
  auto value = hn::MulAdd(rest, set(5.51716684e-2f), set(2.42611122e-1f));
  value = hn::MulAdd(value, rest, set(6.93260986e-1f));
  value = hn::MulAdd(value, rest, set(9.99928074e-1f));
  const auto exponent = hn::ShiftLeft<23>(hn::BitCast(words, shifted));
  return hn::BitCast(d, hn::Add(hn::BitCast(words, value), exponent));
}

/// The largest of `n` values, at least one.
template <typename T>
HWY_INLINE float largest_value(const T* x, std::int64_t n) {
  const T first = x[0];
  FloatVector a = hn::Set(Floats(), hn::GetLane(load_part(x, 1))), b = a;
  std::int64_t i = 0;
  for (; i + 2 * kLanes <= n; i += 2 * kLanes) {
    a = hn::Max(a, load(x + i));
    b = hn::Max(b, load(x + i + kLanes));
  }
  for (; i < n; i += kLanes) a = hn::Max(a, load_part(x + i, n - i, first));
  return largest_of(hn::Max(a, b));
}

}  // namespace fovea::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
