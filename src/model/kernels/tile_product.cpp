#include "model/kernels/tile_product.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "model/kernels/tile_product.cpp"
#include <hwy/foreach_target.h>

#include "model/kernels/panels-inl.h"

// Beside oneDNN's float32 product with prepacked weights, which take four times the memory of int8:
// with AVX2 1.1 to 1.3 times as fast at the encoder's shapes, 1.4 to 2.2 at a reading's; with
// AVX-512 0.8 to 1.0 and 1.0 to 2.1 (Xeon with AMX, bench/kernels). With oneDNN's, encoding took up
// to 6 % less processor time with AVX-512, but fovea-nano's weights 135 MB more. Weights that are
// float32 already gained nothing, 0.6 to 1.0: oneDNN multiplies those.

HWY_BEFORE_NAMESPACE();
namespace fovea::HWY_NAMESPACE {
namespace {

/// Rows of a tile whose sums fit into the registers: 12 vectors, of 16 registers or of AVX-512's 32,
/// are enough products at once to hide how long each takes.
constexpr int kTileRows = std::max(1, 12 / kPanelVectors);

/// A tile of `kRows` rows times a panel, all sums in registers. `y`: rows of at least 16 floats.
template <int kRows>
HWY_INLINE void multiply_whole(const float* tile, std::int64_t depth, const float* panel, float* y,
                               std::int64_t stride, const float* bias) {
  const PanelLanes d;
  PanelVector sums[kRows][kPanelVectors];
#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 16
    for (int v = 0; v < kPanelVectors; ++v)
      sums[r][v] = hn::LoadU(d, (bias ? bias : y + r * stride) + v * kPanelLanes);
  }
  const float *values = tile, *from = panel;
#pragma GCC unroll 2
  for (std::int64_t k = 0; k < depth; ++k, from += kPanelWidth, values += kRows) {
    PanelVector columns[kPanelVectors];
#pragma GCC unroll 16
    for (int v = 0; v < kPanelVectors; ++v) columns[v] = hn::LoadU(d, from + v * kPanelLanes);
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
      const auto value = hn::Set(d, values[r]);
#pragma GCC unroll 16
      for (int v = 0; v < kPanelVectors; ++v)
        sums[r][v] = hn::MulAdd(value, columns[v], sums[r][v]);
    }
  }
#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 16
    for (int v = 0; v < kPanelVectors; ++v)
      hn::StoreU(sums[r][v], d, y + r * stride + v * kPanelLanes);
  }
}

template <int kRows>
void multiply_tile(const float* tile, std::int64_t depth, const float* panel,
                   const PanelOutput& to) {
  if (to.columns == kPanelWidth)
    return multiply_whole<kRows>(tile, depth, panel, to.y, to.stride, to.bias);
  float whole[kRows * kPanelWidth] = {};
  if (!to.bias) {
    for (int r = 0; r < kRows; ++r)
      std::copy_n(to.y + r * to.stride, to.columns, whole + r * kPanelWidth);
  }
  multiply_whole<kRows>(tile, depth, panel, whole, kPanelWidth, to.bias);
  for (int r = 0; r < kRows; ++r)
    std::copy_n(whole + r * kPanelWidth, to.columns, to.y + r * to.stride);
}

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
constexpr auto kPack = pack_by_height(std::make_integer_sequence<int, kTileRows>());
constexpr auto kMultiply = multiply_by_height(std::make_integer_sequence<int, kTileRows>());

}  // namespace

std::int64_t rows_of_tile() { return kTileRows; }

void pack_all(const float* x, std::int64_t stride, std::int64_t rows, std::int64_t depth,
              float* tiles) {
  const TileHeights heights(rows);
  for (std::int64_t t = 0; t < heights.tiles(); ++t) {
    const auto first = heights.first_row(t), count = heights.first_row(t + 1) - first;
    kPack[count - 1](x + first * stride, stride, depth, tiles + first * depth);
  }
}

void multiply_all(const float* tiles, std::int64_t rows, std::int64_t depth, const float* panel,
                  const PanelOutput& to) {
  const TileHeights heights(rows);
  PanelOutput out = to;
  for (std::int64_t t = 0; t < heights.tiles(); ++t) {
    const auto first = heights.first_row(t), count = heights.first_row(t + 1) - first;
    out.y = to.y + first * to.stride;
    kMultiply[count - 1](tiles + first * depth, depth, panel, out);
  }
}

void expand_int8(const std::int8_t* values, const float* scales, std::int64_t depth, float* out) {
  const PanelLanes d;
  for (std::int64_t k = 0; k < depth; ++k, values += kPanelWidth, out += kPanelWidth) {
    for (std::int64_t c = 0; c < kPanelWidth; c += kPanelLanes)
      hn::StoreU(hn::Mul(load_int8(values + c), hn::LoadU(d, scales + c)), d, out + c);
  }
}

}  // namespace fovea::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace fovea {
namespace {

/// Of a product at once: a panel of it stays in the first cache.
constexpr std::int64_t kPartDepth = 384;
constexpr std::int64_t kBlockRows = 96;

HWY_EXPORT(rows_of_tile);
HWY_EXPORT(pack_all);
HWY_EXPORT(multiply_all);
HWY_EXPORT(expand_int8);

}  // namespace

std::int64_t tile_rows() { return HWY_DYNAMIC_DISPATCH(rows_of_tile)(); }

void pack_tiles(const float* x, std::int64_t stride, std::int64_t rows, std::int64_t depth,
                float* tiles) {
  HWY_DYNAMIC_DISPATCH(pack_all)(x, stride, rows, depth, tiles);
}

void multiply_tiles(const float* tiles, std::int64_t rows, std::int64_t depth, const float* panel,
                    const PanelOutput& to) {
  HWY_DYNAMIC_DISPATCH(multiply_all)(tiles, rows, depth, panel, to);
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
                      .bias = k ? nullptr : kZeros});
    }
  }
}

void expand_panel(const std::int8_t* values, const float* scales, std::int64_t depth, float* out) {
  HWY_DYNAMIC_DISPATCH(expand_int8)(values, scales, depth, out);
}

}  // namespace fovea

#endif
