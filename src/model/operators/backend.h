#pragma once

#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

namespace fovea {

/// Who multiplies.
enum class Backend {
  libtorch,  ///< on CPUs without AVX2
  tiles,     ///< our own products of int8 (tile_product.h), oneDNN's of the rest
  cuda,      ///< libtorch, on a GPU
};

/// The best one for a device here.
Backend backend_of(at::Device device);

/// Where a model's weights live and in what type its large products run.
struct Placement {
  at::Device device = at::kCPU;
  at::ScalarType compute = at::kFloat;  ///< kFloat or kBFloat16
  bool int8 = false;                    ///< the decoder's matrices, on a CPU
  bool two_digits = false;  ///< of the inputs of int8 products (int8_digits.h); all: as float32
  Backend backend = backend_of(device);

  bool has_tiles() const { return backend == Backend::tiles; }
  /// Whether each thread best takes pieces of the work through several layers: products then run on
  /// the thread that asks for them. Otherwise every product has all threads for itself.
  bool threads_own_pieces() const { return has_tiles() && compute == at::kFloat; }
};

}  // namespace fovea
