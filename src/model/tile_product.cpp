#include "model/tile_product.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace fovea {
namespace {

/// Of a product at once: a panel of it stays in the first cache.
constexpr std::int64_t kPartDepth = 384;
constexpr std::int64_t kBlockRows = 96;

/// With AVX2, 12 of the 16 registers hold sums; with AVX-512, 12 of 32: enough products at once to
/// hide how long each takes.
constexpr int kRowsAvx2 = 6, kRowsAvx512 = 12;

#if defined(__x86_64__)

bool has_avx512() {
  static const bool has = __builtin_cpu_supports("avx512f");
  return has;
}

/// `kRows` rows times a panel, all sums in registers. `y`: `kRows` rows of at least 16 floats.
template <int kRows>
[[gnu::target("avx512f")]] inline void multiply_whole_512(const float* tile, std::int64_t depth,
                                                          const float* panel, float* y,
                                                          std::int64_t stride,
                                                          const float* start) {
  __m512 sums[kRows];
#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r) sums[r] = _mm512_loadu_ps(start ? start : y + r * stride);
#pragma GCC unroll 2
  for (std::int64_t k = 0; k < depth; ++k, panel += kPanelWidth, tile += kRows) {
    const __m512 a = _mm512_loadu_ps(panel);
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) sums[r] = _mm512_fmadd_ps(_mm512_set1_ps(tile[r]), a, sums[r]);
  }
#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r) _mm512_storeu_ps(y + r * stride, sums[r]);
}

/// The same with AVX2.
template <int kRows>
[[gnu::target("avx2,fma")]] inline void multiply_whole_256(const float* tile, std::int64_t depth,
                                                           const float* panel, float* y,
                                                           std::int64_t stride,
                                                           const float* start) {
  __m256 low[kRows], high[kRows];
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
    const float* from = start ? start : y + r * stride;
    low[r] = _mm256_loadu_ps(from);
    high[r] = _mm256_loadu_ps(from + 8);
  }
#pragma GCC unroll 4
  for (std::int64_t k = 0; k < depth; ++k, panel += kPanelWidth, tile += kRows) {
    const __m256 a = _mm256_loadu_ps(panel), b = _mm256_loadu_ps(panel + 8);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      const __m256 value = _mm256_broadcast_ss(tile + r);
      low[r] = _mm256_fmadd_ps(value, a, low[r]);
      high[r] = _mm256_fmadd_ps(value, b, high[r]);
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
    _mm256_storeu_ps(y + r * stride, low[r]);
    _mm256_storeu_ps(y + r * stride + 8, high[r]);
  }
}

template <int kRows>
void multiply_whole(const float* tile, std::int64_t depth, const float* panel, float* y,
                    std::int64_t stride, const float* start) {
  if constexpr (kRows <= kRowsAvx2) {
    if (!has_avx512()) return multiply_whole_256<kRows>(tile, depth, panel, y, stride, start);
  }
  multiply_whole_512<kRows>(tile, depth, panel, y, stride, start);
}

template <int kRows>
void multiply_tile(const float* tile, std::int64_t depth, const float* panel,
                   const PanelOutput& to) {
  if (to.columns == kPanelWidth)
    return multiply_whole<kRows>(tile, depth, panel, to.y, to.stride, to.start);
  float whole[kRows * kPanelWidth] = {};
  if (!to.start) {
    for (int r = 0; r < kRows; ++r)
      std::copy_n(to.y + r * to.stride, to.columns, whole + r * kPanelWidth);
  }
  multiply_whole<kRows>(tile, depth, panel, whole, kPanelWidth, to.start);
  for (int r = 0; r < kRows; ++r)
    std::copy_n(whole + r * kPanelWidth, to.columns, to.y + r * to.stride);
}

#else

template <int kRows>
void multiply_tile(const float* tile, std::int64_t depth, const float* panel,
                   const PanelOutput& to) {
  for (int r = 0; r < kRows; ++r) {
    for (std::int64_t c = 0; c < to.columns; ++c) {
      float& y = to.y[r * to.stride + c];
      float sum = to.start ? to.start[c] : y;
      for (std::int64_t k = 0; k < depth; ++k)
        sum += tile[k * kRows + r] * panel[k * kPanelWidth + c];
      y = sum;
    }
  }
}

#endif

template <int kRows>
void pack_tile(const float* x, std::int64_t stride, std::int64_t depth, float* tile) {
  for (std::int64_t k = 0; k < depth; ++k) {
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) *tile++ = x[r * stride + k];
  }
}

using PackTile = void (*)(const float*, std::int64_t, std::int64_t, float*);
using MultiplyTile = void (*)(const float*, std::int64_t, const float*, const PanelOutput&);

