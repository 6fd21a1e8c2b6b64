#pragma once

#include <ATen/core/Tensor.h>

namespace fovea {

/// What is made of a product's sums at once.
enum class Activation {
  none,
  gelu,        ///< the exact one
  quick_gelu,  ///< x sigmoid(1.702 x)
};

/// Applies it to every value, of float32 on a CPU in the memory where they are: `x` must be nobody
/// else's. Returns the result.
at::Tensor activated(at::Tensor x, Activation activation);

}  // namespace fovea
