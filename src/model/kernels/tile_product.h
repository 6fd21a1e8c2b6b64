#pragma once

#include <cstdint>

namespace fovea {

/// Products of a few rows with 16 outputs at a time, for CPUs with AVX2 and FMA or with AVX-512;
/// elsewhere they are right, but slow. Which, instructions() says; it must say the same until a
/// product that was begun is done.
constexpr std::int64_t kPanelWidth = 16;

/// How many rows a tile has at most, so that its sums stay in registers.
std::int64_t tile_rows();

/// How `rows` rows are cut into tiles of nearly the same height, none above tile_rows(): the products
/// of a lone last row would wait for each other.
class TileHeights {
 public:
  explicit TileHeights(std::int64_t rows)
      : tiles_((rows + tile_rows() - 1) / tile_rows()), rows_(rows) {}
  std::int64_t tiles() const { return tiles_; }
  std::int64_t first_row(std::int64_t tile) const { return tile * rows_ / tiles_; }

 private:
  std::int64_t tiles_, rows_;
};

/// Puts `depth` values of each row next to those of the other rows of its tile: [tile][depth][rows
/// of the tile], `rows` * `depth` values in all. Row r begins at x + r * stride.
void pack_tiles(const float* x, std::int64_t stride, std::int64_t rows, std::int64_t depth,
                float* tiles);

/// Where a panel's products go.
struct PanelOutput {
  float* y;              ///< first row, at the panel's first output
  std::int64_t stride;   ///< from row to row
  std::int64_t columns;  ///< of the panel that exist, 1..16
  const float* bias;     ///< [16] what the sums begin with; null: what `y` holds
};

/// Adds packed tiles x panel. `tiles`: as packed; `panel`: [depth, 16].
void multiply_tiles(const float* tiles, std::int64_t rows, std::int64_t depth, const float* panel,
                    const PanelOutput& to);

/// Lays a matrix B [depth, columns] out in panels, [panel][depth][16], zeros beyond its columns.
/// Its element (k, c) is b[k * row + c * column].
void pack_panels(const float* b, std::int64_t row, std::int64_t column, std::int64_t depth,
                 std::int64_t columns, float* panels);
std::int64_t panels_size(std::int64_t depth, std::int64_t columns);

/// y = A B on the calling thread. `a`: rows of `depth` values, `stride` apart; `panels`: B, packed.
void multiply_panels(const float* a, std::int64_t stride, std::int64_t rows, std::int64_t depth,
                     const float* panels, std::int64_t columns, float* y, std::int64_t y_stride);

/// int8 -> float32: out[k, c] = values[k, c] * scales[c], [depth, 16].
void expand_panel(const std::int8_t* values, const float* scales, std::int64_t depth, float* out);

}  // namespace fovea
