#pragma once

#include <vector>

#include <ATen/core/Tensor.h>

#include "model/checkpoint/checkpoint.h"
#include "model/checkpoint/config.h"
#include "model/layers.h"
#include "model/operators/table_resize.h"
#include "model/probe.h"

namespace fovea {

/// Second tower: CLIP's ViT, with the compressor's output in place of patch embeddings.
/// Const and thread-safe after construction.
class ClipTower {
 public:
  ClipTower(Checkpoint& checkpoint, const ClipConfig& config, int picture_channels);

  /// `features`: [B, n, width], n a square, row-major positions.
  /// Returns float32 [B, 1 + n, width]; row 0 is the class token.
  at::Tensor forward(const at::Tensor& features, const Probe& probe) const;

 private:
  struct Layer {
    LayerNorm norm1, norm2;
    Linear qkv, out, fc1, fc2;
  };

  at::Tensor positions(std::int64_t side) const;

  Placement placement_;
  std::int64_t heads_;
  at::Tensor class_token_;   // [width] float32
  at::Tensor positions_;     // [1 + g * g, width] float32
  GridTables positions_of_;  // side -> [1 + side * side, width]
  LayerNorm pre_norm_;
  std::vector<Layer> layers_;
};

}  // namespace fovea
