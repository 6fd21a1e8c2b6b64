#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>

#include "model/config.h"

namespace fovea {

/// What one forward pass adds to each row.
struct RowStep {
  std::int64_t prefix = 0;             ///< P, tokens that all rows share
  std::int64_t tokens = 0;             ///< T, new ones a row
  std::vector<std::int64_t> lengths;   ///< [R] tokens that a row holds before the step
  std::vector<std::int64_t> counts;    ///< [R] of the T that are real

  std::int64_t rows() const { return static_cast<std::int64_t>(lengths.size()); }
  /// Tokens of its own row that the new token t sees: all up to itself.
  std::int64_t visible(std::int64_t row, std::int64_t t) const {
    return lengths[row] + (t < counts[row] ? t + 1 : counts[row]);
  }
  /// Position of the new token t; that of a row's last real one for those that are not real.
  std::int64_t position(std::int64_t row, std::int64_t t) const {
    return std::max<std::int64_t>(0, prefix + visible(row, t) - 1);
  }
  /// The longest row after the step.
  std::int64_t longest() const;
};

/// Keys and values of one layer.
struct LayerCache {
  at::Tensor prefix_keys;    ///< [kv_heads, P, head_dim]
  at::Tensor prefix_values;  ///< [kv_heads, P, head_dim]
  at::Tensor keys;           ///< [R, kv_heads, capacity, head_dim]
  at::Tensor values;         ///< [R, kv_heads, capacity, head_dim]
};

/// Causal attention of rows to a prefix that they share and to themselves: one softmax over both.
/// All rows' queries meet the prefix in one product a head, so it is neither copied nor expanded.
/// Const and thread-safe after construction.
class RowAttention {
 public:
  RowAttention(const DecoderConfig& config, at::Device device);

  /// `qkv`: [R * T, (heads + 2 * kv_heads) * head_dim], ordered q, k, v, before rotation.
  /// Writes the new keys and values to the cache. Returns [R * T, heads * head_dim].
  at::Tensor operator()(const at::Tensor& qkv, const RowStep& step, LayerCache& cache) const;

 private:
  at::Tensor by_loops(const at::Tensor& qkv, const RowStep& step, LayerCache& cache) const;
  at::Tensor by_products(const at::Tensor& qkv, const RowStep& step, LayerCache& cache) const;
  at::Tensor rotate(const at::Tensor& x, const at::Tensor& positions) const;
  at::Tensor tile(const at::Tensor& q, const RowStep& step, const at::Tensor& visible,
                  const LayerCache& cache, std::int64_t keys) const;

  std::int64_t heads_, kv_heads_, head_dim_;
  at::Tensor cos_, sin_;  // [max_positions, head_dim / 2] float32
};

}  // namespace fovea
