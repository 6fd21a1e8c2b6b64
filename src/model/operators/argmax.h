#pragma once

#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>

namespace fovea {

/// The best of each row's scores and how sure a softmax over the row is of it.
struct Argmax {
  std::vector<std::int64_t> index;     ///< [n] of the first one that is largest
  std::vector<float> score;            ///< [n]
  std::vector<float> log_probability;  ///< [n] natural logarithm, 0 at most
};

/// `scores`: [n, m] float32, m at least 1; -infinity stands for what cannot be. Where some are NaN,
/// which one is the best means nothing, but it is one of the row's.
Argmax argmax_with_log_prob(const at::Tensor& scores);

}  // namespace fovea
