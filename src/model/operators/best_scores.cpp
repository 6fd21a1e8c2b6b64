#include "model/operators/best_scores.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/logsumexp.h>

#include "model/kernels/exponential.h"
#include "model/kernels/lanes.h"

namespace fovea {
namespace {

constexpr std::int64_t kGrain = 8;  // rows that are worth a thread

float largest(const float* x, std::int64_t n) {
  return widest([=]() __attribute__((always_inline)) {
    float top = -std::numeric_limits<float>::infinity();
#pragma omp simd reduction(max : top)
    for (std::int64_t i = 0; i < n; ++i) top = x[i] > top ? x[i] : top;
    return top;
  });
}

/// Sum of exp(x - top).
float sum_of_exp(const float* x, std::int64_t n, float top) {
  return widest([=]() __attribute__((always_inline)) {
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (std::int64_t i = 0; i < n; ++i) sum += exponential(x[i] - top);
    return sum;
  });
}

BestScores with_loops(const at::Tensor& scores) {
  const auto n = scores.size(0), m = scores.size(1), stride = scores.stride(0);
  const float* data = scores.data_ptr<float>();
  BestScores best{std::vector<std::int64_t>(n), std::vector<float>(n), std::vector<float>(n)};
  at::parallel_for(0, n, kGrain, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = begin; i < end; ++i) {
      const float* row = data + i * stride;
      best.score[i] = largest(row, m);
      best.index[i] = std::find(row, row + m, best.score[i]) - row;
      best.log_probability[i] = -std::log(std::max(1.0f, sum_of_exp(row, m, best.score[i])));
    }
  });
  return best;
}

template <typename T>
std::vector<T> to_vector(const at::Tensor& tensor) {
  const auto on_cpu = tensor.cpu().contiguous();
  return {on_cpu.data_ptr<T>(), on_cpu.data_ptr<T>() + on_cpu.numel()};
}

}  // namespace

BestScores best_scores(const at::Tensor& scores) {
  if (scores.is_cpu() && scores.stride(1) == 1) return with_loops(scores);
  const auto [top, index] = scores.max(1);
  const auto log_probability = top - at::logsumexp(scores, 1);
  return {to_vector<std::int64_t>(index), to_vector<float>(top), to_vector<float>(log_probability)};
}

}  // namespace fovea
