#pragma once

#include <memory>

#include <ATen/core/Tensor.h>

#include "model/operators/activation.h"
#include "model/operators/backend.h"
#include "model/operators/packed_matrix.h"
#include "model/operators/stored_matrix.h"

namespace fovea {

/// y = x W^T + b for one weight. Const and thread-safe after construction.
class Product {
 public:
  virtual ~Product() = default;

  /// `x`: [..., in] of any type. Returns [..., out] of type `wanted`, or of the one that the sums
  /// have.
  at::Tensor multiply(const at::Tensor& x, at::ScalarType wanted) const {
    return activated(x, wanted, Activation::none);
  }
  virtual at::Tensor activated(const at::Tensor& x, at::ScalarType wanted,
                               Activation activation) const = 0;
  /// Adds the product to `y`, [..., out] float32.
  virtual void add_to(at::Tensor y, const at::Tensor& x) const;

  /// The product in float32, perhaps only nearly: see `PackedMatrix`. `x`: [n, in].
  virtual RoughProduct roughly(const at::Tensor& x) const;

  /// What multiplies few rows where the weights lie, for products of groups; null where nothing
  /// does.
  virtual const PackedMatrix* panels() const { return nullptr; }
};

/// `bias`: [out] of the weight's compute type, or undefined.
std::unique_ptr<Product> make_product(const StoredMatrix& weight, const at::Tensor& bias,
                                      const Placement& placement);

}  // namespace fovea
