#include "model/kernels/int8_digits.h"

#include <algorithm>
#include <vector>

#include "model/kernels/tile_product.h"
#include "tests/kernels/every_set.h"
#include "tests/kernels/guarded.h"

using namespace fovea;

namespace {

/// Weights [out, in] of all values, made anew for each size.
std::vector<std::int8_t> weights_of(std::int64_t out, std::int64_t in) {
  std::vector<std::int8_t> weights(static_cast<std::size_t>(out * in));
  for (std::size_t i = 0; i < weights.size(); ++i)
    weights[i] = static_cast<std::int8_t>(i * 83 % 256 - 128);
  return weights;
}

/// A product of `rows` with weights of `out` outputs, [rows, out].
struct Products {
  Products(std::int64_t rows, std::int64_t in, std::int64_t out, const std::vector<float>& x,
           Digits which = Digits::all)
      : scales(random_values((out + 15) / 16 * 16, 1)),
        bias(random_values((out + 15) / 16 * 16, 2)) {
    const auto panels = (out + 15) / 16;
    const Guarded<float> inputs(x);
    std::vector<std::uint8_t> quads(static_cast<std::size_t>(panels * 16 * digit_depth(in)));
    pack_quads(weights_of(out, in).data(), out, in, quads.data());
    const Guarded<std::uint8_t> guarded(quads);
    const Guarded<float> results(rows * out);
    DigitRows digits;
    split_into_digits(inputs.data(), rows, in, digits);
    multiply_digits({guarded.data(), scales.data(), bias.data(), out}, digits, which,
                    results.data(), out);
    y = results.values();
  }
  std::vector<float> scales, bias, y;
};

}  // namespace

TEST_CASE("int8 digits: products are as exact as float32 sums, whatever the sides") {
  with_every_set([] {
    for (const std::int64_t rows : {1, 2, 7, 8, 9, 16, 17, 27, 33}) {
      for (const std::int64_t in : {1, 3, 16, 64, 65, 100, 192, 513}) {
        for (const std::int64_t out : {1, 15, 16, 40}) {
          CAPTURE(rows);
          CAPTURE(in);
          CAPTURE(out);
          const auto x = random_values(rows * in, 3);
          const auto weights = weights_of(out, in);
          const Products found(rows, in, out, x);
          float worst = 0;
          for (std::int64_t r = 0; r < rows; ++r) {
            for (std::int64_t c = 0; c < out; ++c) {
              double sum = 0;
              for (std::int64_t k = 0; k < in; ++k)
                sum += double{x[r * in + k]} * weights[c * in + k];
              const auto expected = static_cast<float>(found.bias[c] + found.scales[c] * sum);
              worst = std::max(worst, std::abs(found.y[r * out + c] - expected) / 127);
            }
          }
          CHECK(worst < tolerance(in));
        }
      }
    }
  });
}

TEST_CASE("int8 digits: whole numbers count exactly, with weights from -128 to 127") {
  with_every_set([] {
    for (const std::int64_t in : {5, 64, 200}) {
      const auto x = whole_numbers(9 * in, 4);
      const auto weights = weights_of(20, in);
      const Products found(9, in, 20, x);
      for (std::int64_t r = 0; r < 9; ++r) {
        for (std::int64_t c = 0; c < 20; ++c) {
          double sum = 0;
          for (std::int64_t k = 0; k < in; ++k) sum += double{x[r * in + k]} * weights[c * in + k];
          const auto expected = std::fma(static_cast<float>(sum), found.scales[c], found.bias[c]);
          CHECK(found.y[r * 20 + c] == doctest::Approx(expected).epsilon(2e-7));
        }
      }
    }
  });
}

