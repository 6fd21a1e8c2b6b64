#include "model/bf16_rows.h"

#include <bit>
#include <vector>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace fovea {
namespace {

float widened(std::uint16_t value) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(value) << 16);
}

#if defined(__x86_64__)

constexpr std::int64_t kStep = 16;  // values of a row in one register

[[gnu::target("avx2,fma")]] inline float sum_of(__m256 values) {
  __m128 sum = _mm_add_ps(_mm256_castps256_ps128(values), _mm256_extractf128_ps(values, 1));
  sum = _mm_add_ps(sum, _mm_movehl_ps(sum, sum));
  return _mm_cvtss_f32(_mm_add_ss(sum, _mm_movehdup_ps(sum)));
}

/// Inputs as the products want them: of each 16 values the even ones first, then the odd ones,
/// which lie in the lower and upper halves of a row's 32-bit words.
std::vector<float>& split_inputs(const float* x, std::int64_t inputs, std::int64_t in) {
  thread_local std::vector<float> split;
  split.resize(static_cast<std::size_t>(inputs * in));
  for (std::int64_t i = 0; i < inputs; ++i) {
    const float* from = x + i * in;
    float* to = split.data() + i * in;
    std::int64_t k = 0;
    for (; k + kStep <= in; k += kStep) {
      for (std::int64_t j = 0; j < kStep / 2; ++j) {
        to[k + j] = from[k + 2 * j];
        to[k + kStep / 2 + j] = from[k + 2 * j + 1];
      }
    }
    for (; k < in; ++k) to[k] = from[k];
  }
  return split;
}

/// `kInputs` sums of one row. Two steps at once keep a lone input's sums from waiting.
template <int kInputs>
[[gnu::target("avx2,fma")]] void multiply_row(const std::uint16_t* row, std::int64_t in,
                                              const float* x, float* sums) {
  const __m256i upper = _mm256_set1_epi32(static_cast<int>(0xFFFF0000u));
  constexpr int kChains = kInputs <= 2 ? 2 : 1;
  __m256 even[kInputs][kChains], odd[kInputs][kChains];
#pragma GCC unroll 8
  for (int i = 0; i < kInputs; ++i) {
#pragma GCC unroll 2
    for (int c = 0; c < kChains; ++c) even[i][c] = odd[i][c] = _mm256_setzero_ps();
  }
  std::int64_t k = 0;
  const auto step = [&](int chain) __attribute__((target("avx2,fma"), always_inline)) {
    const __m256i words = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(row + k));
    const __m256 low = _mm256_castsi256_ps(_mm256_slli_epi32(words, 16));
    const __m256 high = _mm256_castsi256_ps(_mm256_and_si256(words, upper));
#pragma GCC unroll 8
    for (int i = 0; i < kInputs; ++i) {
      const float* from = x + i * in + k;
      even[i][chain] = _mm256_fmadd_ps(low, _mm256_loadu_ps(from), even[i][chain]);
      odd[i][chain] = _mm256_fmadd_ps(high, _mm256_loadu_ps(from + 8), odd[i][chain]);
    }
    k += kStep;
  };
  while (k + kChains * kStep <= in) {
    step(0);
    if constexpr (kChains == 2) step(1);
  }
  if (k + kStep <= in) step(0);
#pragma GCC unroll 8
  for (int i = 0; i < kInputs; ++i) {
    __m256 sum = _mm256_add_ps(even[i][0], odd[i][0]);
    if constexpr (kChains == 2) sum = _mm256_add_ps(sum, _mm256_add_ps(even[i][1], odd[i][1]));
    sums[i] = sum_of(sum);
  }
  for (; k < in; ++k) {
    for (int i = 0; i < kInputs; ++i) sums[i] += widened(row[k]) * x[i * in + k];
  }
}

