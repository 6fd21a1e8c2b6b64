#include "model/operators/backend.h"

#include "model/kernels/instructions.h"

namespace fovea {

Backend backend_of(at::Device device) {
  if (device.is_cuda()) return Backend::cuda;
  const bool tiles = device.is_cpu() && instructions() >= Instructions::avx2;
  return tiles ? Backend::tiles : Backend::libtorch;
}

}  // namespace fovea