TEST_CASE("int8 digits: the largest of a row is as good as any, and zeros are zeros") {
  with_every_set([] {
    for (const float largest : {1e-20f, 0.3f, 1.0f, 8355711.0f, 1e20f}) {
      for (const float sign : {-1.0f, 1.0f}) {
        CAPTURE(largest);
        // A row of one input, and one whose other inputs are the same.
        for (const std::int64_t in : {1, 70}) {
          const std::vector<float> x(static_cast<std::size_t>(in), sign * largest);
          const Products found(1, in, 3, x);
          const auto weights = weights_of(3, in);
          for (std::int64_t c = 0; c < 3; ++c) {
            double sum = 0;
            for (std::int64_t k = 0; k < in; ++k) sum += double{x[k]} * weights[c * in + k];
            CHECK(found.y[c] ==
                  doctest::Approx(found.bias[c] + found.scales[c] * sum).epsilon(2e-6));
          }
        }
      }
    }
    const Products zeros(2, 70, 3, std::vector<float>(140, 0.0f));
    for (std::size_t i = 0; i < 6; ++i) CHECK(zeros.y[i] == zeros.bias[i % 3]);
  });
}

TEST_CASE("int8 digits: what is not finite makes its own row NaN and no other") {
  with_every_set([] {
    for (const float bad : {kNaN, kInfinity, -kInfinity}) {
      std::vector<float> x(11 * 30, 1.0f);
      x[4 * 30 + 29] = bad;
      const Products found(11, 30, 17, x);
      for (std::int64_t r = 0; r < 11; ++r) {
        for (std::int64_t c = 0; c < 17; ++c) CHECK(std::isnan(found.y[r * 17 + c]) == (r == 4));
      }
    }
  });
}

TEST_CASE("int8 digits: the greatest digit alone is off by what it says") {
  with_every_set([] {
    constexpr std::int64_t kRows = 13, kIn = 200, kOut = 50;
    const auto x = random_values(kRows * kIn, 5);
    const auto weights = weights_of(kOut, kIn);
    const Products exact(kRows, kIn, kOut, x), rough(kRows, kIn, kOut, x, Digits::greatest);
    double squares = 0;
    for (std::int64_t r = 0; r < kRows; ++r) {
      for (std::int64_t c = 0; c < kOut; ++c) {
        double norm = 0;
        for (std::int64_t k = 0; k < kIn; ++k)
          norm += std::pow(double{exact.scales[c]} * weights[c * kIn + k], 2);
        const auto i = static_cast<std::size_t>(r * kOut + c);
        const double expected = rounding_of_greatest(&x[r * kIn], kIn) * std::sqrt(norm);
        const double off = (rough.y[i] - exact.y[i]) / expected;
        CHECK(std::abs(off) < 6);
        squares += off * off;
      }
    }
    const double deviation = std::sqrt(squares / (kRows * kOut));
    CHECK(deviation > 0.8);
    CHECK(deviation < 1.2);
  });
}

TEST_CASE("int8 digits: two digits are those of inputs rounded to their second one") {
  with_every_set([] {
    constexpr std::int64_t kIn = 200, kOut = 50;
    for (const std::int64_t rows : {1, 8, 13, 16, 40}) {
      CAPTURE(rows);
      auto x = random_values(rows * kIn, 6);
      const Products found(rows, kIn, kOut, x, Digits::two);
      for (std::int64_t r = 0; r < rows; ++r) {
        float* row = &x[static_cast<std::size_t>(r * kIn)];
        // A power of two.
        const float unit = std::exp2(
            std::round(std::log2(rounding_of_greatest(row, kIn) * std::sqrt(12.0f) / 65536)));
        for (std::int64_t k = 0; k < kIn; ++k)
          row[k] = unit * 256 * std::floor((std::nearbyint(row[k] / unit) + 128) / 256);
      }
      const Products rounded(rows, kIn, kOut, x);
      for (std::size_t i = 0; i < found.y.size(); ++i)
        CHECK(found.y[i] == doctest::Approx(rounded.y[i]).epsilon(1e-6));
    }
  });
}

TEST_CASE("int8 digits: no rows are no work") {
  DigitRows digits;
  split_into_digits(nullptr, 0, 8, digits);
  multiply_digits({nullptr, nullptr, nullptr, 16}, digits, Digits::all, nullptr, 16);
  CHECK(digits.rows == 0);
}
