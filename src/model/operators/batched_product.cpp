#include "model/operators/batched_product.h"

#include <vector>

#include <ATen/core/Tensor.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/matmul.h>

#include "model/kernels/tile_product.h"
#include "model/operators/in_pieces.h"
#include "model/operators/one_dnn.h"

namespace fovea {

void multiply_matrices(const at::Tensor& a, const at::Tensor& b, const at::Tensor& y) {
  if (!multiply_with_one_dnn(a, b, y)) y.copy_(at::matmul(a, b));
}

void multiply_batches(const at::Tensor& a, const at::Tensor& b, at::Tensor y,
                      const Placement& placement) {
  if (!placement.has_tiles() || a.scalar_type() != at::kFloat) {
    y.copy_(at::bmm(a, b));
    return;
  }
  const auto rows = a.size(1), depth = a.size(2), columns = b.size(2);
  in_pieces(a.size(0), 8, [&](std::int64_t begin, std::int64_t end) {
    std::vector<float> panels(panels_size(depth, columns));
    for (auto z = begin; z < end; ++z) {
      pack_panels(b.data_ptr<float>() + z * b.stride(0), b.stride(1), b.stride(2), depth, columns,
                  panels.data());
      multiply_panels(a.data_ptr<float>() + z * a.stride(0), a.stride(1), rows, depth,
                      panels.data(), columns, y.data_ptr<float>() + z * y.stride(0), y.stride(1));
    }
  });
}

}  // namespace fovea
