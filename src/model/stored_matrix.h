#pragma once

#include <vector>

#include <ATen/core/Tensor.h>

namespace fovea {

/// A weight matrix as the checkpoint gives it to the layers.
struct StoredMatrix {
  at::Tensor values;  ///< [out, in] of the compute type, or int8
  at::Tensor scales;  ///< [out] float32, what int8 rows are multiplied by; otherwise undefined

  bool is_int8() const { return scales.defined(); }
  /// The values multiplied out, float32 if they are int8.
  at::Tensor dense() const;
};

/// Matrices above each other, [sum of their outs, in].
StoredMatrix stacked(const std::vector<StoredMatrix>& parts);

}  // namespace fovea
