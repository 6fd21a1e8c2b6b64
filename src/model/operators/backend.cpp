#include "model/operators/backend.h"

#include "model/kernels/instructions.h"

namespace fovea {

Backend backend_of(at::Device device) {
  if (device.is_cuda()) return Backend::cuda;
  if (!device.is_cpu() || instructions() < Instructions::avx2) return Backend::libtorch;
  return instructions() >= Instructions::amx ? Backend::amx : Backend::tiles;
}

}  // namespace fovea
