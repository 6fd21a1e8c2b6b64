#include "model/operators/row_kernels.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <ATen/Parallel.h>

#include "model/kernels/lanes.h"
#include "model/kernels/soft_weights.h"

namespace fovea {
namespace {

constexpr std::int64_t kGrain = 16;  // queries that are worth a thread

/// dots[s] = a . rows[s].
void dot_rows(const float* a, const float* rows, std::int64_t n, std::int64_t dim, float* dots) {
  widest([=]() __attribute__((always_inline)) {
    for (std::int64_t s = 0; s < n; ++s) {
      const float* row = rows + s * dim;
      float sum = 0;
#pragma omp simd reduction(+ : sum)
      for (std::int64_t i = 0; i < dim; ++i) sum += a[i] * row[i];
      dots[s] = sum;
    }
  });
}

/// out = start + sum of weights[s] * rows[s].
void sum_weighted(const float* start, const float* weights, const float* rows, std::int64_t n,
                  std::int64_t dim, float* out) {
  widest([=]() __attribute__((always_inline)) {
    constexpr std::int64_t kLanes = 32;  // sums that fit in the registers
    std::int64_t i = 0;
    for (; i + kLanes <= dim; i += kLanes) {
      float sums[kLanes];
      for (std::int64_t j = 0; j < kLanes; ++j) sums[j] = start[i + j];
      for (std::int64_t s = 0; s < n; ++s) {
        for (std::int64_t j = 0; j < kLanes; ++j) sums[j] += weights[s] * rows[s * dim + i + j];
      }
      for (std::int64_t j = 0; j < kLanes; ++j) out[i + j] = sums[j];
    }
    for (; i < dim; ++i) {
      out[i] = start[i];
      for (std::int64_t s = 0; s < n; ++s) out[i] += weights[s] * rows[s * dim + i];
    }
  });
}

void scale_values(float* values, std::int64_t n, float scale) {
  widest([=]() __attribute__((always_inline)) {
    for (std::int64_t i = 0; i < n; ++i) values[i] *= scale;
  });
}

/// Scores become weights whose sum is 1.
void make_weights(float* scores, std::int64_t n) {
  const float sum = soft_weights(scores, n, 1);
  scale_values(scores, n, 1 / sum);
}

/// Rotates the pairs (i, i + half) of one head.
void rotate(const float* x, const float* cos, const float* sin, std::int64_t half, float scale,
            float* out) {
  widest([=]() __attribute__((always_inline)) {
    for (std::int64_t i = 0; i < half; ++i) {
      const float a = x[i], b = x[i + half];
      out[i] = (a * cos[i] - b * sin[i]) * scale;
      out[i + half] = (b * cos[i] + a * sin[i]) * scale;
    }
  });
}

/// Calls f(head, token, index of the query in [heads, N]) for every query, on all threads.
template <typename F>
void for_each_query(const RowShape& shape, const RowStep& step, const F& f) {
  auto n = step.tokens();
  at::parallel_for(0, shape.heads * n, kGrain, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = begin; i < end; ++i) f(i / n, i % n, i);
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
  auto dim = shape.head_dim, half = dim / 2, n = step.tokens();
  auto width = (shape.heads + 2 * shape.kv_heads) * dim;
  auto scale = static_cast<float>(1 / std::sqrt(static_cast<double>(dim)));
  at::parallel_for(0, n, kGrain, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = begin; i < end; ++i) {
      auto* from = qkv + i * width;
      auto* cos_row = cos + (step.prefix + step.place[i]) * half;
      auto* sin_row = sin + (step.prefix + step.place[i]) * half;
      for (std::int64_t head = 0; head < shape.heads; ++head, from += dim)
        rotate(from, cos_row, sin_row, half, scale, q + (head * n + i) * dim);
      for (std::int64_t head = 0; head < shape.kv_heads; ++head, from += dim) {
        auto to =
            ((step.row[i] * shape.kv_heads + head) * shape.capacity + step.place[i]) * dim;
        rotate(from, cos_row, sin_row, half, 1, keys + to);
        std::copy_n(from + shape.kv_heads * dim, dim, values + to);
      }
    }
  });
}

void attend_rows(const RowShape& shape, const RowStep& step, const float* q, const float* keys,
                 const float* values, float* out) {
  auto dim = shape.head_dim;
  const std::vector<float> nothing(dim);
  for_each_query(shape, step, [&](auto head, auto token, auto i) {
    thread_local std::vector<float> weights;
    auto seen = step.place[token] + 1, own = cache_offset(shape, step.row[token], head);
    weights.resize(seen);
    dot_rows(q + i * dim, keys + own, seen, dim, weights.data());
    auto* sums = out + (token * shape.heads + head) * dim;
    make_weights(weights.data(), seen);
    sum_weighted(nothing.data(), weights.data(), values + own, seen, dim, sums);
  });
}

void weigh_rows(const RowShape& shape, const RowStep& step, const float* q, const float* keys,
                std::int64_t stride, float* scores) {
  auto dim = shape.head_dim;
  for_each_query(shape, step, [&](auto head, auto token, auto i) {
    auto seen = step.place[token] + 1;
    auto* all = scores + i * stride;
    dot_rows(q + i * dim, keys + cache_offset(shape, step.row[token], head), seen, dim,
             all + step.prefix);
    make_weights(all, step.prefix + seen);
  });
}

void sum_rows(const RowShape& shape, const RowStep& step, const float* weights, std::int64_t stride,
              const float* values, const float* from_prefix, float* out) {
  auto dim = shape.head_dim;
  for_each_query(shape, step, [&](auto head, auto token, auto i) {
    sum_weighted(from_prefix + i * dim, weights + i * stride + step.prefix,
                 values + cache_offset(shape, step.row[token], head), step.place[token] + 1, dim,
                 out + (token * shape.heads + head) * dim);
  });
}

}  // namespace fovea
