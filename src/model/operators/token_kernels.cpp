#include "model/operators/token_kernels.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/silu.h>

#include "model/kernels/bf16.h"
#include "model/kernels/exponential.h"
#include "model/kernels/lanes.h"
#include "model/operators/fused_operators.h"

namespace fovea {
namespace {

constexpr std::int64_t kGrain = 1 << 14;  // values that are worth a thread

[[gnu::always_inline]] inline float value_of(float value) { return value; }
[[gnu::always_inline]] inline float value_of(std::uint16_t value) { return widened(value); }

[[gnu::always_inline]] inline void put(float value, float& to) { to = value; }
[[gnu::always_inline]] inline void put(float value, std::uint16_t& to) { to = rounded(value); }

/// In two loops: in one, compilers divide twice, for clamped exponents too.
template <typename T>
[[gnu::always_inline]] inline void gate_values(const T* gate, const T* up, std::int64_t n, T* out) {
  constexpr std::int64_t kAtOnce = 256;
  float divisor[kAtOnce];
  for (std::int64_t first = 0; first < n; first += kAtOnce) {
    const auto count = std::min(kAtOnce, n - first);
    const T *some_gates = gate + first, *some_ups = up + first;
    T* to = out + first;
#pragma omp simd
    for (std::int64_t i = 0; i < count; ++i) divisor[i] = 1 + exponential(-value_of(some_gates[i]));
#pragma omp simd
    for (std::int64_t i = 0; i < count; ++i)
      put(value_of(some_gates[i]) / divisor[i] * value_of(some_ups[i]), to[i]);
  }
}

void norm_row(const float* x, const float* weight, std::int64_t d, float epsilon, float* out) {
  widest([=]() __attribute__((always_inline)) {
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (std::int64_t i = 0; i < d; ++i) sum += x[i] * x[i];
    const float scale = 1 / std::sqrt(sum / static_cast<float>(d) + epsilon);
    for (std::int64_t i = 0; i < d; ++i) out[i] = x[i] * scale * weight[i];
  });
}

/// `T`: float, or the upper half of one.
template <typename T>
void gate_row(const T* gate, const T* up, std::int64_t n, T* out) {
  widest([=]() __attribute__((always_inline)) { gate_values(gate, up, n, out); });
}

void set_row(const float* row, float weight, std::int64_t d, float* out) {
  widest([=]() __attribute__((always_inline)) {
    for (std::int64_t i = 0; i < d; ++i) out[i] = weight * row[i];
  });
}

void add_row(const float* row, float weight, std::int64_t d, float* out) {
  widest([=]() __attribute__((always_inline)) {
    for (std::int64_t i = 0; i < d; ++i) out[i] += weight * row[i];
  });
}

/// Calls f(i) for every row of `width` values, on all threads.
template <typename F>
void for_each_row(std::int64_t rows, std::int64_t width, const F& f) {
  at::parallel_for(0, rows, std::max<std::int64_t>(1, kGrain / width),
                   [&](std::int64_t begin, std::int64_t end) {
    for (auto i = begin; i < end; ++i) f(i);
  });
}

template <typename T>
void gate_rows(const at::Tensor& gate_up, at::Tensor& out) {
  const auto* from = static_cast<const T*>(gate_up.data_ptr());
  auto* to = static_cast<T*>(out.data_ptr());
  const auto hidden = out.size(1);
  for_each_row(out.size(0), hidden, [&](std::int64_t i) {
    gate_row(from + 2 * i * hidden, from + (2 * i + 1) * hidden, hidden, to + i * hidden);
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
    norm_row(from.data_ptr<float>() + i * d, weight.data_ptr<float>(), d,
             static_cast<float>(epsilon), out.data_ptr<float>() + i * d);
  });
  return out;
}

at::Tensor gated(const at::Tensor& gate_up) {
  const auto hidden = gate_up.size(-1) / 2;
  const auto type = gate_up.scalar_type();
  if (!gate_up.is_cpu() || (type != at::kFloat && type != at::kBFloat16))
    return at::silu(gate_up.narrow(-1, 0, hidden)).mul_(gate_up.narrow(-1, hidden, hidden));
  const auto from = gate_up.contiguous();
  auto out = at::empty({gate_up.numel() / (2 * hidden), hidden}, gate_up.options());
  type == at::kFloat ? gate_rows<float>(from, out) : gate_rows<std::uint16_t>(from, out);
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
    auto* to = out.data_ptr<float>() + t * d;
    set_row(all[places[t * k]], factors[t * k], d, to);
    for (auto j = t * k + 1; j < (t + 1) * k; ++j) add_row(all[places[j]], factors[j], d, to);
  });
  return out;
}

}  // namespace fovea
