#pragma once

#include <optional>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "model/checkpoint/checkpoint.h"
#include "model/checkpoint/config.h"
#include "model/layers.h"
#include "model/operators/table_resize.h"
#include "model/probe.h"

namespace fovea {

/// First tower with its compressor: SAM's window-attention ViT, the neck and two strided
/// convolutions that leave one position for every 64 x 64 pixels.
/// Const and thread-safe after construction.
class SamTower {
 public:
  /// Side of a patch, and of the pixels behind one output position.
  static constexpr std::int64_t kPatchSide = 16;
  static constexpr std::int64_t kOutputSide = 64;

  SamTower(Checkpoint& checkpoint, const SamConfig& config);

  /// `pixels`: [B, channels, S, S] float32. Returns float32 [B, S/64, S/64, out].
  at::Tensor forward(const at::Tensor& pixels, const Probe& probe) const;

 private:
  struct Block {
    bool global = false;
    LayerNorm norm1, norm2;
    Linear qkv, proj, lin1, lin2;
    at::Tensor rel_pos_h, rel_pos_w;          // [n, head_dim] float32, or undefined
    GridTables offsets_h, offsets_w;          // side -> [side, side, head_dim]
  };

  void load_block(Checkpoint& checkpoint, const SamConfig& config, int index, Block& block);
  void load_compressor(Checkpoint& checkpoint, const SamConfig& config);

  void run_block(const Block& block, at::Tensor& x) const;
  void run_windows(const Block& block, at::Tensor& x) const;
  void run_global_block(const Block& block, at::Tensor& x) const;
  at::Tensor embed_patches(const at::Tensor& pixels) const;
  at::Tensor attention(const Block& block, const at::Tensor& x) const;
  at::Tensor attend(const Block& block, const at::Tensor& qkv, std::int64_t side) const;
  at::Tensor window_attention(const Block& block, const at::Tensor& x) const;
  void add_mlp(const Block& block, at::Tensor& x) const;
  at::Tensor compress(const at::Tensor& x, const Probe& probe) const;

  Placement placement_;
  std::int64_t heads_;
  std::int64_t window_;
  Linear patch_embed_;        // [width, channels * 16 * 16]
  at::Tensor positions_;      // [g, g, width] float32
  GridTables positions_of_;   // side -> [side, side, width]
  GridTables marks_of_;       // side -> key_marks, on a GPU
  std::vector<Block> blocks_;
  Linear neck_in_;                    // 1 x 1 convolution
  LayerNorm neck_norm1_, neck_norm2_;
  Linear neck_conv_, net_2_, net_3_;  // 3 x 3 convolutions, [out, 3 * 3 * in]
};

}  // namespace fovea
