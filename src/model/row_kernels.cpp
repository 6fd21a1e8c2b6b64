#include "model/row_kernels.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <ATen/Parallel.h>

#include "model/row_attention.h"

// Wider vectors where the CPU has them; chosen when the program starts.
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define FOVEA_WIDE __attribute__((target_clones("arch=haswell", "default")))
#else
#define FOVEA_WIDE
#endif

namespace fovea {
namespace {

constexpr std::int64_t kGrain = 16;  // queries that are worth a thread

/// dots[s] = a . rows[s].
FOVEA_WIDE void dot_rows(const float* a, const float* rows, std::int64_t n, std::int64_t dim,
                         float* dots) {
  constexpr std::int64_t kLanes = 16;
  for (std::int64_t s = 0; s < n; ++s, rows += dim) {
    float lanes[kLanes] = {};
    std::int64_t i = 0;
    for (; i + kLanes <= dim; i += kLanes) {
      for (std::int64_t j = 0; j < kLanes; ++j) lanes[j] += a[i + j] * rows[i + j];
    }
    float sum = 0;
    for (; i < dim; ++i) sum += a[i] * rows[i];
    for (float lane : lanes) sum += lane;
    dots[s] = sum;
  }
}

/// out = start + sum of weights[s] * rows[s].
FOVEA_WIDE void weigh_rows(const float* start, const float* weights, const float* rows,
                           std::int64_t n, std::int64_t dim, float* out) {
  std::copy_n(start, dim, out);
  for (std::int64_t s = 0; s < n; ++s, rows += dim) {
    float weight = weights[s];
    for (std::int64_t i = 0; i < dim; ++i) out[i] += weight * rows[i];
  }
}

/// Rotates the pairs (i, i + half) of one head.
FOVEA_WIDE void rotate(const float* x, const float* cos, const float* sin, std::int64_t half,
                       float scale, float* out) {
  for (std::int64_t i = 0; i < half; ++i) {
    float a = x[i], b = x[i + half];
    out[i] = (a * cos[i] - b * sin[i]) * scale;
    out[i + half] = (b * cos[i] + a * sin[i]) * scale;
  }
}

/// Calls f(head, row, t, index of the query in [heads, R * T]) for every query, on all threads.
template <typename F>
void for_each_query(const RowShape& shape, const RowStep& step, const F& f) {
  auto queries = step.rows() * step.tokens;
  at::parallel_for(0, shape.heads * queries, kGrain, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = begin; i < end; ++i)
      f(i / queries, i % queries / step.tokens, i % step.tokens, i);
  });
}

/// Where a row's keys or values of the head that serves query head `head` begin.
std::int64_t cache_offset(const RowShape& shape, std::int64_t row, std::int64_t head) {
  auto kv_head = head / (shape.heads / shape.kv_heads);
  return (row * shape.kv_heads + kv_head) * shape.capacity * shape.head_dim;
}

}  // namespace

void place_rows(const RowShape& shape, const RowStep& step, const float* qkv, const float* cos,
                const float* sin, float* q, float* keys, float* values) {
  auto dim = shape.head_dim, half = dim / 2, queries = step.rows() * step.tokens;
  auto scale = static_cast<float>(1 / std::sqrt(static_cast<double>(dim)));
  for (std::int64_t i = 0; i < queries; ++i) {
    auto row = i / step.tokens, t = i % step.tokens;
    auto place = step.lengths[row] + t;
    auto* cos_row = cos + step.position(row, t) * half;
    auto* sin_row = sin + step.position(row, t) * half;
    auto* from = qkv + i * (shape.heads + 2 * shape.kv_heads) * dim;
    for (std::int64_t head = 0; head < shape.heads; ++head, from += dim)
      rotate(from, cos_row, sin_row, half, scale, q + (head * queries + i) * dim);
    if (t >= step.counts[row]) continue;
    for (std::int64_t head = 0; head < shape.kv_heads; ++head, from += dim) {
      auto to = ((row * shape.kv_heads + head) * shape.capacity + place) * dim;
      rotate(from, cos_row, sin_row, half, 1, keys + to);
      std::copy_n(from + shape.kv_heads * dim, dim, values + to);
    }
  }
}

void score_rows(const RowShape& shape, const RowStep& step, const float* q, const float* keys,
                std::int64_t stride, float* scores) {
  auto dim = shape.head_dim;
  for_each_query(shape, step, [&](auto head, auto row, auto t, auto i) {
    auto seen = step.visible(row, t);
    auto* own = scores + i * stride + step.prefix;
    dot_rows(q + i * dim, keys + cache_offset(shape, row, head), seen, dim, own);
    std::fill(own + seen, scores + (i + 1) * stride, -std::numeric_limits<float>::infinity());
  });
}

void sum_rows(const RowShape& shape, const RowStep& step, const float* weights, std::int64_t stride,
              const float* values, const float* from_prefix, float* out) {
  auto dim = shape.head_dim;
  for_each_query(shape, step, [&](auto head, auto row, auto t, auto i) {
    auto* to = out + ((row * step.tokens + t) * shape.heads + head) * dim;
    weigh_rows(from_prefix + i * dim, weights + i * stride + step.prefix,
               values + cache_offset(shape, row, head), step.visible(row, t), dim, to);
  });
}

}  // namespace fovea
