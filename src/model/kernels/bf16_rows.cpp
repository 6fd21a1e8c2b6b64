#include "model/kernels/bf16_rows.h"

#include <vector>

#include "model/kernels/bf16.h"
#include "model/kernels/lanes.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace fovea {
namespace {

/// So far before its use a row's memory is asked for: processors' own guesses end at every page.
constexpr std::int64_t kAhead = 2048;  // values

/// Inputs as the products want them: of each 2 * kLanes values the even ones first, then the odd
/// ones, which lie in the lower and upper halves of a row's 32-bit words.
template <int kLanes>
const float* split_inputs(const float* x, std::int64_t inputs, std::int64_t in) {
  thread_local std::vector<float> split;
  split.resize(static_cast<std::size_t>(inputs * in));
  for (std::int64_t i = 0; i < inputs; ++i) {
    const float* from = x + i * in;
    float* to = split.data() + i * in;
    std::int64_t k = 0;
    for (; k + 2 * kLanes <= in; k += 2 * kLanes) {
      for (std::int64_t j = 0; j < kLanes; ++j) {
        to[k + j] = from[k + 2 * j];
        to[k + kLanes + j] = from[k + 2 * j + 1];
      }
    }
    for (; k < in; ++k) to[k] = from[k];
  }
  return split.data();
}

/// Of all inputs with rows.
struct RowsProduct {
  Bf16Rows rows;
  std::int64_t out, in;
  const float* x;
  std::int64_t inputs;
  const float* start;
  float* y;
  std::int64_t stride;

  template <int kLanes>
  [[gnu::always_inline]] inline void run() const {
    const float* split = split_inputs<kLanes>(x, inputs, in);
    for_inputs(inputs, [&]<int kInputs>() __attribute__((always_inline)) {
      for (std::int64_t o = 0; o < out; ++o) {
        float sums[kInputs];
        multiply_row<kLanes, kInputs>(rows[o], split, sums);
        for (int i = 0; i < kInputs; ++i) y[i * stride + o] = start[o] + sums[i];
      }
    });
  }

  /// Two steps at once keep a lone input's sums from waiting.
  template <int kLanes, int kInputs>
  [[gnu::always_inline]] inline void multiply_row(const std::uint16_t* row, const float* split,
                                                  float* sums) const {
    using Floats = Lanes<kLanes, float>;
    constexpr int kStep = 2 * kLanes, kChains = kInputs <= 2 ? 2 : 1;
    Floats even[kInputs][kChains] = {}, odd[kInputs][kChains] = {};
    std::int64_t k = 0;
    const auto step = [&](int chain) __attribute__((always_inline)) {
      __builtin_prefetch(row + k + kAhead);
      Lanes<kLanes, std::uint32_t> words;
      load(row + k, words);
      const auto low = reinterpret_cast<Floats>(words << 16);
      const auto high = reinterpret_cast<Floats>(words & 0xFFFF0000u);
#pragma GCC unroll 8
      for (int i = 0; i < kInputs; ++i) {
        Floats even_inputs, odd_inputs;
        load(split + i * in + k, even_inputs);
        load(split + i * in + k + kLanes, odd_inputs);
        even[i][chain] += low * even_inputs;
        odd[i][chain] += high * odd_inputs;
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
      auto sum = even[i][0] + odd[i][0];
      if constexpr (kChains == 2) sum += even[i][1] + odd[i][1];
      sums[i] = sum_of<kLanes>(sum);
    }
    for (; k < in; ++k) {
      for (int i = 0; i < kInputs; ++i) sums[i] += widened(row[k]) * split[i * in + k];
    }
  }
};

#if defined(__x86_64__)

/// 8 rows of 8 values become 8 steps of 8 columns of a panel.
FOVEA_FOR_AVX2 inline void expand_square(Bf16Rows rows, std::int64_t at, float* panel) {
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

#endif

}  // namespace

void multiply_bf16_rows(Bf16Rows rows, std::int64_t out, std::int64_t in, const float* x,
                        std::int64_t inputs, const float* start, float* y, std::int64_t stride) {
  run_widest(RowsProduct{rows, out, in, x, inputs, start, y, stride});
}

void expand_bf16_rows(Bf16Rows rows, std::int64_t columns, std::int64_t first, std::int64_t depth,
                      float* panel) {
  std::int64_t whole = 0;
#if defined(__x86_64__)
  if (columns == kPanelWidth && instructions() >= Instructions::avx2) {
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
