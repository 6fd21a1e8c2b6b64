#pragma once

#include <cstdint>

#include <c10/core/Device.h>

namespace fovea {

/// Bytes of memory that a GPU has; 0 for a CPU.
std::int64_t device_memory(at::Device device);

}  // namespace fovea
