#pragma once

#include <ATen/core/Tensor.h>

#include "bench/encoders/designs.h"
#include "model/clip_tower.h"
#include "model/layers.h"
#include "model/sam_tower.h"

namespace fovea::bench {

/// The model's own two towers with random weights, put together as a plan says. Const and
/// thread-safe after construction.
class Towers {
 public:
  /// Writes the weights to a temporary file, loads them from there as a checkpoint's, removes it.
  Towers(const EncoderSizes& sizes, const Placement& placement);

  /// Encodes random pictures. Returns [tokens, out] float32.
  at::Tensor run(const Plan& plan) const;

 private:
  Towers(const EncoderSizes& sizes, Checkpoint checkpoint);
  at::Tensor embed(const at::Tensor& pixels, int patch) const;
  at::Tensor run_global(const at::Tensor& positions) const;

  EncoderSizes sizes_;
  SamTower sam_;
  ClipTower clip_;
  Linear patch_14_, patch_16_;              // what CLIP's ViT has before its positions
  Linear to_token_, joined_, four_merged_;  // projectors
};

}  // namespace fovea::bench
