#include "model/operators/activation.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/sigmoid.h>

#include "model/kernels/activations.h"

namespace fovea {
namespace {

constexpr std::int64_t kValuesAThread = 1 << 14;  // values that are worth a thread

}  // namespace

at::Tensor activated(at::Tensor x, Activation activation) {
  if (activation == Activation::none) return x;
  if (!x.is_cpu() || x.scalar_type() != at::kFloat || !x.is_contiguous())
    return activation == Activation::gelu ? at::gelu(x) : at::sigmoid(x * 1.702).mul_(x);
  float* values = x.data_ptr<float>();
  const auto row = activation == Activation::gelu ? gelu_row : quick_gelu_row;
  at::parallel_for(0, x.numel(), kValuesAThread, [&](std::int64_t begin, std::int64_t end) {
    row(values + begin, end - begin, values + begin);
  });
  return x;
}

}  // namespace fovea
