#include "model/operators/device_memory.h"

#if defined(FOVEA_CUDA)
#include <ATen/cuda/CUDAContext.h>
#endif

namespace fovea {

std::int64_t device_memory([[maybe_unused]] at::Device device) {
#if defined(FOVEA_CUDA)
  if (device.is_cuda())
    return static_cast<std::int64_t>(at::cuda::getDeviceProperties(device.index())->totalGlobalMem);
#endif
  return 0;
}

}  // namespace fovea
