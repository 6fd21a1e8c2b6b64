// Attention with relative positions, each way against the whole score matrix in float64.
#include "tests/model/torch_and_doctest.h"

#include <cmath>

#include "model/attention.h"
#include "model/kernels/tile_attention.h"
#include "model/placement.h"

namespace {

using fovea::AxisBias;

constexpr std::int64_t kBatch = 2, kHeads = 3, kDim = 16;

/// [Z, N, head_dim] float64, q, k, v: [Z, N, head_dim].
at::Tensor expected(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                    const AxisBias& bias) {
  auto scores = at::bmm(q.to(at::kDouble), k.to(at::kDouble).transpose(1, 2)) /
                std::sqrt(static_cast<double>(kDim));
  if (bias.is_there())
    scores = scores + (bias.rows.unsqueeze(3) + bias.columns.unsqueeze(2)).flatten(2);
  return at::bmm(at::softmax(scores, -1), v.to(at::kDouble));
}

AxisBias random_bias(std::int64_t side) {
  const auto make = [&] { return at::randn({kBatch * kHeads, side * side, side}); };
  return {make(), make()};
}

at::Tensor random_qkv(std::int64_t places) {
  return at::randn({kBatch, places, 3 * kHeads * kDim});
}

/// [3, Z, N, head_dim].
at::Tensor parts_of(const at::Tensor& qkv) {
  return qkv.view({kBatch, qkv.size(1), 3, kHeads, kDim})
      .permute({2, 0, 3, 1, 4})
      .reshape({3, kBatch * kHeads, qkv.size(1), kDim});
}

float largest(const at::Tensor& x) { return x.abs().max().item<float>(); }

}  // namespace

TEST_CASE("attention: rows' and columns' bias is added to every score") {
  at::manual_seed(1);
  for (const std::int64_t side : {3, 14, 33}) {
    const auto qkv = random_qkv(side * side);
    const auto parts = parts_of(qkv);
    CHECK(largest(fovea::queries_of(qkv, kHeads).flatten(0, 1) - parts[0]) == 0);
    for (const auto& bias : {AxisBias{}, random_bias(side)}) {
      const auto all = expected(parts[0], parts[1], parts[2], bias);
      const auto found =
          parts_of(fovea::self_attention(qkv, kHeads, {}, bias).repeat({1, 1, 3}))[0];
      CHECK(largest(found - all) < 1e-4f);
    }
  }
}

TEST_CASE("attention: bfloat16 is as near as bfloat16 can be") {
  if (!fovea::multiplies_bf16(at::kCPU)) return;
  at::manual_seed(2);
  for (const std::int64_t side : {3, 14, 40}) {
    const auto qkv = random_qkv(side * side).to(at::kBFloat16);
    const auto parts = parts_of(qkv);
    for (const auto& bias : {AxisBias{}, random_bias(side)}) {
      const auto all = expected(parts[0], parts[1], parts[2], bias);
      const auto out = fovea::self_attention(qkv, kHeads, {}, bias);
      const auto found = parts_of(out.repeat({1, 1, 3}))[0];
      CHECK(((found - all).norm() / all.norm()).item<float>() < 0.01f);
    }
  }
}

TEST_CASE("attention: one head's panels take a bias too") {
  at::manual_seed(3);
  constexpr std::int64_t kSide = 9, kPlaces = kSide * kSide, kFirst = 5;
  const auto q = at::randn({1, kPlaces, kDim}), k = at::randn({1, kPlaces, kDim}),
             v = at::randn({1, kPlaces, kDim});
  const AxisBias bias{at::randn({1, kPlaces, kSide}), at::randn({1, kPlaces, kSide})};
  const fovea::HeadPanels panels(k.data_ptr<float>(), v.data_ptr<float>(), kDim, kPlaces, kDim);
  auto found = at::empty({kPlaces - kFirst, kDim});
  panels.attend(q.data_ptr<float>() + kFirst * kDim, kDim, kPlaces - kFirst,
                fovea::values_of(bias, 0, kFirst), found.data_ptr<float>(), kDim);
  CHECK(largest(found - expected(q, k, v, bias)[0].narrow(0, kFirst, kPlaces - kFirst)) < 1e-4f);
}
