#include "model/reading/place_features.h"

#include <cmath>
#include <numbers>

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/linspace.h>
#include <ATen/ops/pow.h>

namespace fovea {
namespace {

std::vector<float> centres(int count, int margin, int size) {
  std::vector<float> out;
  // In single precision throughout, as in training: a centre may lie on the edge of two tokens.
  for (int i = 0; i < count; ++i)
    out.push_back(
        (static_cast<float>(margin) + (static_cast<float>(i) + 0.5f) * static_cast<float>(size)) /
        static_cast<float>(kCanvasSide));
  return out;
}

}  // namespace

at::Tensor sine_features(const at::Tensor& v, std::int64_t n, Cycles cycles) {
  const auto steps =
      at::linspace(std::log10(cycles.low), std::log10(cycles.high), n / 2, at::kFloat);
  const auto waves = at::pow(10.0, steps) * (2 * std::numbers::pi);
  const auto angle = v.unsqueeze(-1) * waves;  // [..., n / 2]
  return at::cat({angle.sin(), angle.cos()}, -1);
}

at::Tensor place_features(const at::Tensor& x, const at::Tensor& y, std::int64_t n, Cycles cycles) {
  return at::cat({sine_features(y, n / 2, cycles), sine_features(x, n / 2, cycles)}, -1);
}

std::vector<float> column_centres(const Grid& grid, int columns) {
  return centres(columns, grid.margin_x, grid.cell_width);
}

std::vector<float> row_centres(const Grid& grid) {
  return centres(grid.rows, grid.margin_y, grid.cell_height);
}

}  // namespace fovea
