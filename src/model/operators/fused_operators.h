#pragma once

#include <optional>

#include <ATen/core/Tensor.h>

namespace fovea {

// GPU operators that newer libtorch versions have; on others, and where the operands do not suit,
// the answer is nothing and the caller goes the long way.

/// Whether there are products of groups whose sizes only the GPU knows.
bool has_grouped_products();

/// Rows of `x` times the matrix of their group. `x`: [n, in] bfloat16, group after group;
/// `matrices`: [groups, out, in] bfloat16; `ends`: [groups] int32, the row behind each group's last.
/// Returns [n, out]. Only where `has_grouped_products`.
at::Tensor multiply_device_groups(const at::Tensor& x, const at::Tensor& matrices,
                                  const at::Tensor& ends);

/// x W^T in float32, not rounded to the operands' type. `x`: [n, in], `matrix`: [out, in], both
/// bfloat16.
std::optional<at::Tensor> multiply_to_float(const at::Tensor& x, const at::Tensor& matrix);

/// softmax(scale q k^T) v without the scores ever being stored. `q`, `k`, `v`: [B, heads, N, dim]
/// bfloat16, dim a multiple of 8, 256 at most. `causal`: a query sees the keys up to its own place.
/// Returns [B, heads, N, dim].
std::optional<at::Tensor> flash_attention(const at::Tensor& q, const at::Tensor& k,
                                          const at::Tensor& v, double scale, bool causal = false);

/// `x`: [..., d], `weight`: [d], both float32.
std::optional<at::Tensor> fused_rms_norm(const at::Tensor& x, const at::Tensor& weight,
                                         double epsilon);

}  // namespace fovea
