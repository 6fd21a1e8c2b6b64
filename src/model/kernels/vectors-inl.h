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

#include <hwy/contrib/math/math-inl.h>
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
  return hn::GetLane(hn::MaxOfLanes(Floats(), values));
}

/// exp(x); what is below -87 counts as -87, so that no weight is a denormal.
HWY_INLINE FloatVector exponential(FloatVector x) {
  const Floats d;
  return hn::Exp(d, hn::Min(hn::Max(x, hn::Set(d, -87.0f)), hn::Set(d, 88.0f)));
}

/// The largest of `n` values, at least one.
HWY_INLINE float largest_value(const float* x, std::int64_t n) {
  const float first = x[0];
  FloatVector a = hn::Set(Floats(), first), b = a;
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
