#pragma once

#include <optional>
#include <string>

#include <ATen/core/Tensor.h>

#include "model/checkpoint/checkpoint.h"
#include "model/checkpoint/config.h"
#include "model/layers.h"

namespace fovea {

/// A residual MLP over the features of single cells that knows where in the vision token's square a
/// cell lies: where a token covers more cells than it has slots, neighbours share slots and only
/// the place tells them apart. There a second hidden layer works too. Const and thread-safe.
class CellRefiner {
 public:
  /// Takes "<name>.norm", ".cell", ".place", ".out" and with two layers ".deeper" from the checkpoint.
  CellRefiner(Checkpoint& checkpoint, const std::string& name, const GlyphReaderConfig& config);

  /// `features`: [B, n, features], of B pages; `place`: float32 [n, address_hidden]; `crowded`: a
  /// token covers more cells than it has slots. Returns float32, as `features`.
  at::Tensor operator()(const at::Tensor& features, const at::Tensor& place, bool crowded) const;

 private:
  at::Tensor refined(const at::Tensor& features, const at::Tensor& place, bool crowded) const;

  bool own_pieces_;
  LayerNorm norm_;
  Linear cell_, place_, out_;
  std::optional<Linear> deeper_;
};

}  // namespace fovea
