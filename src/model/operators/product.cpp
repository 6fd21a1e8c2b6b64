#include "model/operators/product.h"

#include <cstdint>
#include <utility>
#include <vector>

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/linear.h>

#include "model/kernels/int8_panels.h"
#include "model/operators/fused_operators.h"
#include "model/operators/one_dnn.h"

namespace fovea {

void Product::add_to(at::Tensor y, const at::Tensor& x) const { y.add_(multiply(x, at::kFloat)); }

RoughProduct Product::roughly(const at::Tensor& x) const {
  return {multiply(x, at::kFloat).to(at::kFloat),
          std::vector<float>(static_cast<std::size_t>(x.size(0)))};
}

namespace {

/// `parts`: [outs, in] above each other.
class LibtorchProduct : public Product {
 public:
  LibtorchProduct(std::vector<at::Tensor> parts, at::Tensor bias)
      : parts_(std::move(parts)), bias_(std::move(bias)) {}

  at::Tensor activated(const at::Tensor& x, at::ScalarType, Activation activation) const override {
    return fovea::activated(product(x), activation);
  }
  RoughProduct roughly(const at::Tensor& x) const override {
    if (parts_.size() != 1 || bias_.defined()) return Product::roughly(x);
    auto sums = multiply_to_float(x.to(parts_[0].scalar_type()), parts_[0]);
    if (!sums) return Product::roughly(x);
    return {*sums, std::vector<float>(static_cast<std::size_t>(x.size(0)))};
  }

 private:
  at::Tensor product(const at::Tensor& x) const {
    const auto input = x.to(parts_[0].scalar_type());
    if (parts_.size() == 1) return at::linear(input, parts_[0], bias_);
    std::vector<at::Tensor> outs;
    std::int64_t row = 0;
    for (const at::Tensor& part : parts_) {  // with the bias inside, a sum is rounded once
      outs.push_back(at::linear(
          input, part, bias_.defined() ? bias_.narrow(0, row, part.size(0)) : at::Tensor()));
      row += part.size(0);
    }
    return at::cat(outs, -1);
  }

  std::vector<at::Tensor> parts_;
  at::Tensor bias_;
};

/// In float32, of int8 or mapped bfloat16.
class PanelProduct : public Product {
 public:
  PanelProduct(const StoredMatrix& weight, const at::Tensor& bias, Int8Products products)
      : matrix_(weight, bias, products) {}

  at::Tensor activated(const at::Tensor& x, at::ScalarType, Activation activation) const override {
    auto sizes = x.sizes().vec();
    sizes.back() = matrix_.out();
    const auto input = x.to(at::kFloat).reshape({-1, matrix_.in()}).contiguous();
    return fovea::activated(matrix_.multiply(input).view(sizes), activation);
  }
  RoughProduct roughly(const at::Tensor& x) const override {
    return matrix_.multiply_roughly(x.to(at::kFloat).contiguous());
  }
  const PackedMatrix* panels() const override { return &matrix_; }

 private:
  PackedMatrix matrix_;
};

/// `parts`: [outs, in] above each other, multiplied out.
std::unique_ptr<Product> make_dense_product(const std::vector<at::Tensor>& parts,
                                            const at::Tensor& bias, const Placement& placement,
                                            WeightLayout layout) {
  if (placement.has_tiles() && parts[0].is_cpu()) {
    if (auto product = make_one_dnn_product(parts, bias, layout)) return product;
  }
  return std::make_unique<LibtorchProduct>(parts, bias);
}

/// int8 and mapped bfloat16 on a CPU that has no tiles or for products in bfloat16: few rows meet
/// the weights where they lie.
class FewRowsProduct : public Product {
 public:
  FewRowsProduct(const StoredMatrix& weight, const at::Tensor& bias, const Placement& placement)
      : few_(weight, bias, Int8Products::expanded),
        type_(weight.compute()),
        bias_(bias),
        placement_(placement) {
    if (weight.is_mapped())
      many_ = make_dense_product(weight.mapped, bias, placement, WeightLayout::as_stored);
  }

  at::Tensor activated(const at::Tensor& x, at::ScalarType wanted,
                       Activation activation) const override {
    if (x.numel() <= kFewInputs * panels()->in()) return few_.activated(x, wanted, activation);
    if (many_) return many_->activated(x, wanted, activation);
    return make_dense_product({panels()->dense(type_)}, bias_, placement_, WeightLayout::as_stored)
        ->activated(x, wanted, activation);
  }
  const PackedMatrix* panels() const override { return few_.panels(); }

 private:
  PanelProduct few_;
  std::unique_ptr<Product> many_;  // of mapped weights; int8 is multiplied out each time
  at::ScalarType type_;
  at::Tensor bias_;
  Placement placement_;
};

}  // namespace

std::unique_ptr<Product> make_product(const StoredMatrix& weight, const at::Tensor& bias,
                                      const Placement& placement) {
  if (weight.is_int8() || weight.is_mapped()) {
    if (placement.has_tiles() && weight.compute() == at::kFloat)
      return std::make_unique<PanelProduct>(
          weight, bias, placement.two_digits ? Int8Products::two_digits : Int8Products::digits);
    return std::make_unique<FewRowsProduct>(weight, bias, placement);
  }
  return make_dense_product({weight.values.contiguous()}, bias, placement, WeightLayout::packed);
}

}  // namespace fovea
