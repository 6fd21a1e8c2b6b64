#pragma once

#include <memory>

#include <ATen/core/Tensor.h>

#include "model/checkpoint/checkpoint.h"
#include "model/checkpoint/config.h"
#include "model/probe.h"

namespace fovea {

/// DeepEncoder: first tower, 16-fold compressor, second tower, projector, and the vectors that end
/// rows and views. Const and thread-safe after construction.
class DeepEncoder {
 public:
  /// Takes model.sam_model.*, model.vision_model.*, model.projector.*, model.image_newline and
  /// model.view_seperator from the checkpoint.
  DeepEncoder(Checkpoint& checkpoint, const ModelConfig& config);
  ~DeepEncoder();
  DeepEncoder(DeepEncoder&&) noexcept;

  /// `pixels`: [B, channels, S, S] float32, (x/255 - 0.5)/0.5; S a multiple of 64.
  /// Returns float32 [B, (S/64)^2, d], row-major positions.
  /// Throws Error(invalid_argument) when the shape is another one.
  at::Tensor encode(const at::Tensor& pixels, const Probe& probe = {}) const;

  const at::Tensor& image_newline() const;   ///< float32 [d], ends a row of vision tokens
  const at::Tensor& view_separator() const;  ///< float32 [d], ends a view

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// One view in decoder order. `features`: [g*g, d]. Returns [g*(g+1) + 1, d]: each row of g tokens
/// and a newline, then the separator.
at::Tensor arrange_view(const DeepEncoder& encoder, const at::Tensor& features);
/// The same for each of B views: [B, g*g, d] -> [B, g*(g+1) + 1, d].
at::Tensor arrange_views(const DeepEncoder& encoder, const at::Tensor& features);

/// A tiled picture ("Gundam"): the tiles stitched to one raster whose rows end in a newline, then
/// the rows of the global view, then the separator.
/// `tiles`: [columns * rows, t*t, d], row-major; `global`: [g*g, d].
at::Tensor arrange_tiles(const DeepEncoder& encoder, const at::Tensor& tiles, int columns, int rows,
                         const at::Tensor& global);

}  // namespace fovea
