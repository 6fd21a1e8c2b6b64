#pragma once

#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>

#include "fovea/level.h"
#include "model/decoder.h"
#include "model/layers.h"
#include "model/reading/cursor.h"

namespace fovea {

/// A token of a row on its way into the decoder.
struct RowToken {
  int id;
  int row;
  int cells;  ///< read before the token that follows it: where the cursor stands
};

/// What the rows of pages put into the decoder: a token's embedding, the place of the next cell, and
/// the glimpse, the glyph reader's features of the next cells. Const after construction.
class RowInputs {
 public:
  /// `features`: [B * rows * columns, e] float32 from the glyph reader, page after page; rows are
  /// numbered through them. `glimpse`: the linear map of the features of some cells to [d].
  RowInputs(const at::Tensor& features, const Grid& grid, const Cursor& cursor,
            const Linear& glimpse, const Decoder& decoder);

  /// Returns float32 [n, d].
  at::Tensor embed(const std::vector<RowToken>& tokens) const;

 private:
  Grid grid_;
  const Linear& glimpse_;
  const Decoder& decoder_;
  at::Tensor columns_;   // [columns + 1, d] cursor
  at::Tensor rows_;      // [rows, d] cursor
  at::Tensor windows_;   // [B * rows * stride, cells * e]: what is ahead of each cell, overlapping
  std::int64_t stride_;  // cells kept a row, with blank ones at its end
};

}  // namespace fovea
