#include "model/operators/token_kernels.h"

#include <algorithm>
#include <cstdint>

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/silu.h>

#include "model/kernels/token_loops.h"
#include "model/operators/fused_operators.h"

namespace fovea {
namespace {

constexpr std::int64_t kValuesAThread = 1 << 14;  // values that are worth a thread

/// Calls f(i) for every row of `width` values, on all threads.
template <typename F>
void for_each_row(std::int64_t rows, std::int64_t width, const F& f) {
  at::parallel_for(0, rows, std::max<std::int64_t>(1, kValuesAThread / width),
                   [&](std::int64_t begin, std::int64_t end) {
                     for (auto i = begin; i < end; ++i) f(i);
                   });
}

template <typename T>
void swiglu_rows(const at::Tensor& gate_up, at::Tensor& out) {
  const auto* from = static_cast<const T*>(gate_up.data_ptr());
  auto* to = static_cast<T*>(out.data_ptr());
  const auto hidden = out.size(1);
  for_each_row(out.size(0), hidden, [&](std::int64_t i) {
    swiglu_row(from + 2 * i * hidden, from + (2 * i + 1) * hidden, hidden, to + i * hidden);
  });
}

}  // namespace

at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight, double epsilon) {
  if (auto normed = fused_rms_norm(x, weight, epsilon)) return *normed;
  if (!x.is_cpu()) {
    auto scale = x.square().mean(-1, /*keepdim=*/true).add_(epsilon).rsqrt_();
    return (x * scale).mul_(weight);
  }
  const auto from = x.contiguous();
  auto out = at::empty(x.sizes(), x.options());
  const auto d = weight.size(0);
  for_each_row(x.numel() / d, d, [&](std::int64_t i) {
    rms_norm_row(from.data_ptr<float>() + i * d, weight.data_ptr<float>(), d,
                 static_cast<float>(epsilon), out.data_ptr<float>() + i * d);
  });
  return out;
}

at::Tensor swiglu(const at::Tensor& gate_up) {
  const auto hidden = gate_up.size(-1) / 2;
  const auto type = gate_up.scalar_type();
  if (!gate_up.is_cpu() || (type != at::kFloat && type != at::kBFloat16))
    return at::silu(gate_up.narrow(-1, 0, hidden)).mul_(gate_up.narrow(-1, hidden, hidden));
  const auto from = gate_up.contiguous();
  auto out = at::empty({gate_up.numel() / (2 * hidden), hidden}, gate_up.options());
  type == at::kFloat ? swiglu_rows<float>(from, out) : swiglu_rows<std::uint16_t>(from, out);
  return out;
}

at::Tensor weighted_sums(const std::vector<at::Tensor>& rows, const at::Tensor& place,
                         const at::Tensor& weights) {
  const auto tokens = place.size(0), k = place.size(1), d = rows[0].size(1);
  if (!place.is_cpu()) {
    auto by_token = at::cat(rows).index_select(0, place.flatten()).view({tokens, k, d});
    return (by_token * weights.unsqueeze(-1)).sum(1);
  }
  std::vector<const float*> all;
  for (const at::Tensor& some : rows) {
    for (std::int64_t i = 0; i < some.size(0); ++i) all.push_back(some.data_ptr<float>() + i * d);
  }
  const auto where = place.contiguous(), much = weights.contiguous();
  const auto* places = where.data_ptr<std::int64_t>();
  const auto* factors = much.data_ptr<float>();
  auto out = at::empty({tokens, d}, weights.options());
  for_each_row(tokens, k * d, [&](std::int64_t t) {
    thread_local std::vector<const float*> own;
    own.clear();
    for (auto j = t * k; j < (t + 1) * k; ++j) own.push_back(all[places[j]]);
    sum_scattered_rows(own.data(), factors + t * k, k, d, out.data_ptr<float>() + t * d);
  });
  return out;
}

}  // namespace fovea
