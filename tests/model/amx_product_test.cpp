#include "model/operators/amx_product.h"

#include <vector>

#include "tests/model/torch_and_doctest.h"

#include <ATen/ATen.h>

namespace {

/// The largest difference from the product in float32, in steps of bfloat16 at the largest value.
float difference(const std::vector<at::Tensor>& parts, const at::Tensor& x, const at::Tensor& bias) {
  const auto found = fovea::multiply_amx(parts, x, bias).to(at::kFloat);
  const auto exact = at::linear(x.to(at::kFloat), at::cat(parts).to(at::kFloat), bias);
  REQUIRE(found.sizes() == exact.sizes());
  return (found - exact).abs().max().item<float>() * 256 / exact.abs().max().item<float>();
}

}  // namespace

TEST_CASE("AMX's products are those of the matrices, whatever their sides") {
  if (!fovea::suits_amx(64)) return;
  at::manual_seed(3);
  const auto random = [](at::IntArrayRef sizes) { return at::randn(sizes).to(at::kBFloat16); };
  for (const std::int64_t inputs : {1, 7, 16, 33, 200}) {
    for (const std::int64_t out : {1, 16, 31, 32, 200}) {
      CAPTURE(inputs);
      CAPTURE(out);
      CHECK(difference({random({out, 96})}, random({inputs, 96}), at::randn({out})) < 1.01f);
    }
  }
  CHECK(difference({random({48, 64}), random({20, 64})}, random({3, 5, 64}), {}) < 1.01f);
  const std::vector<at::Tensor> one{random({48, 64})};
  CHECK(fovea::multiply_amx(one, random({0, 64}), {}).size(0) == 0);
  const auto x = random({33, 64}), whole = fovea::multiply_amx(one, x, {}, at::kFloat);
  CHECK((whole - at::linear(x.to(at::kFloat), one[0].to(at::kFloat))).abs().max().item<float>() < 1e-4f);
  const auto turned = random({64, 40}).t();  // inputs that do not lie one behind the other
  CHECK(difference({random({48, 64})}, turned, at::randn({48})) < 1.01f);
}

TEST_CASE("AMX takes whole steps of values only") { CHECK_FALSE(fovea::suits_amx(40)); }
