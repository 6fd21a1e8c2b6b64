#pragma once

#include <ATen/core/Tensor.h>

#include "model/operators/backend.h"

namespace fovea {

/// y = a b. `a`: [n, k]; `b`: [k, m]; `y`: [n, m] float32 or bfloat16; fastest without gaps, though
/// `a` and `b` may be transposed in memory.
void multiply_matrices(const at::Tensor& a, const at::Tensor& b, const at::Tensor& y);

/// y = a b for each entry. `a`: [z, n, k]; `b`: [z, k, m], any strides; `y`: [z, n, m]. The rows of
/// `a` and `y` lie whole in memory.
void multiply_batches(const at::Tensor& a, const at::Tensor& b, at::Tensor y,
                      const Placement& placement);

}  // namespace fovea
