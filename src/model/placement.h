#pragma once

#include "fovea/codec.h"
#include "model/operators/backend.h"

namespace fovea {

/// Whether products of bfloat16 there have float32 sums: on a GPU, and on a CPU with AVX-512, where
/// they are oneDNN's. On other CPUs libtorch 1.13 adds up in bfloat16, and is percents off.
bool multiplies_bf16(at::Device device);

/// Device and type of the large products that the options ask for; also sets libtorch's number of
/// threads. Throws Error(invalid_argument) for options that mean nothing, Error(unsupported) for a
/// device that this libtorch does not have.
Placement placement_of(const CodecOptions& options);

}  // namespace fovea
