#include "model/reading/row_inputs.h"

#include <algorithm>

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/tensor.h>

namespace fovea {

RowInputs::RowInputs(const at::Tensor& features, const Grid& grid, const Cursor& cursor,
                     const Linear& glimpse, const Decoder& decoder)
    : grid_(grid),
      glimpse_(glimpse),
      decoder_(decoder),
      columns_(cursor.of_columns(grid)),
      rows_(cursor.of_rows(grid)) {
  const auto e = features.size(1), ahead = glimpse.in() / e;
  stride_ = grid.columns + ahead;
  const auto by_row = features.view({-1, grid.columns, e});
  // One row more at the end, so that the last cells' windows lie inside.
  const auto padded = at::constant_pad_nd(by_row, {0, 0, 0, ahead, 0, 1}).to(glimpse.type());
  windows_ = padded.as_strided({by_row.size(0) * stride_, ahead * e}, {e, 1});
}

at::Tensor RowInputs::embed(const std::vector<RowToken>& tokens) const {
  std::vector<std::int64_t> ids, rows, columns, windows;
  for (const RowToken& token : tokens) {
    const int column = std::min(token.cells, grid_.columns);
    ids.push_back(token.id);
    rows.push_back(token.row % grid_.rows);
    columns.push_back(column);
    windows.push_back(token.row * stride_ + column);
  }
  const auto on_device = [&](const std::vector<std::int64_t>& index) {
    return at::tensor(index).to(windows_.device());
  };
  auto x = decoder_.embed(on_device(ids));  // [n, d]
  x = x + columns_.index_select(0, on_device(columns));
  x.add_(rows_.index_select(0, on_device(rows)));
  return x.add_(glimpse_(windows_.index_select(0, on_device(windows))));
}

}  // namespace fovea