/// By the tile's height, from 1 on.
template <int... kRows>
constexpr std::array<PackTile, sizeof...(kRows)> pack_by_height(
    std::integer_sequence<int, kRows...>) {
  return {pack_tile<kRows + 1>...};
}
template <int... kRows>
constexpr std::array<MultiplyTile, sizeof...(kRows)> multiply_by_height(
    std::integer_sequence<int, kRows...>) {
  return {multiply_tile<kRows + 1>...};
}
constexpr auto kPack = pack_by_height(std::make_integer_sequence<int, kRowsAvx512>());
constexpr auto kMultiply = multiply_by_height(std::make_integer_sequence<int, kRowsAvx512>());

}  // namespace

bool tiles_pay() {
#if defined(__x86_64__)
  static const bool pay = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  return pay;
#else
  return false;
#endif
}

std::int64_t tile_rows() {
#if defined(__x86_64__)
  return has_avx512() ? kRowsAvx512 : kRowsAvx2;
#else
  return kRowsAvx2;
#endif
}

void pack_tiles(const float* x, std::int64_t stride, std::int64_t rows, std::int64_t depth,
                float* tiles) {
  const TileHeights heights(rows);
  for (std::int64_t t = 0; t < heights.tiles(); ++t) {
    const auto first = heights.first_row(t), count = heights.first_row(t + 1) - first;
    kPack[count - 1](x + first * stride, stride, depth, tiles + first * depth);
  }
}

void multiply_tiles(const float* tiles, std::int64_t rows, std::int64_t depth, const float* panel,
                    const PanelOutput& to) {
  const TileHeights heights(rows);
  PanelOutput out = to;
  for (std::int64_t t = 0; t < heights.tiles(); ++t) {
    const auto first = heights.first_row(t), count = heights.first_row(t + 1) - first;
    out.y = to.y + first * to.stride;
    kMultiply[count - 1](tiles + first * depth, depth, panel, out);
  }
}

std::int64_t panels_size(std::int64_t depth, std::int64_t columns) {
  return (columns + kPanelWidth - 1) / kPanelWidth * kPanelWidth * depth;
}

void pack_panels(const float* b, std::int64_t row, std::int64_t column, std::int64_t depth,
                 std::int64_t columns, float* panels) {
  for (std::int64_t first = 0; first < columns; first += kPanelWidth) {
    const auto width = std::min(kPanelWidth, columns - first);
    for (std::int64_t k = 0; k < depth; ++k, panels += kPanelWidth) {
      const float* from = b + k * row + first * column;
      std::int64_t c = 0;
      for (; c < width; ++c) panels[c] = from[c * column];
      for (; c < kPanelWidth; ++c) panels[c] = 0;
    }
  }
}

void multiply_panels(const float* a, std::int64_t stride, std::int64_t rows, std::int64_t depth,
                     const float* panels, std::int64_t columns, float* y, std::int64_t y_stride) {
  static constexpr float kZeros[kPanelWidth] = {};
  if (rows > kBlockRows) {
    multiply_panels(a + kBlockRows * stride, stride, rows - kBlockRows, depth, panels, columns,
                    y + kBlockRows * y_stride, y_stride);
    rows = kBlockRows;
  }
  thread_local std::vector<float> tiles(kBlockRows * kPartDepth);
  for (std::int64_t k = 0; k < depth; k += kPartDepth) {
    const auto part = std::min(kPartDepth, depth - k);
    pack_tiles(a + k, stride, rows, part, tiles.data());
    for (std::int64_t first = 0; first < columns; first += kPanelWidth) {
      multiply_tiles(tiles.data(), rows, part, panels + first * depth + k * kPanelWidth,
                     {.y = y + first,
                      .stride = y_stride,
                      .columns = std::min(kPanelWidth, columns - first),
                      .start = k ? nullptr : kZeros});
    }
  }
}

#if defined(__x86_64__)
[[gnu::target("avx2,fma")]]
#endif
void expand_panel(const std::int8_t* values, const float* scales, std::int64_t depth, float* out) {
  for (std::int64_t k = 0; k < depth; ++k, values += kPanelWidth, out += kPanelWidth) {
#if defined(__x86_64__)
    const __m128i row = _mm_loadu_si128(reinterpret_cast<const __m128i*>(values));
    const __m256 low = _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(row));
    const __m256 high = _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_srli_si128(row, 8)));
    _mm256_storeu_ps(out, _mm256_mul_ps(low, _mm256_loadu_ps(scales)));
    _mm256_storeu_ps(out + 8, _mm256_mul_ps(high, _mm256_loadu_ps(scales + 8)));
#else
    for (std::int64_t c = 0; c < kPanelWidth; ++c)
      out[c] = static_cast<float>(values[c]) * scales[c];
#endif
  }
}

}  // namespace fovea
