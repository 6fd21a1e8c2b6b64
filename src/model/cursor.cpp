#include "model/cursor.h"

#include <ATen/ATen.h>

#include "model/place_features.h"

namespace fovea {

Cursor::Cursor(Checkpoint& checkpoint, const CursorConfig& config, std::int64_t width)
    : config_(config),
      weight_(checkpoint.table("model.cursor.weight", {width, config.features})),
      bias_(checkpoint.table("model.cursor.bias", {width})) {}

at::Tensor Cursor::along_x(const at::Tensor& x) const {
  const auto half = config_.features / 2;
  const auto features = sine_features(x, half, {config_.min_cycles, config_.max_cycles});
  return at::linear(features.to(weight_.device()), weight_.narrow(1, half, half));
}

at::Tensor Cursor::along_y(const at::Tensor& y) const {
  const auto half = config_.features / 2;
  const auto features = sine_features(y, half, {config_.min_cycles, config_.max_cycles});
  return at::linear(features.to(weight_.device()), weight_.narrow(1, 0, half), bias_);
}

at::Tensor Cursor::of_tokens(int grid) const {
  const auto centres = (at::arange(grid, at::kFloat) + 0.5) / grid;   // [g]
  const auto sum = along_y(centres).unsqueeze(1) + along_x(centres);  // [g, g, d]
  return sum.flatten(0, 1);
}

at::Tensor Cursor::of_columns(const Grid& grid) const {
  return along_x(at::tensor(column_centres(grid, grid.columns + 1)));
}

at::Tensor Cursor::of_rows(const Grid& grid) const {
  return along_y(at::tensor(row_centres(grid)));
}

}  // namespace fovea
