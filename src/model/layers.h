#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "model/checkpoint.h"
#include "model/packed_matrix.h"
#include "model/stored_matrix.h"

namespace fovea {

/// y = x W^T + b, in the weight's type whatever the input's. Const and thread-safe.
class Linear {
 public:
  Linear() = default;
  /// `bias`: [out] of the compute type, or undefined.
  explicit Linear(const StoredMatrix& weight, const at::Tensor& bias = {});

  /// `x`: [..., in]. Returns [..., out] in the weight's type.
  at::Tensor operator()(const at::Tensor& x) const;

  /// Whether the products are our own: on a CPU that they suit, in float32.
  bool packed() const { return packed_.has_value(); }
  std::int64_t in() const { return in_; }
  std::int64_t out() const { return out_; }
  at::Device device() const { return packed_ ? at::Device(at::kCPU) : weight_.device(); }
  at::ScalarType type() const { return packed_ ? at::kFloat : weight_.scalar_type(); }

 private:
  std::int64_t in_ = 0, out_ = 0;
  at::Tensor weight_, bias_;            // undefined when packed
  std::optional<PackedMatrix> packed_;
};

/// Linear maps of one shape without bias, each for its own group of rows. Const and thread-safe.
class GroupedLinear {
 public:
  /// `weights`: [out, in] each.
  explicit GroupedLinear(const std::vector<StoredMatrix>& weights);

  /// `x`: [n, in]; group g has the rows from begin[g] to begin[g + 1]. Returns [n, out].
  at::Tensor operator()(const at::Tensor& x, std::span<const std::int64_t> begin) const;

  std::size_t groups() const { return packed_.size() + weights_.size(); }

 private:
  std::vector<at::Tensor> weights_;  // [in, out] each, transposed views; empty when packed
  std::vector<PackedMatrix> packed_;
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

/// `gate_up`: [n, 2 * hidden]. Returns silu(left half) * right half, [n, hidden].
at::Tensor gated(const at::Tensor& gate_up);

}  // namespace fovea
