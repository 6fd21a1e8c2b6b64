#include "model/kernels/token_loops.h"

#include <algorithm>
#include <vector>

#include "model/kernels/bf16.h"
#include "tests/kernels/every_set.h"

using namespace fovea;

TEST_CASE("token loops: RMS norm of any width") {
  with_every_set([] {
    for (const std::int64_t d : {1, 5, 16, 33, 512}) {
      CAPTURE(d);
      const auto x = random_values(d, 1), weight = random_values(d, 2);
      std::vector<float> out(d);
      rms_norm_row(x.data(), weight.data(), d, 1e-6f, out.data());
      double square = 0;
      for (const float value : x) square += double{value} * value;
      const double scale = 1 / std::sqrt(square / static_cast<double>(d) + 1e-6);
      for (std::int64_t i = 0; i < d; ++i)
        CHECK(std::abs(out[i] - x[i] * scale * weight[i]) < 1e-5);
    }
  });
}

TEST_CASE("token loops: SwiGLU of any width, far from zero too, in both types") {
  with_every_set([] {
    for (const std::int64_t n : {1, 7, 16, 300}) {
      CAPTURE(n);
      auto gate = random_values(n, 1);
      const auto up = random_values(n, 2);
      for (float& value : gate) value *= 90;
      std::vector<std::uint16_t> gates, ups, words(n);
      std::vector<float> out(n);
      for (std::int64_t i = 0; i < n; ++i) {
        gates.push_back(to_bf16(gate[i]));
        ups.push_back(to_bf16(up[i]));
      }
      swiglu_row(gate.data(), up.data(), n, out.data());
      swiglu_row(gates.data(), ups.data(), n, words.data());
      const auto expected = [](double g, double u) { return g / (1 + std::exp(-g)) * u; };
      for (std::int64_t i = 0; i < n; ++i) {
        const double exact = expected(gate[i], up[i]);
        CHECK(std::abs(out[i] - exact) <= 1e-6 * std::abs(exact) + 1e-30);
        const double rough = expected(to_float(gates[i]), to_float(ups[i]));
        CHECK(std::abs(to_float(words[i]) - rough) <= std::abs(rough) / 256 + 1e-30);
      }
    }
  });
}

TEST_CASE("token loops: a token's rows come from anywhere") {
  with_every_set([] {
    for (const std::int64_t d : {1, 16, 37}) {
      const auto first = random_values(d, 1), second = random_values(d, 2);
      const float* const rows[] = {second.data(), first.data()};
      const float weights[] = {0.25f, -2};
      std::vector<float> out(d);
      sum_scattered_rows(rows, weights, 2, d, out.data());
      for (std::int64_t i = 0; i < d; ++i)
        CHECK(std::abs(out[i] - (0.25f * second[i] - 2 * first[i])) < 1e-6f);
    }
  });
}
