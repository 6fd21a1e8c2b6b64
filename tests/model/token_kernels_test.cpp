#include "model/operators/token_kernels.h"

#include "tests/model/torch_and_doctest.h"

#include <ATen/ATen.h>

namespace {

float share_off(const at::Tensor& expected, const at::Tensor& found) {
  REQUIRE(found.sizes() == expected.sizes());
  return ((found.to(at::kFloat) - expected).norm() / expected.norm()).item<float>();
}

}  // namespace

TEST_CASE("token kernels: RMS norm is that of its definition") {
  at::manual_seed(11);
  const auto x = at::randn({7, 3, 65}), weight = at::randn({65});
  const auto expected = x * (x.square().mean(-1, true) + 1e-6).rsqrt() * weight;
  CHECK(share_off(expected, fovea::rms_norm(x, weight, 1e-6)) < 1e-6f);
}

TEST_CASE("token kernels: SwiGLU of any width, far from zero too") {
  at::manual_seed(12);
  for (const std::int64_t hidden : {1, 16, 300, 896}) {
    CAPTURE(hidden);
    const auto gate_up = at::randn({5, 2 * hidden}) * 30;
    const auto expected = at::silu(gate_up.narrow(1, 0, hidden)) * gate_up.narrow(1, hidden, hidden);
    CHECK(share_off(expected, fovea::swiglu(gate_up)) < 1e-5f);
    const auto halves = fovea::swiglu(gate_up.to(at::kBFloat16));
    CHECK((halves.scalar_type() == at::kBFloat16));
    CHECK(share_off(expected, halves) < 0.01f);
  }
}

TEST_CASE("token kernels: a token's rows come from any of the tensors") {
  at::manual_seed(13);
  const auto first = at::randn({2, 33}), none = at::empty({0, 33}), second = at::randn({4, 33});
  const auto place = at::tensor({5, 0, 2, 1, 3, 4}, at::kLong).view({3, 2});
  const auto weights = at::rand({3, 2});
  const auto all = at::cat({first, second}).index_select(0, place.flatten()).view({3, 2, 33});
  CHECK(share_off((all * weights.unsqueeze(2)).sum(1),
                  fovea::weighted_sums({first, none, second}, place, weights)) < 1e-6f);
}
