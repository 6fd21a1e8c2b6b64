#pragma once

#include <cstdint>
#include <cstring>

#include "model/kernels/instructions.h"

namespace fovea {

// Loops compiled for several instruction sets in one program, of which the largest that may be used
// runs. Either plain ones, which become vector code, or such over vectors of a width that is a
// template argument. Everything in them is inlined into a function that has the set as its target:
// what they call must be marked always_inline.

template <int kLanes, typename T>
using Lanes [[gnu::vector_size(kLanes * sizeof(T))]] = T;

/// Into a vector: functions cannot return one unless the whole program is for such registers.
template <typename Vector>
[[gnu::always_inline]] inline void load(const void* from, Vector& into) {
  std::memcpy(&into, from, sizeof into);
}

template <typename Vector>
[[gnu::always_inline]] inline void store(const Vector& from, void* into) {
  std::memcpy(into, &from, sizeof from);
}

template <int kLanes>
[[gnu::always_inline]] inline float sum_of(const Lanes<kLanes, float>& values) {
  float sum = 0;
  for (int lane = 0; lane < kLanes; ++lane) sum += values[lane];
  return sum;
}

/// The floats of the largest vectors that may be used: 16, 8 or 4.
inline int lanes_here() {
  const Instructions most = instructions();
  return most >= Instructions::avx512 ? 16 : most >= Instructions::avx2 ? 8 : 4;
}

#if defined(__x86_64__)
#define FOVEA_FOR_AVX2 [[gnu::target("avx2,fma,f16c,bmi,bmi2,lzcnt")]]
#define FOVEA_FOR_AVX512 \
  [[gnu::target("avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx2,fma,f16c,bmi,bmi2,lzcnt")]]

template <typename Loop>
FOVEA_FOR_AVX512 auto run_avx512(const Loop& loop) {
  return loop();
}
template <typename Loop>
FOVEA_FOR_AVX2 auto run_avx2(const Loop& loop) {
  return loop();
}
template <typename Product>
FOVEA_FOR_AVX512 void run_16_lanes(const Product& product) {
  product.template run<16>();
}
template <typename Product>
FOVEA_FOR_AVX2 void run_8_lanes(const Product& product) {
  product.template run<8>();
}
#endif

/// Calls product.run<kLanes>() for the largest vectors.
template <typename Product>
void run_widest(const Product& product) {
#if defined(__x86_64__)
  if (lanes_here() == 16) return run_16_lanes(product);
  if (lanes_here() == 8) return run_8_lanes(product);
#endif
  product.template run<4>();
}

/// loop(), whose plain loops become code for the largest vectors. Marked always_inline:
/// `return widest([=]() __attribute__((always_inline)) { ... });`
template <typename Loop>
auto widest(const Loop& loop) {
#if defined(__x86_64__)
  if (lanes_here() == 16) return run_avx512(loop);
  if (lanes_here() == 8) return run_avx2(loop);
#endif
  return loop();
}

/// So many inputs at most meet weights where they lie; for more, the weights are expanded once.
constexpr std::int64_t kFewInputs = 6;

/// Calls f.operator()<kInputs>() for the number of inputs, from 1 to kFewInputs.
template <typename F>
[[gnu::always_inline]] inline void for_inputs(std::int64_t inputs, const F& f) {
  switch (inputs) {
    case 6: return f.template operator()<6>();
    case 5: return f.template operator()<5>();
    case 4: return f.template operator()<4>();
    case 3: return f.template operator()<3>();
    case 2: return f.template operator()<2>();
    default: return f.template operator()<1>();
  }
}

}  // namespace fovea
