#include "model/operators/argmax.h"

#include <algorithm>
#include <cmath>

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/logsumexp.h>

#include "model/kernels/softmax.h"
#include "model/operators/to_vector.h"

namespace fovea {
namespace {

constexpr std::int64_t kRowsAThread = 8;  // rows that are worth a thread

Argmax with_loops(const at::Tensor& scores) {
  const auto n = scores.size(0), m = scores.size(1), stride = scores.stride(0);
  const float* data = scores.data_ptr<float>();
  Argmax best{std::vector<std::int64_t>(n), std::vector<float>(n), std::vector<float>(n)};
  at::parallel_for(0, n, kRowsAThread, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = begin; i < end; ++i) {
      const float* row = data + i * stride;
      best.score[i] = largest(row, m);
      const auto first = std::find(row, row + m, best.score[i]) - row;
      best.index[i] = std::min<std::int64_t>(first, m - 1);  // NaN equals none
      best.log_probability[i] = -std::log(std::max(1.0f, sum_of_exp(row, m, best.score[i])));
    }
  });
  return best;
}

}  // namespace

Argmax argmax_with_log_prob(const at::Tensor& scores) {
  if (scores.is_cpu() && scores.stride(1) == 1) return with_loops(scores);
  const auto [top, index] = scores.max(1);
  const auto log_probability = top - at::logsumexp(scores, 1);
  return {to_vector<std::int64_t>(index), to_vector<float>(top), to_vector<float>(log_probability)};
}

}  // namespace fovea
