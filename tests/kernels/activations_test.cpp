#include "model/kernels/activations.h"

#include <cmath>
#include <vector>

#include "tests/kernels/every_set.h"
#include "tests/kernels/guarded.h"

using namespace fovea;

namespace {

double gelu_of(double x) { return x * 0.5 * (1 + std::erf(x / std::sqrt(2.0))); }
double quick_gelu_of(double x) { return x / (1 + std::exp(-1.702 * x)); }

/// From -9 to 9, where both are straight, and beyond.
std::vector<float> many_values() {
  std::vector<float> x;
  for (int i = -9000; i <= 9000; ++i) x.push_back(static_cast<float>(i) * 0.001f);
  for (const float far : {20.0f, 90.0f, 1e4f, 1e30f}) x.insert(x.end(), {far, -far});
  return x;
}

}  // namespace

TEST_CASE("activations: both are as exact as a float everywhere") {
  with_every_set([] {
    const auto x = many_values();
    const auto n = static_cast<std::int64_t>(x.size());
    std::vector<float> gelu(x.size()), quick(x.size());
    gelu_row(x.data(), n, gelu.data());
    quick_gelu_row(x.data(), n, quick.data());
    double worst = 0, worst_quick = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double size = std::max(1e-3, std::abs(double{x[i]}));
      worst = std::max(worst, std::abs(gelu[i] - gelu_of(x[i])) / size);
      worst_quick = std::max(worst_quick, std::abs(quick[i] - quick_gelu_of(x[i])) / size);
    }
    CHECK(worst < 3e-7);
    CHECK(worst_quick < 3e-7);
  });
}

TEST_CASE("activations: any width, in place, nothing behind the end is touched") {
  with_every_set([] {
    for (const std::int64_t n : {1, 3, 15, 16, 17, 100}) {
      CAPTURE(n);
      const auto x = random_values(n, 7);
      const Guarded<float> gelu(x), quick(x);
      gelu_row(gelu.data(), n, gelu.data());
      quick_gelu_row(quick.data(), n, quick.data());
      for (std::int64_t i = 0; i < n; ++i) {
        CHECK(std::abs(gelu[i] - gelu_of(x[i])) < 1e-6);
        CHECK(std::abs(quick[i] - quick_gelu_of(x[i])) < 1e-6);
      }
    }
  });
}

TEST_CASE("activations: the ends of what a float can be") {
  with_every_set([] {
    const float infinity = std::numeric_limits<float>::infinity();
    const float x[] = {0.0f, infinity, std::nanf(""), 3e38f, -3e38f, 1e-38f};
    float gelu[6], quick[6];
    gelu_row(x, 6, gelu);
    quick_gelu_row(x, 6, quick);
    for (const float* out : {gelu, quick}) {
      CHECK(out[0] == 0);
      CHECK(out[1] == infinity);
      CHECK(std::isnan(out[2]));
      CHECK(out[3] == 3e38f);
      CHECK(std::abs(out[4]) <= 3e-7f * 3e38f);
      CHECK(std::abs(out[5] / 0.5e-38f - 1) < 1e-6f);
    }
  });
}
