#include "model/operators/fused_operators.h"

#include <tuple>

#include <ATen/ATen.h>

#include "fovea/error.h"

namespace fovea {

bool has_grouped_products() {
#if __has_include(<ATen/ops/_grouped_mm.h>)
  return true;
#else
  return false;
#endif
}

at::Tensor multiply_device_groups([[maybe_unused]] const at::Tensor& x,
                                  [[maybe_unused]] const at::Tensor& matrices,
                                  [[maybe_unused]] const at::Tensor& ends) {
#if __has_include(<ATen/ops/_grouped_mm.h>)
  return at::_grouped_mm(x, matrices.transpose(1, 2), ends);
#else
  throw Error(ErrorCode::unsupported, "this libtorch has no grouped products");
#endif
}

namespace {

/// A template, so that what a libtorch lacks is not looked up.
template <typename Tensor>
std::optional<at::Tensor> product_to_float(const Tensor& x, const Tensor& matrix) {
  if constexpr (requires { at::mm(x, matrix, at::kFloat); }) {
    if (x.is_cuda() && x.scalar_type() == at::kBFloat16) return at::mm(x, matrix.t(), at::kFloat);
  }
  return {};
}

}  // namespace

std::optional<at::Tensor> multiply_to_float(const at::Tensor& x, const at::Tensor& matrix) {
  return product_to_float(x, matrix);
}

std::optional<at::Tensor> flash_attention([[maybe_unused]] const at::Tensor& q,
                                          [[maybe_unused]] const at::Tensor& k,
                                          [[maybe_unused]] const at::Tensor& v,
                                          [[maybe_unused]] double scale,
                                          [[maybe_unused]] bool causal) {
#if __has_include(<ATen/ops/_scaled_dot_product_flash_attention_for_cpu.h>)  // 2.2 and later
  const auto dim = q.size(-1);
  if (q.is_cuda() && q.scalar_type() == at::kBFloat16 && dim % 8 == 0 && dim <= 256)
    return std::get<0>(at::_scaled_dot_product_flash_attention(q, k, v, 0.0, causal, false, scale));
#endif
  return {};
}

std::optional<at::Tensor> fused_rms_norm([[maybe_unused]] const at::Tensor& x,
                                         [[maybe_unused]] const at::Tensor& weight,
                                         [[maybe_unused]] double epsilon) {
#if __has_include(<ATen/ops/_fused_rms_norm.h>)
  if (x.is_cuda()) return std::get<0>(at::_fused_rms_norm(x, weight.sizes(), weight, epsilon));
#endif
  return {};
}

}  // namespace fovea
