#include "model/encoder.h"

#include <string>

#include <ATen/core/Tensor.h>
#include <ATen/ops/cat.h>
#include <c10/core/InferenceMode.h>

#include "fovea/error.h"
#include "model/clip_tower.h"
#include "model/layers.h"
#include "model/sam_tower.h"

namespace fovea {

struct DeepEncoder::Impl {
  Impl(Checkpoint& checkpoint, const ModelConfig& config)
      : channels(config.sam.channels),
        device(checkpoint.placement().device),
        sam(checkpoint, config.sam),
        clip(checkpoint, config.clip, config.sam.channels),
        projector(load_linear(checkpoint, "model.projector.layers", config.decoder.hidden,
                              config.clip.width + config.sam.downsample[1])),
        newline(checkpoint.table("model.image_newline", {config.decoder.hidden})),
        separator(checkpoint.table("model.view_seperator", {config.decoder.hidden})) {
    if (config.clip.width != config.sam.downsample[1])
      checkpoint.misfit("model.sam_model.net_3.weight",
                        std::to_string(config.clip.width) +
                            " channels, the second tower's width, by config.json",
                        std::to_string(config.sam.downsample[1]));
  }

  void check_pixels(const at::Tensor& pixels) const {
    auto fits = pixels.dim() == 4 && pixels.size(0) > 0 && pixels.size(1) == channels &&
                pixels.size(2) == pixels.size(3) && pixels.size(2) > 0 &&
                pixels.size(2) % SamTower::kOutputSide == 0;
    if (!fits)
      throw Error(ErrorCode::invalid_argument,
                  "expected pixels [B, " + std::to_string(channels) +
                      ", S, S] with S a multiple of 64, got " + to_string(pixels.sizes().vec()));
  }

  std::int64_t channels;
  at::Device device;
  SamTower sam;
  ClipTower clip;
  Linear projector;
  at::Tensor newline, separator;  // [d] float32
};

DeepEncoder::DeepEncoder(Checkpoint& checkpoint, const ModelConfig& config) {
  c10::InferenceMode inference;
  impl_ = std::make_unique<Impl>(checkpoint, config);
}
DeepEncoder::~DeepEncoder() = default;
DeepEncoder::DeepEncoder(DeepEncoder&&) noexcept = default;

at::Tensor DeepEncoder::encode(const at::Tensor& pixels, const Probe& probe) const {
  c10::InferenceMode inference;
  impl_->check_pixels(pixels);
  auto map = impl_->sam.forward(pixels.to(impl_->device, at::kFloat).contiguous(), probe);
  auto local = map.flatten(1, 2);                   // [B, n, c]
  auto global = impl_->clip.forward(local, probe);  // [B, 1 + n, c]
  if (probe) probe("clip_out", global);
  auto fused = at::cat({global.narrow(1, 1, local.size(1)), local}, -1);
  auto features = impl_->projector(fused).to(at::kFloat);  // [B, n, d]
  if (probe) probe("projector", features);
  return features;
}

const at::Tensor& DeepEncoder::image_newline() const { return impl_->newline; }
const at::Tensor& DeepEncoder::view_separator() const { return impl_->separator; }

namespace {

/// `grid`: [B, rows, columns, d]. Returns [B, rows * (columns + 1), d], a newline after each row.
at::Tensor with_newlines(const DeepEncoder& encoder, const at::Tensor& grid) {
  auto newlines = encoder.image_newline().expand({grid.size(0), grid.size(1), 1, grid.size(3)});
  return at::cat({grid, newlines}, 2).flatten(1, 2);
}

/// [B, g*g, d] -> [B, g, g, d].
at::Tensor as_squares(const at::Tensor& features) {
  std::int64_t side = 1;
  while (side * side < features.size(1)) ++side;
  return features.view({features.size(0), side, side, features.size(2)});
}

}  // namespace

at::Tensor arrange_views(const DeepEncoder& encoder, const at::Tensor& features) {
  c10::InferenceMode inference;
  auto separators = encoder.view_separator().expand({features.size(0), 1, features.size(2)});
  return at::cat({with_newlines(encoder, as_squares(features)), separators}, 1);
}

at::Tensor arrange_view(const DeepEncoder& encoder, const at::Tensor& features) {
  return arrange_views(encoder, features.unsqueeze(0)).squeeze(0);
}

at::Tensor arrange_tiles(const DeepEncoder& encoder, const at::Tensor& tiles, int columns, int rows,
                         const at::Tensor& global) {
  c10::InferenceMode inference;
  auto side = as_squares(tiles).size(1), d = tiles.size(2);
  auto raster = tiles.view({rows, columns, side, side, d})
                    .permute({0, 2, 1, 3, 4})
                    .reshape({rows * side, columns * side, d});
  return at::cat(
      {with_newlines(encoder, raster.unsqueeze(0)).squeeze(0), arrange_view(encoder, global)});
}

}  // namespace fovea
