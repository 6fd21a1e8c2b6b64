#include "model/operators/stored_matrix.h"

#include <algorithm>

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/round.h>

namespace fovea {
namespace {

constexpr std::int64_t kRowsWidened = 1024;  // whose floats are a few megabytes

}  // namespace

std::int64_t StoredMatrix::out() const {
  if (!is_mapped()) return values.size(0);
  std::int64_t rows = 0;
  for (const at::Tensor& part : mapped) rows += part.size(0);
  return rows;
}

at::Tensor StoredMatrix::dense() const {
  if (is_mapped()) return at::cat(mapped).to(product_type);
  return is_int8() ? values.to(at::kFloat).mul_(scales.unsqueeze(1)).to(product_type) : values;
}

StoredMatrix stacked(const std::vector<StoredMatrix>& parts) {
  if (std::all_of(parts.begin(), parts.end(),
                  [](const StoredMatrix& part) { return part.is_mapped(); })) {
    StoredMatrix all;
    all.product_type = parts[0].product_type;
    for (const StoredMatrix& part : parts)
      all.mapped.insert(all.mapped.end(), part.mapped.begin(), part.mapped.end());
    return all;
  }
  const bool int8 = std::all_of(parts.begin(), parts.end(),
                                [](const StoredMatrix& part) { return part.is_int8(); });
  std::vector<at::Tensor> values, scales;
  for (const StoredMatrix& part : parts) {
    values.push_back(int8 ? part.values : part.dense());
    if (int8) scales.push_back(part.scales);
  }
  return {at::cat(values), int8 ? at::cat(scales) : at::Tensor(), {}, parts[0].product_type};
}

StoredMatrix quantised(const at::Tensor& values, at::ScalarType product_type) {
  const auto out = values.size(0);
  StoredMatrix matrix{at::empty(values.sizes(), at::kChar), at::empty({out}, at::kFloat), {},
                      product_type};
  for (std::int64_t first = 0; first < out; first += kRowsWidened) {
    const auto count = std::min(kRowsWidened, out - first);
    const auto rows = values.narrow(0, first, count).to(at::kFloat);
    const auto scale = rows.abs().amax(1).clamp_min_(1e-30).div_(127);  // [count]
    matrix.values.narrow(0, first, count).copy_(at::round(rows / scale.unsqueeze(1)));
    matrix.scales.narrow(0, first, count).copy_(scale);
  }
  return matrix;
}

}  // namespace fovea
