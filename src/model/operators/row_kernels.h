#pragma once

#include <cstdint>

#include "model/operators/row_step.h"

namespace fovea {

/// Sizes that the loops below share.
struct RowShape {
  std::int64_t heads, kv_heads, head_dim, capacity;
};

/// Rotates queries and keys by their positions and puts them where they are used.
/// `qkv`: [N, (heads + 2 * kv_heads) * head_dim]; `cos`, `sin`: [positions, head_dim / 2].
/// Writes `q` [heads, N, head_dim], scaled by 1/sqrt(head_dim), and the tokens' `keys` and `values`
/// [R, kv_heads, capacity, head_dim].
void apply_rope(const RowShape& shape, const RowStep& step, const float* qkv, const float* cos,
                const float* sin, float* q, float* keys, float* values);

/// Attention of rows that share no prefix, a query at a time. `q`, `keys` and `values` as above.
/// Writes `out` [N, heads * head_dim].
void attend_rows(const RowShape& shape, const RowStep& step, const float* q, const float* keys,
                 const float* values, float* out);

/// Where rows share a prefix, in two steps. Weights of a query's places: softmax of its scores
/// against the prefix and against its own row.
/// `q` as above; `scores`: [heads, N, stride], first the prefix's scores, which are given, then the
/// row's, as far as they are visible.
void attention_weights(const RowShape& shape, const RowStep& step, const float* q,
                       const float* keys, std::int64_t stride, float* scores);

/// Adds the values of a query's own row to those of the prefix. `weights`: [heads, N, stride];
/// `from_prefix`: [heads, N, head_dim]. Writes `out` [N, heads * head_dim].
void weighted_values(const RowShape& shape, const RowStep& step, const float* weights,
                     std::int64_t stride, const float* values, const float* from_prefix,
                     float* out);

}  // namespace fovea
