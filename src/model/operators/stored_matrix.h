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
  /// Of products that int8 or mapped values are multiplied out for.
  at::ScalarType product_type = at::kFloat;

  bool is_int8() const { return scales.defined(); }
  bool is_mapped() const { return !mapped.empty(); }
  bool on_cpu() const { return is_mapped() || values.is_cpu(); }
  at::ScalarType compute() const {
    return is_int8() || is_mapped() ? product_type : values.scalar_type();
  }
  std::int64_t in() const { return (is_mapped() ? mapped[0] : values).size(1); }
  std::int64_t out() const;
  /// The values multiplied out, of the compute type.
  at::Tensor dense() const;
};

/// Matrices above each other, [sum of their outs, in].
StoredMatrix stacked(const std::vector<StoredMatrix>& parts);

/// The nearest int8 matrix: each row's largest value becomes 127. `values`: [out, in] of a floating
/// type on the CPU, at least one column.
StoredMatrix quantised(const at::Tensor& values, at::ScalarType product_type);

}  // namespace fovea
