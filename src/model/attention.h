#pragma once

#include <cstdint>
#include <functional>

#include <ATen/core/Tensor.h>

namespace fovea {

/// Adds to the scores of some queries: `scores` [z, n, keys] are those of the batch entries from
/// `first_batch` and the queries from `first_query` on.
using ScoreBias = std::function<void(at::Tensor& scores, std::int64_t first_batch,
                                     std::int64_t first_query)>;

/// softmax(q k^T / sqrt(head_dim) + bias) v, every query seeing every key. Works through tiles of a
/// few megabytes, so the whole score matrix never exists.
/// `q`, `k`, `v`: [Z, N, head_dim], Z = batch * heads. Returns [Z, N, head_dim].
at::Tensor attend(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                  const ScoreBias& bias = {});

/// Attention of every place of an entry to all of its places. `qkv`: [B, N, 3 * width], ordered q, k,
/// v, then head. Returns [B, N, width].
at::Tensor self_attention(const at::Tensor& qkv, std::int64_t heads);

/// How many queries go into one tile of scores when each has `keys` of them in `batch` entries.
std::int64_t queries_per_tile(const at::Tensor& q, std::int64_t batch, std::int64_t keys);

/// A fused projection's output as queries, keys and values.
struct HeadSplit {
  at::Tensor q, k, v;  ///< [B * heads, N, head_dim] contiguous
};

/// `qkv`: [B, N, 3 * heads * head_dim], ordered q, k, v, then head.
HeadSplit split_heads(const at::Tensor& qkv, std::int64_t heads);

/// [B * heads, N, head_dim] -> [B, N, heads * head_dim].
at::Tensor merge_heads(const at::Tensor& x, std::int64_t heads);

}  // namespace fovea
