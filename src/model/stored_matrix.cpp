#include "model/stored_matrix.h"

#include <algorithm>

#include <ATen/ATen.h>

namespace fovea {

at::Tensor StoredMatrix::dense() const {
  return is_int8() ? values.to(at::kFloat).mul_(scales.unsqueeze(1)) : values;
}

StoredMatrix stacked(const std::vector<StoredMatrix>& parts) {
  const bool int8 = std::all_of(parts.begin(), parts.end(),
                                [](const StoredMatrix& part) { return part.is_int8(); });
  std::vector<at::Tensor> values, scales;
  for (const StoredMatrix& part : parts) {
    values.push_back(int8 ? part.values : part.dense());
    if (int8) scales.push_back(part.scales);
  }
  return {at::cat(values), int8 ? at::cat(scales) : at::Tensor()};
}

}  // namespace fovea
