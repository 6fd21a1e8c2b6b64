#include "model/kernels/tile_product.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "model/kernels/lanes.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace fovea {
namespace {

/// Of a product at once: a panel of it stays in the first cache.
constexpr std::int64_t kPartDepth = 384;
constexpr std::int64_t kBlockRows = 96;

/// Rows of a tile whose sums fit into the registers: 12 vectors, of 16 registers or of AVX-512's 32,
/// are enough products at once to hide how long each takes.
constexpr int rows_for(int lanes) { return 12 * lanes / static_cast<int>(kPanelWidth); }
constexpr int kMostRows = rows_for(16);

/// A tile of `kRows` rows times a panel, all sums in registers. `y`: rows of at least 16 floats.
template <int kRows>
struct TileProduct {
  const float* tile;
  std::int64_t depth;
  const float* panel;
  float* y;
  std::int64_t stride;
  const float* start;

  template <int kLanes>
  [[gnu::always_inline]] inline void run() const {
    constexpr int kParts = static_cast<int>(kPanelWidth) / kLanes;  // of a panel's 16 columns
    using Floats = Lanes<kLanes, float>;
    Floats sums[kRows][kParts];
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 4
      for (int p = 0; p < kParts; ++p) load((start ? start : y + r * stride) + p * kLanes, sums[r][p]);
    }
    const float *values = tile, *from = panel;
#pragma GCC unroll 2
    for (std::int64_t k = 0; k < depth; ++k, from += kPanelWidth, values += kRows) {
      Floats columns[kParts];
#pragma GCC unroll 4
      for (int p = 0; p < kParts; ++p) load(from + p * kLanes, columns[p]);
#pragma GCC unroll 16
      for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 4
        for (int p = 0; p < kParts; ++p) sums[r][p] += values[r] * columns[p];
      }
    }
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 4
      for (int p = 0; p < kParts; ++p) store(sums[r][p], y + r * stride + p * kLanes);
    }
  }
};

template <int kRows>
void multiply_tile(const float* tile, std::int64_t depth, const float* panel,
                   const PanelOutput& to) {
  if (to.columns == kPanelWidth)
    return run_widest(TileProduct<kRows>{tile, depth, panel, to.y, to.stride, to.start});
  float whole[kRows * kPanelWidth] = {};
  if (!to.start) {
    for (int r = 0; r < kRows; ++r)
      std::copy_n(to.y + r * to.stride, to.columns, whole + r * kPanelWidth);
  }
  run_widest(TileProduct<kRows>{tile, depth, panel, whole, kPanelWidth, to.start});
  for (int r = 0; r < kRows; ++r)
    std::copy_n(whole + r * kPanelWidth, to.columns, to.y + r * to.stride);
}

#if defined(__x86_64__)

FOVEA_FOR_AVX2 void expand_avx2(const std::int8_t* values, const float* scales, std::int64_t depth,
                                float* out) {
  const __m256 low = _mm256_loadu_ps(scales), high = _mm256_loadu_ps(scales + 8);
  for (std::int64_t k = 0; k < depth; ++k, values += kPanelWidth, out += kPanelWidth) {
    const __m128i row = _mm_loadu_si128(reinterpret_cast<const __m128i*>(values));
    const __m256i first = _mm256_cvtepi8_epi32(row);
    const __m256i second = _mm256_cvtepi8_epi32(_mm_srli_si128(row, 8));
    _mm256_storeu_ps(out, _mm256_mul_ps(_mm256_cvtepi32_ps(first), low));
    _mm256_storeu_ps(out + 8, _mm256_mul_ps(_mm256_cvtepi32_ps(second), high));
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
constexpr auto kPack = pack_by_height(std::make_integer_sequence<int, kMostRows>());
constexpr auto kMultiply = multiply_by_height(std::make_integer_sequence<int, kMostRows>());

}  // namespace

bool tiles_pay() { return instructions() >= Instructions::avx2; }

std::int64_t tile_rows() { return rows_for(lanes_here()); }

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

void expand_panel(const std::int8_t* values, const float* scales, std::int64_t depth, float* out) {
#if defined(__x86_64__)
  if (instructions() >= Instructions::avx2) return expand_avx2(values, scales, depth, out);
#endif
  for (std::int64_t i = 0; i < depth * kPanelWidth; ++i)
    out[i] = static_cast<float>(values[i]) * scales[i % kPanelWidth];
}

}  // namespace fovea
