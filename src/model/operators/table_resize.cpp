#include "model/operators/table_resize.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/_upsample_bicubic2d_aa.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>

namespace fovea {

at::Tensor resize_grid(const at::Tensor& table, std::int64_t side) {
  if (table.size(0) == side) return table;
  auto planes = table.permute({2, 0, 1}).unsqueeze(0);  // [1, d, g, g]
  auto resized = at::_upsample_bicubic2d_aa(planes, {side, side}, /*align_corners=*/false);
  return resized.squeeze(0).permute({1, 2, 0}).contiguous();
}

at::Tensor resize_tokens(const at::Tensor& table, std::int64_t side) {
  std::int64_t own = 1;
  while (1 + own * own < table.size(0)) ++own;
  auto grid = table.narrow(0, 1, own * own).view({own, own, table.size(1)});
  return at::cat({table.narrow(0, 0, 1), resize_grid(grid, side).flatten(0, 1)});
}

// Step by step in float32: libtorch's own function rounds places differently from one build to
// another, by up to 4e-6 of a row.
at::Tensor resize_line(const at::Tensor& table, std::int64_t length) {
  auto own = table.size(0);
  if (own == length) return table;
  auto scale = static_cast<float>(own) / static_cast<float>(length);
  auto place = (at::arange(length, table.options()) + 0.5f) * scale;
  place = (place - 0.5f).clamp_min_(0);
  auto lower = place.floor().to(at::kLong).clamp_max_(own - 1);
  auto upper = (lower + 1).clamp_max_(own - 1);
  auto share = (place - lower).unsqueeze(1);  // of the upper row
  return table.index_select(0, lower) * (1 - share) + table.index_select(0, upper) * share;
}

at::Tensor GridTables::get(std::int64_t side, const std::function<at::Tensor()>& make) const {
  std::lock_guard lock(mutex_);
  auto& table = tables_[side];
  if (!table.defined()) table = make();
  return table;
}

}  // namespace fovea
