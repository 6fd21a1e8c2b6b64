#include "model/tile_product.h"

#include <algorithm>
#include <vector>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace fovea {
namespace {

/// Of a product at once: a panel of it stays in the first cache.
constexpr std::int64_t kPartDepth = 384;
constexpr std::int64_t kBlockRows = 96;

#if defined(__x86_64__)

/// `kRows` rows times a panel, all sums in registers. `y`: `kRows` rows of at least 16 floats.
template <int kRows>
[[gnu::target("avx2,fma")]] inline void multiply_whole(const float* tile, std::int64_t depth,
                                                       const float* panel, float* y,
                                                       std::int64_t stride, const float* start) {
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
[[gnu::target("avx2,fma")]] void multiply_tile(const float* tile, std::int64_t depth,
                                               const float* panel, const PanelOutput& to) {
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

template <int kRows>
[[gnu::target("avx2,fma")]] void pack_tile(const float* x, std::int64_t stride, std::int64_t depth,
                                           float* tile) {
  for (std::int64_t k = 0; k < depth; ++k) {
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) *tile++ = x[r * stride + k];
  }
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

template <int kRows>
void pack_tile(const float* x, std::int64_t stride, std::int64_t depth, float* tile) {
  for (std::int64_t k = 0; k < depth; ++k) {
    for (int r = 0; r < kRows; ++r) *tile++ = x[r * stride + k];
  }
}

#endif

}  // namespace

bool tiles_pay() {
#if defined(__x86_64__)
  static const bool pay = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                          !__builtin_cpu_supports("avx512f");
  return pay;
#else
  return false;
#endif
}

void pack_tiles(const float* x, std::int64_t stride, std::int64_t rows, std::int64_t depth,
                float* tiles) {
  const TileHeights heights(rows);
  for (std::int64_t t = 0; t < heights.tiles(); ++t) {
    const auto first = heights.first_row(t), count = heights.first_row(t + 1) - first;
    const float* from = x + first * stride;
    float* to = tiles + first * depth;
    switch (count) {
      case 6: pack_tile<6>(from, stride, depth, to); break;
      case 5: pack_tile<5>(from, stride, depth, to); break;
      case 4: pack_tile<4>(from, stride, depth, to); break;
      case 3: pack_tile<3>(from, stride, depth, to); break;
      case 2: pack_tile<2>(from, stride, depth, to); break;
      default: pack_tile<1>(from, stride, depth, to);
    }
  }
}

void multiply_tiles(const float* tiles, std::int64_t rows, std::int64_t depth, const float* panel,
                    const PanelOutput& to) {
  const TileHeights heights(rows);
  PanelOutput out = to;
  for (std::int64_t t = 0; t < heights.tiles(); ++t) {
    const auto first = heights.first_row(t), count = heights.first_row(t + 1) - first;
    const float* tile = tiles + first * depth;
    out.y = to.y + first * to.stride;
    switch (count) {
      case 6: multiply_tile<6>(tile, depth, panel, out); break;
      case 5: multiply_tile<5>(tile, depth, panel, out); break;
      case 4: multiply_tile<4>(tile, depth, panel, out); break;
      case 3: multiply_tile<3>(tile, depth, panel, out); break;
      case 2: multiply_tile<2>(tile, depth, panel, out); break;
      default: multiply_tile<1>(tile, depth, panel, out);
    }
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
