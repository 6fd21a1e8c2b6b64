#pragma once

#include <ATen/core/Tensor.h>

#include "fovea/level.h"
#include "model/checkpoint/checkpoint.h"
#include "model/checkpoint/config.h"
#include "model/layers.h"

namespace fovea {

/// The reading cursor: tells the decoder where on the page a vector is about. One linear map serves
/// vision tokens (their centre) and text (the next cell to read). It is split into a part for x and
/// one for y, so that tables of both give every place. Const and thread-safe after construction.
class Cursor {
 public:
  /// Takes model.cursor from the checkpoint.
  Cursor(Checkpoint& checkpoint, const CursorConfig& config, std::int64_t width);

  /// For the tokens of a g x g grid, row-major: float32 [g * g, d].
  at::Tensor of_tokens(int grid) const;
  /// For columns 0 to `grid.columns`, the last one standing for a row that is full:
  /// float32 [columns + 1, d].
  at::Tensor of_columns(const Grid& grid) const;
  /// What rows add to that: float32 [rows, d].
  at::Tensor of_rows(const Grid& grid) const;

 private:
  at::Tensor along(const Linear& map, const at::Tensor& places) const;

  CursorConfig config_;
  Linear y_, x_;  // [d, features / 2] float32; y's has the bias
};

}  // namespace fovea
