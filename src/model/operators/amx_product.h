#pragma once

#include <cstdint>
#include <span>

#include <ATen/core/Tensor.h>

namespace fovea {

/// Whether multiply_amx() works here with rows of `in` values: a CPU with AMX for bfloat16, a system
/// that lets this process use it, and rows of whole steps.
bool suits_amx(std::int64_t in);

/// x W^T + b on all threads. `parts`: matrices [outs, in] above each other that make W, bfloat16,
/// contiguous: read where they lie, which may be a mapped file. `x`: [..., in] bfloat16. `bias`:
/// [sum of outs] float32, contiguous, or undefined. Returns [..., sum of outs] of type `wanted`,
/// bfloat16 or float32.
at::Tensor multiply_amx(std::span<const at::Tensor> parts, const at::Tensor& x,
                        const at::Tensor& bias, at::ScalarType wanted = at::kBFloat16);

}  // namespace fovea
