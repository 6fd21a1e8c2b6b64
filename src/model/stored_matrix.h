#pragma once

#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>

namespace fovea {

/// A weight matrix as the checkpoint gives it to the layers.
struct StoredMatrix {
  at::Tensor values;  ///< [out, in] of the compute type, or int8
  at::Tensor scales;  ///< [out] float32, what int8 rows are multiplied by; otherwise undefined
  /// Instead of `values`: matrices above each other, bfloat16, still in the mapped file, which they
  /// keep mapped.
  std::vector<at::Tensor> mapped = {};

  bool is_int8() const { return scales.defined(); }
  bool is_mapped() const { return !mapped.empty(); }
  std::int64_t in() const { return (is_mapped() ? mapped[0] : values).size(1); }
  std::int64_t out() const;
  /// The values multiplied out, float32 if they are int8 or mapped.
  at::Tensor dense() const;
};

/// Matrices above each other, [sum of their outs, in].
StoredMatrix stacked(const std::vector<StoredMatrix>& parts);

}  // namespace fovea
