#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include <ATen/core/Tensor.h>

namespace fovea {

/// Work of a GPU recorded once and replayed: launching the hundreds of small
/// kernels of a decoding step one by one takes longer than running them. Not thread-safe.
class CudaGraph {
 public:
  /// Whether the device can record all that a step does. Only builds against a CUDA libtorch that
  /// has grouped products, and GPUs from Hopper on, which run them without asking the CPU.
  static bool possible(at::Device device);

  /// Runs `work` once to warm up, then records it. It must read its inputs from tensors that
  /// outlive the recording, and never wait for the GPU.
  CudaGraph(at::Device device, const std::function<at::Tensor()>& work);
  ~CudaGraph();

  /// Does the work again with what now stands in its inputs. The result is overwritten next time.
  const at::Tensor& replay();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fovea
