#include "model/kernels/int8_panels.h"

#include "model/kernels/lanes.h"
#include "model/kernels/tile_product.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace fovea {
namespace {

/// The sums of all inputs, [kInputs][16].
template <int kInputs>
void sum_up_plainly(const std::int8_t* values, std::int64_t in, const float* x, float* sums) {
  for (int i = 0; i < kInputs * kPanelWidth; ++i) sums[i] = 0;
  for (std::int64_t k = 0; k < in; ++k, values += kPanelWidth) {
    for (int i = 0; i < kInputs; ++i) {
      for (std::int64_t c = 0; c < kPanelWidth; ++c)
        sums[i * kPanelWidth + c] += static_cast<float>(values[c]) * x[i * in + k];
    }
  }
}

#if defined(__x86_64__)

template <int kInputs>
FOVEA_FOR_AVX2 void sum_up_avx2(const std::int8_t* values, std::int64_t in, const float* x,
                                float* sums) {
  constexpr int kChains = kInputs <= 2 ? 4 / kInputs : 1;  // a lone input's sums would wait
  __m256 low[kInputs][kChains], high[kInputs][kChains];
#pragma GCC unroll 8
  for (int i = 0; i < kInputs; ++i) {
#pragma GCC unroll 4
    for (int c = 0; c < kChains; ++c) low[i][c] = high[i][c] = _mm256_setzero_ps();
  }
  std::int64_t k = 0;
  const auto step = [&](int chain) __attribute__((target("avx2,fma"), always_inline)) {
    const auto* from = reinterpret_cast<const __m128i*>(values + k * kPanelWidth);
    const __m128i row = _mm_loadu_si128(from);
    const __m256 a = _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(row));
    const __m256 b = _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_srli_si128(row, 8)));
#pragma GCC unroll 8
    for (int i = 0; i < kInputs; ++i) {
      const __m256 value = _mm256_broadcast_ss(x + i * in + k);
      low[i][chain] = _mm256_fmadd_ps(value, a, low[i][chain]);
      high[i][chain] = _mm256_fmadd_ps(value, b, high[i][chain]);
    }
    ++k;
  };
  while (k + kChains <= in) {
#pragma GCC unroll 4
    for (int c = 0; c < kChains; ++c) step(c);
  }
  while (k < in) step(0);
#pragma GCC unroll 8
  for (int i = 0; i < kInputs; ++i) {
#pragma GCC unroll 4
    for (int c = 1; c < kChains; ++c) {
      low[i][0] = _mm256_add_ps(low[i][0], low[i][c]);
      high[i][0] = _mm256_add_ps(high[i][0], high[i][c]);
    }
    _mm256_storeu_ps(sums + i * kPanelWidth, low[i][0]);
    _mm256_storeu_ps(sums + i * kPanelWidth + 8, high[i][0]);
  }
}

#endif

template <int kInputs>
void sum_up(const std::int8_t* values, std::int64_t in, const float* x, float* sums) {
#if defined(__x86_64__)
  if (lanes_here() >= 8) return sum_up_avx2<kInputs>(values, in, x, sums);
#endif
  sum_up_plainly<kInputs>(values, in, x, sums);
}

template <int kInputs>
void multiply(const Int8Panel& panel, std::int64_t in, const float* x, float* y,
              std::int64_t stride) {
  float sums[kInputs * kPanelWidth];
  sum_up<kInputs>(panel.values, in, x, sums);
  for (int i = 0; i < kInputs; ++i) {
    for (std::int64_t c = 0; c < panel.columns; ++c)
      y[i * stride + c] = panel.start[c] + panel.scales[c] * sums[i * kPanelWidth + c];
  }
}

}  // namespace

void multiply_int8_panel(const Int8Panel& panel, std::int64_t in, const float* x,
                         std::int64_t inputs, float* y, std::int64_t stride) {
  for_inputs(inputs, [&]<int kInputs>() { multiply<kInputs>(panel, in, x, y, stride); });
}

}  // namespace fovea
