#include "model/operators/token_kernels.h"

#include "tests/model/torch_and_doctest.h"

#include <algorithm>
#include <limits>
#include <vector>

#include <ATen/ATen.h>
#include "tests/model/thread_count.h"

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

TEST_CASE("token kernels: no tokens, gaps and turned tokens") {
  at::manual_seed(14);
  const auto weight = at::rand({20}), wide = at::randn({6, 50});
  CHECK(fovea::rms_norm(at::empty({0, 20}), weight, 1e-6).sizes() == at::IntArrayRef({0, 20}));
  CHECK(fovea::swiglu(at::empty({0, 20})).sizes() == at::IntArrayRef({0, 10}));
  CHECK(fovea::weighted_sums({wide}, at::empty({0, 2}, at::kLong), at::empty({0, 2})).sizes() ==
        at::IntArrayRef({0, 50}));
  for (const auto& x : {wide.narrow(1, 7, 20), at::randn({20, 6}).t()}) {
    CHECK(
        at::equal(fovea::rms_norm(x, weight, 1e-6), fovea::rms_norm(x.contiguous(), weight, 1e-6)));
    CHECK(at::equal(fovea::swiglu(x), fovea::swiglu(x.contiguous())));
  }
  const auto place = at::tensor({5, 0, 2, 1}, at::kLong).view({2, 2}), weights = at::rand({2, 2});
  CHECK(at::equal(fovea::weighted_sums({wide}, place.t(), weights.t()),
                  fovea::weighted_sums({wide}, place.t().contiguous(), weights.t().contiguous())));
}

TEST_CASE("token kernels: a token that is not finite spoils no other") {
  at::manual_seed(15);
  const auto x = at::randn({5, 40}), weight = at::rand({40});
  auto spoilt = x.clone();
  spoilt[2].fill_(std::numeric_limits<float>::infinity());
  const auto normed = fovea::rms_norm(x, weight, 1e-6), gated = fovea::swiglu(x);
  for (const std::int64_t token : {0, 1, 3, 4}) {
    CHECK(at::equal(fovea::rms_norm(spoilt, weight, 1e-6)[token], normed[token]));
    CHECK(at::equal(fovea::swiglu(spoilt)[token], gated[token]));
  }
}

TEST_CASE("token kernels: the same bits on any number of threads, and from many at once") {
  at::manual_seed(16);
  const auto x = at::randn({200, 600}), weight = at::rand({600}), weights = at::rand({300, 6});
  const auto place = at::randint(0, 200, {300, 6}, at::kLong);
  const auto all = [&] {
    return std::vector<at::Tensor>{fovea::rms_norm(x, weight, 1e-6), fovea::swiglu(x),
                                   fovea::swiglu(x.to(at::kBFloat16)),
                                   fovea::weighted_sums({x}, place, weights)};
  };
  const ThreadCount one(1);
  const auto expected = all();
  const auto is_same = [&] {
    const auto found = all();
    return std::equal(found.begin(), found.end(), expected.begin(),
                      [](const auto& a, const auto& b) { return at::equal(a, b); });
  };
  for (const int threads : {2, 4}) {
    const ThreadCount count(threads);
    CHECK(is_same());
  }
  CHECK(holds_on_threads(4, 3, is_same));
}
