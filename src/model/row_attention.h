#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

#include "model/checkpoint/config.h"
#include "model/operators/backend.h"
#include "model/operators/row_step.h"

namespace fovea {

/// Keys and values of one layer.
struct LayerCache {
  at::Tensor prefix_keys;    ///< [kv_heads, P, head_dim]
  at::Tensor prefix_values;  ///< [kv_heads, P, head_dim]
  at::Tensor keys;           ///< [R, kv_heads, capacity, head_dim]
  at::Tensor values;         ///< [R, kv_heads, capacity, head_dim]
};

/// Where the one new token of each row goes when no row shares a prefix and the step's work must not
/// depend on the rows' lengths (see cuda_graph.h). All on the device.
struct TokenEach {
  at::Tensor places;  ///< [R] int64, tokens that a row holds before the step
  at::Tensor rows;    ///< [R] int64, 0, 1, ...
  at::Tensor cos;     ///< [R, 1, head_dim / 2] of the compute type
  at::Tensor sin;
  at::Tensor mask;    ///< [R * kv_heads, 1, keys], 0 for what a token sees, else -infinity
  std::int64_t keys;  ///< places that are looked at, at least one more than any row holds
};

/// Causal attention of rows to a prefix that they share and to themselves: one softmax over both.
/// All rows' queries meet the prefix in one product a head, so it is neither copied nor expanded.
/// Const and thread-safe after construction.
class RowAttention {
 public:
  RowAttention(const DecoderConfig& config, const Placement& placement);

  /// `qkv`: [N, (heads + 2 * kv_heads) * head_dim], ordered q, k, v, before rotation.
  /// Writes the new keys and values to the cache. Returns [N, heads * head_dim].
  at::Tensor operator()(const at::Tensor& qkv, const RowStep& step, LayerCache& cache) const;

  /// What all layers of such a step share. `places`: [R] int64 on the device.
  TokenEach one_token_each(const at::Tensor& places, std::int64_t keys, at::ScalarType type) const;
  /// The same for it: `qkv`: [R, ...]; the cache's places up to `keys` must hold finite numbers.
  at::Tensor operator()(const at::Tensor& qkv, const TokenEach& step, LayerCache& cache) const;

 private:
  at::Tensor by_loops(const at::Tensor& qkv, const RowStep& step, LayerCache& cache) const;
  at::Tensor by_products(const at::Tensor& qkv, const RowStep& step, LayerCache& cache) const;
  at::Tensor rotate(const at::Tensor& x, const at::Tensor& positions) const;
  at::Tensor tile(const at::Tensor& q, const at::Tensor& places, const LayerCache& cache,
                  std::int64_t prefix, std::int64_t keys) const;

  Placement placement_;
  std::int64_t heads_, kv_heads_, head_dim_;
  at::Tensor cos_, sin_;  // [max_positions, head_dim / 2] float32
};

}  // namespace fovea
