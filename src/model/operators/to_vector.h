#pragma once

#include <vector>

#include <ATen/core/Tensor.h>

namespace fovea {

/// A tensor's values on the CPU.
template <typename T>
std::vector<T> to_vector(const at::Tensor& tensor) {
  const auto on_cpu = tensor.cpu().contiguous();
  return {on_cpu.data_ptr<T>(), on_cpu.data_ptr<T>() + on_cpu.numel()};
}

}  // namespace fovea
