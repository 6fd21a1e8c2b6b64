#include "model/stored_matrix.h"

#include <algorithm>

#include <ATen/ATen.h>

namespace fovea {

std::int64_t StoredMatrix::out() const {
  if (!is_mapped()) return values.size(0);
  std::int64_t rows = 0;
  for (const at::Tensor& part : mapped) rows += part.size(0);
  return rows;
}

at::Tensor StoredMatrix::dense() const {
  if (is_mapped()) return at::cat(mapped).to(at::kFloat);
  return is_int8() ? values.to(at::kFloat).mul_(scales.unsqueeze(1)) : values;
}

StoredMatrix stacked(const std::vector<StoredMatrix>& parts) {
  if (std::all_of(parts.begin(), parts.end(),
                  [](const StoredMatrix& part) { return part.is_mapped(); })) {
    StoredMatrix all;
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
  return {at::cat(values), int8 ? at::cat(scales) : at::Tensor(), {}};
}

}  // namespace fovea