/// 8 rows of 8 values become 8 steps of 8 columns of a panel.
[[gnu::target("avx2,fma")]] inline void expand_square(Bf16Rows rows, std::int64_t at, float* panel) {
  __m256 r[8];
#pragma GCC unroll 8
  for (int i = 0; i < 8; ++i) {
    const __m128i values = _mm_loadu_si128(reinterpret_cast<const __m128i*>(rows[i] + at));
    r[i] = _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(values), 16));
  }
  __m256 pair[8], four[8];
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) {
    pair[2 * i] = _mm256_unpacklo_ps(r[2 * i], r[2 * i + 1]);
    pair[2 * i + 1] = _mm256_unpackhi_ps(r[2 * i], r[2 * i + 1]);
  }
#pragma GCC unroll 2
  for (int i = 0; i < 2; ++i) {
    four[4 * i] = _mm256_shuffle_ps(pair[4 * i], pair[4 * i + 2], 0x44);
    four[4 * i + 1] = _mm256_shuffle_ps(pair[4 * i], pair[4 * i + 2], 0xEE);
    four[4 * i + 2] = _mm256_shuffle_ps(pair[4 * i + 1], pair[4 * i + 3], 0x44);
    four[4 * i + 3] = _mm256_shuffle_ps(pair[4 * i + 1], pair[4 * i + 3], 0xEE);
  }
#pragma GCC unroll 4
  for (int k = 0; k < 4; ++k) {
    _mm256_storeu_ps(panel + k * kPanelWidth, _mm256_permute2f128_ps(four[k], four[4 + k], 0x20));
    _mm256_storeu_ps(panel + (k + 4) * kPanelWidth,
                     _mm256_permute2f128_ps(four[k], four[4 + k], 0x31));
  }
}

#else

template <int kInputs>
void multiply_row(const std::uint16_t* row, std::int64_t in, const float* x, float* sums) {
  for (int i = 0; i < kInputs; ++i) {
    sums[i] = 0;
    for (std::int64_t k = 0; k < in; ++k) sums[i] += widened(row[k]) * x[i * in + k];
  }
}

#endif

template <int kInputs>
void multiply_all(Bf16Rows rows, std::int64_t out, std::int64_t in, const float* x,
                  const float* start, float* y, std::int64_t stride) {
  for (std::int64_t o = 0; o < out; ++o) {
    float sums[kInputs];
    multiply_row<kInputs>(rows[o], in, x, sums);
    for (int i = 0; i < kInputs; ++i) y[i * stride + o] = start[o] + sums[i];
  }
}

}  // namespace

void multiply_bf16_rows(Bf16Rows rows, std::int64_t out, std::int64_t in, const float* x,
                        std::int64_t inputs, const float* start, float* y, std::int64_t stride) {
#if defined(__x86_64__)
  x = split_inputs(x, inputs, in).data();
#endif
  switch (inputs) {
    case 6: return multiply_all<6>(rows, out, in, x, start, y, stride);
    case 5: return multiply_all<5>(rows, out, in, x, start, y, stride);
    case 4: return multiply_all<4>(rows, out, in, x, start, y, stride);
    case 3: return multiply_all<3>(rows, out, in, x, start, y, stride);
    case 2: return multiply_all<2>(rows, out, in, x, start, y, stride);
    default: return multiply_all<1>(rows, out, in, x, start, y, stride);
  }
}

void expand_bf16_rows(Bf16Rows rows, std::int64_t columns, std::int64_t first, std::int64_t depth,
                      float* panel) {
  std::int64_t whole = 0;
#if defined(__x86_64__)
  if (columns == kPanelWidth) {
    for (; whole + 8 <= depth; whole += 8) {
      expand_square(rows, first + whole, panel + whole * kPanelWidth);
      expand_square(rows + 8, first + whole, panel + whole * kPanelWidth + 8);
    }
  }
#endif
  for (std::int64_t k = whole; k < depth; ++k) {
    for (std::int64_t c = 0; c < kPanelWidth; ++c)
      panel[k * kPanelWidth + c] = c < columns ? widened(rows[c][first + k]) : 0;
  }
}

}  // namespace fovea
