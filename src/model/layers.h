#pragma once

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <ATen/core/Tensor.h>

#include "model/checkpoint/checkpoint.h"
#include "model/operators/packed_matrix.h"
#include "model/operators/product.h"
#include "model/operators/stored_matrix.h"

namespace fovea {

/// y = x W^T + b. Const and thread-safe after construction.
class Linear {
 public:
  Linear() = default;
  /// `bias`: [out] of the compute type, or undefined.
  Linear(const StoredMatrix& weight, const at::Tensor& bias, const Placement& placement);
  Linear(const StoredMatrix& weight, const Placement& placement) : Linear(weight, {}, placement) {}

  /// `x`: [..., in] of any type. Returns [..., out], float32 where the products are our own,
  /// otherwise of the compute type.
  at::Tensor operator()(const at::Tensor& x) const { return product_->multiply(x, type_); }
  /// The same for what is added to float32, not rounded where the products can leave it.
  at::Tensor unrounded(const at::Tensor& x) const { return product_->multiply(x, at::kFloat); }
  at::Tensor activated(const at::Tensor& x, Activation activation) const {
    return product_->activated(x, type_, activation);
  }
  /// Adds the product to `y`, [..., out] float32, not rounded before where the products can leave it.
  void add_to(at::Tensor y, const at::Tensor& x) const { product_->add_to(std::move(y), x); }

  const Product& product() const { return *product_; }
  std::int64_t in() const { return in_; }
  std::int64_t out() const { return out_; }
  at::Device device() const { return device_; }
  at::ScalarType type() const { return type_; }  ///< of products with many rows

 private:
  std::int64_t in_ = 0, out_ = 0;
  at::Device device_ = at::kCPU;
  at::ScalarType type_ = at::kFloat;
  std::unique_ptr<Product> product_;
};

/// Linear maps of one shape without bias, each for its own group of rows. Const and thread-safe
/// after construction.
class GroupedLinear {
 public:
  /// `weights`: [out, in] each.
  GroupedLinear(const std::vector<StoredMatrix>& weights, const Placement& placement);
  GroupedLinear(GroupedLinear&&) noexcept = default;

  /// Whether so many rows are best multiplied by one call; otherwise group by group.
  bool all_at_once(std::int64_t rows) const;
  /// `x`: [n, in]; group g has the rows from begin[g] to begin[g + 1]. Returns [n, out].
  at::Tensor operator()(const at::Tensor& x, std::span<const std::int64_t> begin) const;
  /// The same where only the GPU knows the groups' ends, [groups] int32: it need not be waited for.
  at::Tensor operator()(const at::Tensor& x, const at::Tensor& ends) const;
  bool takes_device_groups() const { return stacked_.defined(); }

  std::int64_t groups() const { return groups_; }
  const Linear& operator[](std::int64_t group) const { return maps_[group]; }

 private:
  std::int64_t groups_;
  bool own_pieces_;
  at::Tensor stacked_;                       // [groups, out, in] bfloat16 on a GPU, or:
  std::vector<Linear> maps_;
  std::vector<const PackedMatrix*> panels_;  // of `maps_`, when all have some
};

/// Loads "<name>.weight" and "<name>.bias".
Linear load_linear(Checkpoint& checkpoint, const std::string& name, std::int64_t out,
                   std::int64_t in);

struct LayerNorm {
  at::Tensor weight;  ///< [d] float32
  at::Tensor bias;    ///< [d] float32
  double epsilon;

  /// Over the last dimension, in float32.
  at::Tensor operator()(const at::Tensor& x) const;
};

LayerNorm load_layer_norm(Checkpoint& checkpoint, const std::string& name, std::int64_t width,
                          double epsilon);

struct RmsNorm {
  at::Tensor weight;  ///< [d] float32
  double epsilon;

  at::Tensor operator()(const at::Tensor& x) const;
};

RmsNorm load_rms_norm(Checkpoint& checkpoint, const std::string& name, std::int64_t width,
                      double epsilon);

/// SwiGLU feed-forward: down(silu(gate x) * up x).
struct GatedMlp {
  Linear gate_up;  ///< [2 * hidden, d], gate above up
  Linear down;     ///< [d, hidden]

  at::Tensor operator()(const at::Tensor& x) const;
};

/// Loads "<name>.gate_proj", ".up_proj" and ".down_proj".
GatedMlp load_gated_mlp(Checkpoint& checkpoint, const std::string& name, std::int64_t hidden,
                        std::int64_t width);

/// Loads "<name>.gate_proj" above "<name>.up_proj", [2 * hidden, width].
StoredMatrix load_gate_up(Checkpoint& checkpoint, const std::string& name, std::int64_t hidden,
                         std::int64_t width);

}  // namespace fovea
