#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

#include "model/kernels/softmax.h"

namespace fovea {

/// What decomposed relative positions add to the scores: the keys lie row-major in a square, and
/// each query has one value for each of its rows and one for each of its columns.
struct AxisBias {
  at::Tensor rows;        ///< [Z, N, side], Z = batch * heads, or undefined: there is none
  at::Tensor columns;     ///< [Z, N, side]; both float32 on a CPU
  at::Tensor marks = {};  ///< from key_marks (attention.h); only on a GPU

  bool is_there() const { return rows.defined(); }
  std::int64_t side() const { return rows.size(2); }
};

/// For loops over a bias on the CPU: that of one head's query.
BiasValues values_of(const AxisBias& bias, std::int64_t head, std::int64_t query);

}  // namespace fovea
