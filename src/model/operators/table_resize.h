#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>

#include <ATen/core/Tensor.h>

namespace fovea {

/// Resizes a table of positions to another grid: bicubic with a = -0.5, support widened when
/// shrinking (antialiased), half-pixel centres. `table`: [g, g, d]. Returns [side, side, d].
at::Tensor resize_grid(const at::Tensor& table, std::int64_t side);

/// Resizes the grid part of a table of token positions. `table`: [1 + g * g, d], the class token's
/// row first, which stays. Returns [1 + side * side, d].
at::Tensor resize_tokens(const at::Tensor& table, std::int64_t side);

/// Resizes a table of relative positions: linear, half-pixel centres. `table`: [n, d].
/// Returns [length, d].
at::Tensor resize_line(const at::Tensor& table, std::int64_t length);

/// A table for each grid side, made when first asked for. Thread-safe.
class GridTables {
 public:
  at::Tensor get(std::int64_t side, const std::function<at::Tensor()>& make) const;

 private:
  mutable std::mutex mutex_;
  mutable std::map<std::int64_t, at::Tensor> tables_;
};

}  // namespace fovea
