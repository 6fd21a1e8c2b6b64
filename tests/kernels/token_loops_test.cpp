#include "model/kernels/token_loops.h"

#include <algorithm>
#include <vector>

#include "model/kernels/bf16.h"
#include "tests/kernels/every_set.h"
#include "tests/kernels/guarded.h"

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

TEST_CASE("token loops: RMS norm of rows that are zero, tiny or large") {
  with_every_set([] {
    for (const std::int64_t d : {1, 15, 17, 31, 33, 100}) {
      CAPTURE(d);
      const Guarded<float> weight(std::vector<float>(d, 2)), x(d), out(d);
      rms_norm_row(x.data(), weight.data(), d, 1e-6f, out.data());
      CHECK(out.values() == std::vector<float>(d, 0));
      for (const float value : {1e-3f, 1.0f, -1e15f}) {
        std::fill_n(x.data(), d, value);
        rms_norm_row(x.data(), weight.data(), d, 0, out.data());
        for (std::int64_t i = 0; i < d; ++i)
          CHECK(std::abs(out[i] - std::copysign(2.0f, value)) < 2e-6f);
      }
      std::fill_n(x.data(), d, 1e-30f);  // whose square is nothing: epsilon alone counts
      rms_norm_row(x.data(), weight.data(), d, 1e-6f, out.data());
      for (std::int64_t i = 0; i < d; ++i) CHECK(std::abs(out[i] / 2e-27f - 1) < 1e-6f);
      x[d - 1] = kNaN;
      rms_norm_row(x.data(), weight.data(), d, 1e-6f, out.data());
      for (std::int64_t i = 0; i < d; ++i) CHECK(std::isnan(out[i]));
    }
  });
}

TEST_CASE("token loops: SwiGLU at the ends of what a float can be") {
  with_every_set([] {
    for (const std::int64_t n : {1, 15, 17, 33}) {
      CAPTURE(n);
      const Guarded<float> gate(n), up(std::vector<float>(n, 2)), out(n);
      const auto swiglu_of = [&](float value) {
        std::fill_n(gate.data(), n, value);
        swiglu_row(gate.data(), up.data(), n, out.data());
        for (std::int64_t i = 1; i < n; ++i) CHECK(out[i] == out[0]);
        return out[0];
      };
      CHECK(swiglu_of(0) == 0);
      CHECK(swiglu_of(1e38f) == 2e38f);
      CHECK(swiglu_of(kInfinity) == kInfinity);
      CHECK(std::abs(swiglu_of(-1e4f)) < 1e-30f);
      CHECK(std::abs(swiglu_of(1e-38f) / 1e-38f - 1) < 1e-6f);
      CHECK(std::abs(swiglu_of(-20) / -8.2446143e-8f - 1) < 1e-6f);
      const Guarded<std::uint16_t> gates(std::vector<std::uint16_t>(n, to_bf16(100)));
      const Guarded<std::uint16_t> ups(std::vector<std::uint16_t>(n, to_bf16(-3))), words(n);
      swiglu_row(gates.data(), ups.data(), n, words.data());
      CHECK(words.values() == std::vector<std::uint16_t>(n, to_bf16(-300)));
    }
  });
}

TEST_CASE("token loops: sums of one to nine rows, the same one twice, none of weight NaN missed") {
  with_every_set([] {
    for (const std::int64_t d : {1, 15, 16, 17, 40}) {
      const Guarded<float> first(whole_numbers(d, 1)), second(whole_numbers(d, 2)), out(d);
      for (std::int64_t k = 1; k <= 9; ++k) {
        CAPTURE(d);
        CAPTURE(k);
        std::vector<const float*> rows;
        auto weights = whole_numbers(k, 3);
        for (std::int64_t j = 0; j < k; ++j) rows.push_back(j % 3 ? second.data() : first.data());
        sum_scattered_rows(rows.data(), weights.data(), k, d, out.data());
        for (std::int64_t i = 0; i < d; ++i) {
          float sum = 0;
          for (std::int64_t j = 0; j < k; ++j) sum += weights[j] * rows[j][i];
          CHECK(out[i] == sum);
        }
        weights[k - 1] = kNaN;
        sum_scattered_rows(rows.data(), weights.data(), k, d, out.data());
        for (std::int64_t i = 0; i < d; ++i) CHECK(std::isnan(out[i]));
      }
    }
  });
}
