#include "model/operators/row_kernels.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <ATen/Parallel.h>

#include "model/kernels/row_loops.h"
#include "model/kernels/softmax.h"

namespace fovea {
namespace {

constexpr std::int64_t kQueriesAThread = 16;  // queries that are worth a thread

/// Scores become weights whose sum is 1.
void make_weights(float* scores, std::int64_t n) {
  const float sum = softmax_weights(scores, n, 1);
  scale_values(scores, n, 1 / sum);
}

/// Calls f(head, token, index of the query in [heads, N]) for every query, on all threads.
template <typename F>
void for_each_query(const RowShape& shape, const RowStep& step, const F& f) {
  auto n = step.tokens();
  at::parallel_for(0, shape.heads * n, kQueriesAThread, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = begin; i < end; ++i) f(i / n, i % n, i);
  });
}

/// Where a row's keys or values of the head that serves query head `head` begin.
std::int64_t cache_offset(const RowShape& shape, std::int64_t row, std::int64_t head) {
  auto kv_head = head / (shape.heads / shape.kv_heads);
  return (row * shape.kv_heads + kv_head) * shape.capacity * shape.head_dim;
}

}  // namespace

void apply_rope(const RowShape& shape, const RowStep& step, const float* qkv, const float* cos,
                const float* sin, float* q, float* keys, float* values) {
  auto dim = shape.head_dim, half = dim / 2, n = step.tokens();
  auto width = (shape.heads + 2 * shape.kv_heads) * dim;
  auto scale = static_cast<float>(1 / std::sqrt(static_cast<double>(dim)));
  at::parallel_for(0, n, kQueriesAThread, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = begin; i < end; ++i) {
      auto* from = qkv + i * width;
      auto* cos_row = cos + (step.prefix + step.place[i]) * half;
      auto* sin_row = sin + (step.prefix + step.place[i]) * half;
      for (std::int64_t head = 0; head < shape.heads; ++head, from += dim)
        fovea::apply_rope(from, cos_row, sin_row, half, scale, q + (head * n + i) * dim);
      for (std::int64_t head = 0; head < shape.kv_heads; ++head, from += dim) {
        auto to =
            ((step.row[i] * shape.kv_heads + head) * shape.capacity + step.place[i]) * dim;
        fovea::apply_rope(from, cos_row, sin_row, half, 1, keys + to);
        std::copy_n(from + shape.kv_heads * dim, dim, values + to);
      }
    }
  });
}

void attend_rows(const RowShape& shape, const RowStep& step, const float* q, const float* keys,
                 const float* values, float* out) {
  auto dim = shape.head_dim;
  for_each_query(shape, step, [&](auto head, auto token, auto i) {
    thread_local std::vector<float> weights;
    auto seen = step.place[token] + 1, own = cache_offset(shape, step.row[token], head);
    weights.resize(seen);
    dot_rows(q + i * dim, keys + own, seen, dim, weights.data());
    auto* sums = out + (token * shape.heads + head) * dim;
    make_weights(weights.data(), seen);
    sum_weighted_rows(nullptr, weights.data(), values + own, seen, dim, sums);
  });
}

void attention_weights(const RowShape& shape, const RowStep& step, const float* q,
                       const float* keys, std::int64_t stride, float* scores) {
  auto dim = shape.head_dim;
  for_each_query(shape, step, [&](auto head, auto token, auto i) {
    auto seen = step.place[token] + 1;
    auto* all = scores + i * stride;
    dot_rows(q + i * dim, keys + cache_offset(shape, step.row[token], head), seen, dim,
             all + step.prefix);
    make_weights(all, step.prefix + seen);
  });
}

void weighted_values(const RowShape& shape, const RowStep& step, const float* weights,
                     std::int64_t stride, const float* values, const float* from_prefix,
                     float* out) {
  auto dim = shape.head_dim;
  for_each_query(shape, step, [&](auto head, auto token, auto i) {
    sum_weighted_rows(from_prefix + i * dim, weights + i * stride + step.prefix,
                      values + cache_offset(shape, step.row[token], head), step.place[token] + 1,
                      dim, out + (token * shape.heads + head) * dim);
  });
}

}  // namespace fovea
