#pragma once

#include <vector>

#include <ATen/core/Tensor.h>

namespace fovea {

// What stands between a decoder's products, in one pass over the tokens on all threads of a CPU:
// libtorch takes a pass and a new tensor for every operation. Elsewhere libtorch's operations.

/// x / sqrt(mean(x^2) + epsilon) * weight over the last dimension. `x`: [..., d] float32; `weight`:
/// [d] float32.
at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight, double epsilon);

/// SwiGLU: silu(left half) * right half. `gate_up`: [n, 2 * hidden], float32 or bfloat16.
/// Returns [n, hidden] of its type.
at::Tensor swiglu(const at::Tensor& gate_up);

/// For every token the sum of some rows, each times its weight. `rows`: tensors [n, d] float32, taken
/// as one below the other; `place`: [N, k] int64, which of them; `weights`: [N, k] float32.
/// Returns [N, d] float32.
at::Tensor weighted_sums(const std::vector<at::Tensor>& rows, const at::Tensor& place,
                         const at::Tensor& weights);

}  // namespace fovea
