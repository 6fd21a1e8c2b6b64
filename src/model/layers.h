#pragma once

#include <string>

#include <ATen/core/Tensor.h>

#include "model/checkpoint.h"

namespace fovea {

/// y = x W^T + b, in the weight's type whatever the input's.
struct Linear {
  at::Tensor weight;  ///< [out, in] compute type
  at::Tensor bias;    ///< [out] compute type, or undefined

  at::Tensor operator()(const at::Tensor& x) const;
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

/// `gate_up`: [n, 2 * hidden]. Returns silu(left half) * right half, [n, hidden].
at::Tensor gated(const at::Tensor& gate_up);

}  // namespace fovea
