#pragma once

#include "fovea/codec.h"
#include "model/checkpoint.h"

namespace fovea {

/// Device and type of the large products that the options ask for; also sets libtorch's number of
/// threads. Throws Error(invalid_argument) for options that mean nothing, Error(unsupported) for a
/// device that this libtorch does not have.
Placement placement_of(const CodecOptions& options);

}  // namespace fovea
