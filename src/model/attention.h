#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

#include "model/kernels/soft_weights.h"

namespace fovea {

/// What decomposed relative positions add to the scores: the keys lie row-major in a square, and
/// each query has one value for each of its rows and one for each of its columns.
struct AxisBias {
  at::Tensor rows;        ///< [Z, N, side], Z = batch * heads, or undefined: there is none
  at::Tensor columns;     ///< [Z, N, side]; both float32 on a CPU
  at::Tensor marks = {};  ///< from key_marks; only on a GPU

  bool is_there() const { return rows.defined(); }
  std::int64_t side() const { return rows.size(2); }
};

/// For fused attention on a GPU, what every key goes on with so that its product with a query that
/// goes on with its bias has the bias in it. Returns [side * side, n], head_dim + n a multiple of 8.
at::Tensor key_marks(std::int64_t side, std::int64_t head_dim, const at::TensorOptions& options);

/// For loops over a bias on the CPU: that of one head's query.
BiasValues values_of(const AxisBias& bias, std::int64_t head, std::int64_t query);

/// softmax(q k^T / sqrt(head_dim) + bias) v, every place of an entry attending to all of its places.
/// Works through tiles that fit a cache (a CPU) or a few hundred megabytes (a GPU without fused
/// attention), so the whole score matrix never exists.
/// `qkv`: [B, N, 3 * width], ordered q, k, v, then head. Returns [B, N, width].
at::Tensor self_attention(const at::Tensor& qkv, std::int64_t heads, const AxisBias& bias = {});

/// The queries of every head, [B, heads, N, head_dim], not copied. `qkv`: as above.
at::Tensor queries_of(const at::Tensor& qkv, std::int64_t heads);

/// How many queries go into one tile of scores when each has `keys` of them in `batch` entries.
std::int64_t queries_per_tile(const at::Tensor& q, std::int64_t batch, std::int64_t keys);

}  // namespace fovea
