#include "model/reading/cursor.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/tensor.h>

#include "model/reading/place_features.h"

namespace fovea {

Cursor::Cursor(Checkpoint& checkpoint, const CursorConfig& config, std::int64_t width)
    : config_(config) {
  const auto half = config.features / 2;
  const auto weight = checkpoint.table("model.cursor.weight", {width, config.features});
  y_ = Linear({weight.narrow(1, 0, half), {}}, checkpoint.table("model.cursor.bias", {width}),
              checkpoint.placement());
  x_ = Linear({weight.narrow(1, half, half), {}}, checkpoint.placement());
}

at::Tensor Cursor::along(const Linear& map, const at::Tensor& places) const {
  const auto features =
      sine_features(places, map.in(), {config_.min_cycles, config_.max_cycles});
  return map(features.to(map.device()));
}

at::Tensor Cursor::of_tokens(int grid) const {
  const auto centres = (at::arange(grid, at::kFloat) + 0.5) / grid;   // [g]
  const auto sum = along(y_, centres).unsqueeze(1) + along(x_, centres);  // [g, g, d]
  return sum.flatten(0, 1);
}

at::Tensor Cursor::of_columns(const Grid& grid) const {
  return along(x_, at::tensor(column_centres(grid, grid.columns + 1)));
}

at::Tensor Cursor::of_rows(const Grid& grid) const {
  return along(y_, at::tensor(row_centres(grid)));
}

}  // namespace fovea
