#include "model/clip_tower.h"

#include <cmath>
#include <string>

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/cat.h>

#include "model/attention.h"

namespace fovea {
namespace {

constexpr double kClipEpsilon = 1e-5;
const std::string kClipPrefix = "model.vision_model.";

std::int64_t square_root(std::int64_t n) {
  return static_cast<std::int64_t>(std::lround(std::sqrt(static_cast<double>(n))));
}

}  // namespace

ClipTower::ClipTower(Checkpoint& checkpoint, const ClipConfig& config, int picture_channels)
    : placement_(checkpoint.placement()), heads_(config.heads), layers_(config.layers) {
  auto width = config.width;
  auto embeddings = kClipPrefix + "embeddings.";
  class_token_ = checkpoint.table(embeddings + "class_embedding", {width});
  auto table = embeddings + "position_embedding.weight";
  auto rows = checkpoint.shape(table, 2)[0];
  auto side = square_root(rows - 1);
  if (rows < 2 || side * side + 1 != rows)
    checkpoint.misfit(table, "1 + a square number of rows", std::to_string(rows));
  positions_ = checkpoint.table(table, {rows, width});
  auto unused = embeddings + "patch_embedding.weight";
  if (checkpoint.has(unused)) {
    auto patch = checkpoint.shape(unused, 4)[2];
    checkpoint.skip(unused, {width, picture_channels, patch, patch});
  }
  pre_norm_ = load_layer_norm(checkpoint, kClipPrefix + "pre_layrnorm", width, kClipEpsilon);
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    auto name = kClipPrefix + "transformer.layers." + std::to_string(i) + ".";
    auto hidden = checkpoint.shape(name + "mlp.fc1.weight", 2)[0];
    auto& layer = layers_[i];
    layer.norm1 = load_layer_norm(checkpoint, name + "layer_norm1", width, kClipEpsilon);
    layer.norm2 = load_layer_norm(checkpoint, name + "layer_norm2", width, kClipEpsilon);
    layer.qkv = load_linear(checkpoint, name + "self_attn.qkv_proj", 3 * width, width);
    layer.out = load_linear(checkpoint, name + "self_attn.out_proj", width, width);
    layer.fc1 = load_linear(checkpoint, name + "mlp.fc1", hidden, width);
    layer.fc2 = load_linear(checkpoint, name + "mlp.fc2", width, hidden);
  }
}

at::Tensor ClipTower::positions(std::int64_t side) const {
  return positions_of_.get(side, [&] { return resize_tokens(positions_, side); });
}

at::Tensor ClipTower::forward(const at::Tensor& features, const Probe& probe) const {
  auto b = features.size(0), n = features.size(1), width = features.size(2);
  auto x = at::cat({class_token_.expand({b, 1, width}), features}, 1);  // [B, 1 + n, width]
  x = pre_norm_(x + positions(square_root(n)));
  if (probe) probe("clip_pre_layernorm", x);
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    auto& layer = layers_[i];
    layer.out.add_to(x, self_attention(layer.qkv(layer.norm1(x)), heads_, placement_));
    layer.fc2.add_to(x, layer.fc1.activated(layer.norm2(x), Activation::quick_gelu));
    if (probe) probe("clip_layer" + std::to_string(i), x);
  }
  return x;
}

}  // namespace fovea
