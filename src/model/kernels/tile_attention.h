#pragma once

#include <cstdint>
#include <vector>

#include "model/kernels/softmax.h"

namespace fovea {

/// Keys and values of one attention head, laid out for products on a CPU (see tile_product.h).
/// Const and thread-safe after construction.
class HeadPanels {
 public:
  /// `keys`, `values`: the first of `count` vectors of `dim` floats, `stride` apart.
  HeadPanels(const float* keys, const float* values, std::int64_t stride, std::int64_t count,
             std::int64_t dim);

  /// softmax(q k^T / sqrt(dim) + bias) v for some queries, on the calling thread. `q`: vectors
  /// `stride` apart; `bias`: the first query's, the others' follow; `out`: `out_stride` apart.
  void attend(const float* q, std::int64_t stride, std::int64_t queries, BiasValues bias,
              float* out, std::int64_t out_stride) const;

 private:
  std::int64_t count_, dim_;
  std::vector<float> keys_, values_;  // panels of [dim, count] and of [count, dim]
};

}  // namespace fovea
