#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <ATen/core/Tensor.h>

namespace fovea {

/// A float32 weight laid out for products on a CPU: panels of 16 outputs, so that a product of few
/// rows (a decoding step, an expert's share of a batch) need not rearrange it every time, as a
/// general BLAS does. Const and thread-safe after construction.
class PackedMatrix {
 public:
  /// Whether this CPU is one that it was written for: AVX2 with FMA. On others, and for wider
  /// vectors, libtorch's own products are the faster ones.
  static bool pays();

  /// `weight`: [out, in] float32 on the CPU. `bias`: [out] float32, or undefined.
  explicit PackedMatrix(const at::Tensor& weight, const at::Tensor& bias = {});

  std::int64_t in() const { return in_; }
  std::int64_t out() const { return out_; }

  /// `x`: [n, in] contiguous. Returns x W^T + b, [n, out].
  at::Tensor multiply(const at::Tensor& x) const;

 private:
  friend at::Tensor multiply_groups(std::span<const PackedMatrix> matrices, const at::Tensor& x,
                                    std::span<const std::int64_t> begin);

  std::int64_t panels() const { return (out_ + kPanel - 1) / kPanel; }
  /// One panel's outputs of `rows` rows of x. `x` and `y` point to the first row.
  void multiply_panel(std::int64_t panel, const float* x, std::int64_t rows, float* y) const;

  static constexpr std::int64_t kPanel = 16;

  std::int64_t in_, out_;
  std::vector<float> panels_;  // [panels, in, 16], zeros beyond `out`
  std::vector<float> bias_;    // [panels, 16]
};

/// Each matrix with the rows of its group: those from begin[g] to begin[g + 1]. All matrices have
/// the same shape. `x`: [n, in] contiguous. Returns [n, out].
at::Tensor multiply_groups(std::span<const PackedMatrix> matrices, const at::Tensor& x,
                           std::span<const std::int64_t> begin);

}  // namespace fovea
