#pragma once

#include <cstdint>
#include <cstring>

namespace fovea {

// Loops over vectors of a width that is a template argument, compiled for several instruction sets
// in one program: everything here is inlined into a function that has the set as its target.

template <int kLanes, typename T>
using Lanes [[gnu::vector_size(kLanes * sizeof(T))]] = T;

/// Into a vector: functions cannot return one unless the whole program is for such registers.
template <typename Vector>
[[gnu::always_inline]] inline void load(const void* from, Vector& into) {
  std::memcpy(&into, from, sizeof into);
}

template <int kLanes>
[[gnu::always_inline]] inline float sum_of(const Lanes<kLanes, float>& values) {
  float sum = 0;
  for (int lane = 0; lane < kLanes; ++lane) sum += values[lane];
  return sum;
}

/// The widest vectors that run here: 16, 8 or 4 floats.
inline int lanes_here() {
#if defined(__x86_64__)
  static const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  static const bool avx512 = __builtin_cpu_supports("avx512f");
  return avx512 ? 16 : avx2 ? 8 : 4;
#else
  return 4;
#endif
}

#if defined(__x86_64__)
template <typename Product>
[[gnu::target("avx512f")]] void run_avx512(const Product& product) {
  product.template run<16>();
}
template <typename Product>
[[gnu::target("avx2,fma")]] void run_avx2(const Product& product) {
  product.template run<8>();
}
#endif

/// Calls product.run<kLanes>() for the widest vectors that this CPU has.
template <typename Product>
void run_widest(const Product& product) {
#if defined(__x86_64__)
  if (lanes_here() == 16) return run_avx512(product);
  if (lanes_here() == 8) return run_avx2(product);
#endif
  product.template run<4>();
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
