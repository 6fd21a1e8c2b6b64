#pragma once

#include <ATen/core/Tensor.h>

#include "model/operators/axis_bias.h"

namespace fovea {

/// Attention on a CPU that multiplies bfloat16: libtorch's products, and between them one pass of our
/// own over the scores. Every thread has tiles of queries of its own, whose scores stay in its cache.
/// `q`, `k`, `v`: [Z, N, head_dim] bfloat16, contiguous. Returns the same shape.
at::Tensor attend_in_bf16(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                          const AxisBias& bias);

}  // namespace fovea
