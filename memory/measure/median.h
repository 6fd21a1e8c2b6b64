#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace fovea {

/// Of one value or more.
inline double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

}  // namespace fovea
