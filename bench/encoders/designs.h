#pragma once

#include <span>
#include <string>
#include <vector>

#include "model/checkpoint/config.h"

namespace fovea::bench {

/// The two towers that every design is made of, window and neck given, and a vision token's width.
struct EncoderSizes {
  SamConfig sam;
  ClipConfig clip;
  int out;
};

/// "deepseek": DeepSeek-OCR's, 768 x 12 and 1024 x 24; "half": the same depths at half the widths;
/// "nano": fovea-nano's, 320 x 6 and 512 x 3. Throws Error(invalid_argument) for another name.
EncoderSizes sizes_named(const std::string& name);

/// What a tower is given: `pictures` at once, each of grid x grid positions.
struct Pass {
  enum class Tower { window, global } tower;
  int pictures;
  int grid;
  /// Side in pixels; the global tower without one takes what the window tower's compressor left.
  int patch = 0;
};

/// What a design does with a square picture.
struct Plan {
  std::vector<Pass> passes;
  int tokens;           ///< vision tokens, without those that end rows and views
  int merged = 1;       ///< positions of the global tower in one token
  bool joined = false;  ///< a token is made of both towers' outputs
};

struct Design {
  const char* name;
  const char* source;  ///< of the number of tokens
  Plan (*plan)(int side);
};

std::span<const Design> encoder_designs();

/// The tiles that InternVL's and DeepSeek-OCR's dynamic tiling cut a square picture into: the
/// largest square number of which the picture has more than half the pixels.
int square_tiles(int side, int tile_side, int min_tiles, int max_tiles);
/// Patches of 28 x 28 pixels on a side after Qwen2-VL's `smart_resize` of a square picture.
int qwen_patches(int side);

/// Floating-point operations of all products, two for a multiplication with its addition. Norms,
/// activations and softmax are left out.
double flops_of(const Plan& plan, const EncoderSizes& sizes);

/// The most that a layer holds at once, in bytes of bfloat16, when attention keeps no scores: the
/// residual stream beside either queries, keys, values, relative positions and result, or the
/// normed input and the hidden layer.
double activation_bytes(const Plan& plan, const EncoderSizes& sizes);

/// One layer's attention scores in bfloat16, for programs that keep them.
double score_bytes(const Plan& plan, const EncoderSizes& sizes);

}  // namespace fovea::bench
