#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <ATen/core/Tensor.h>

#include "model/kernels/int8_digits.h"
#include "model/kernels/tile_product.h"
#include "model/operators/stored_matrix.h"

namespace fovea {

/// Products that are only nearly right.
struct RoughProduct {
  at::Tensor values;         ///< [n, out] float32
  std::vector<float> error;  ///< [n] standard deviation of a row's values; 0: they are right
};

/// How int8 is multiplied with float32.
enum class Int8Products {
  expanded,    ///< as float32, a piece at a time in the cache
  digits,      ///< by integer products, where the CPU has them (int8_digits.h); else expanded
  two_digits,  ///< likewise, of inputs rounded to 15 bits of the largest one of their row
};

/// A weight laid out for products on a CPU: panels of 16 outputs, so that a product of few rows (a
/// decoding step, an expert's share of a batch) need not rearrange it every time, as a general BLAS
/// does. int8 stays int8 in memory, which such products wait for. bfloat16 stays where the file is
/// mapped, and nothing of it is copied. Const and thread-safe after construction.
class PackedMatrix {
 public:
  /// `weight`: [out, in] int8 or mapped bfloat16 on the CPU. `bias`: [out] float32, or
  /// undefined.
  explicit PackedMatrix(const StoredMatrix& weight, const at::Tensor& bias = {},
                        Int8Products products = Int8Products::expanded);

  std::int64_t in() const { return in_; }
  std::int64_t out() const { return out_; }

  /// `x`: [n, in] contiguous. Returns x W^T + b, [n, out].
  at::Tensor multiply(const at::Tensor& x) const;

  /// The same nearly, in less time where the products are of digits, and how far a value may be off.
  RoughProduct multiply_roughly(const at::Tensor& x) const;

  /// int8 multiplied out, [out, in] of the type. Not of what is multiplied by digits.
  at::Tensor dense(at::ScalarType type) const;

 private:
  friend at::Tensor multiply_groups(std::span<const PackedMatrix* const> matrices,
                                    const at::Tensor& x, std::span<const std::int64_t> begin);

  std::int64_t panels() const { return (out_ + kPanelWidth - 1) / kPanelWidth; }
  /// Outputs of the panels from `begin` to `end` for some rows. `x` and `y` point to the first row.
  void multiply_panels(std::int64_t begin, std::int64_t end, const float* x, std::int64_t rows,
                       float* y, Digits digits) const;
  at::Tensor multiply_rows(const at::Tensor& x, Digits digits) const;
  void multiply_expanded(std::int64_t first, std::int64_t last, const float* x, std::int64_t rows,
                         float* y) const;

  std::int64_t in_, out_;
  Digits digits_;                           // of the inputs, where products are of digits
  std::vector<std::int8_t> int8_;           // [panels, in, 16], zeros beyond `out`; or:
  std::vector<std::uint8_t> quads_;         // for products of digits; or:
  std::vector<const std::uint16_t*> rows_;  // [out] of mapped bfloat16
  std::vector<at::Tensor> mapped_;          // whose rows they are
  std::vector<float> scales_, bias_;        // [panels, 16]
  float length_ = 0;                        // of the longest of the outputs' weights, when quads_
};

/// Each matrix with the rows of its group: those from begin[g] to begin[g + 1]. All matrices have
/// the same shape. `x`: [n, in] contiguous. Returns [n, out].
at::Tensor multiply_groups(std::span<const PackedMatrix* const> matrices, const at::Tensor& x,
                           std::span<const std::int64_t> begin);

}  // namespace fovea
