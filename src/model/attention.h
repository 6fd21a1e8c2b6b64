#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

#include "model/operators/axis_bias.h"
#include "model/operators/backend.h"

namespace fovea {

/// For fused attention on a GPU, what every key goes on with so that its product with a query that
/// goes on with its bias has the bias in it. Returns [side * side, n], head_dim + n a multiple of 8.
at::Tensor key_marks(std::int64_t side, std::int64_t head_dim, const at::TensorOptions& options);

/// softmax(q k^T / sqrt(head_dim) + bias) v, every place of an entry attending to all of its places.
/// In float32 with tiles (tile_attention.h) where the placement has them.
/// Works through tiles that fit a cache (a CPU) or a few hundred megabytes (a GPU without fused
/// attention), so the whole score matrix never exists.
/// `qkv`: [B, N, 3 * width], ordered q, k, v, then head. Returns [B, N, width].
at::Tensor self_attention(const at::Tensor& qkv, std::int64_t heads, const Placement& placement,
                          const AxisBias& bias = {});

/// The queries of every head, [B, heads, N, head_dim], not copied. `qkv`: as above.
at::Tensor queries_of(const at::Tensor& qkv, std::int64_t heads);

/// How many queries go into one tile of scores when each has `keys` of them in `batch` entries.
std::int64_t queries_per_tile(const at::Tensor& q, std::int64_t batch, std::int64_t keys);

}  // namespace fovea
