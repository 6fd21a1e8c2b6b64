#include "model/best_scores.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include "model/wide.h"

namespace fovea {
namespace {

constexpr std::int64_t kLanes = 16;
constexpr std::int64_t kGrain = 8;  // rows that are worth a thread

FOVEA_WIDE float largest(const float* x, std::int64_t n) {
  float lanes[kLanes];
  std::fill_n(lanes, kLanes, -std::numeric_limits<float>::infinity());
  std::int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes)
    for (std::int64_t j = 0; j < kLanes; ++j) lanes[j] = x[i + j] > lanes[j] ? x[i + j] : lanes[j];
  for (; i < n; ++i) lanes[0] = std::max(lanes[0], x[i]);
  return *std::max_element(lanes, lanes + kLanes);
}

/// exp(x) for x <= 0, to 5 digits: 2^whole times a polynomial of the rest. A plain loop over it
/// becomes vector code, which std::exp does not.
inline float exp_below_zero(float x) {
  const float power = std::max(x, -80.0f) * 1.44269504f;
  const int whole = static_cast<int>(power - 0.5f);
  const float rest = power - static_cast<float>(whole);  // -0.5 .. 0.5
  const float value =
      1.0f +
      rest * (0.693147f +
              rest * (0.240227f + rest * (0.0555041f + rest * (0.00961813f + rest * 0.00133336f))));
  return value * std::bit_cast<float>((whole + 127) << 23);
}

/// Sum of exp(x - top).
FOVEA_WIDE float sum_of_exp(const float* x, std::int64_t n, float top) {
  float lanes[kLanes] = {};
  std::int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes)
    for (std::int64_t j = 0; j < kLanes; ++j) lanes[j] += exp_below_zero(x[i + j] - top);
  for (; i < n; ++i) lanes[0] += exp_below_zero(x[i] - top);
  float sum = 0;
  for (const float lane : lanes) sum += lane;
  return sum;
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
