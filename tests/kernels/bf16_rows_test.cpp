#include "model/kernels/bf16_rows.h"

#include <algorithm>
#include <vector>

#include "model/kernels/bf16.h"
#include "model/kernels/int8_panels.h"
#include "tests/kernels/every_set.h"
#include "tests/kernels/guarded.h"

using namespace fovea;

namespace {

/// Rows of bfloat16, and pointers to them.
struct Rows {
  Rows(std::int64_t out, std::int64_t in) {
    for (const float value : random_values(out * in, 1)) values.push_back(to_bf16(value));
    for (std::int64_t o = 0; o < out; ++o) pointers.push_back(values.data() + o * in);
  }
  std::vector<std::uint16_t> values;
  std::vector<const std::uint16_t*> pointers;
};

float worst_of_rows(std::int64_t out, std::int64_t in, std::int64_t inputs) {
  const Rows rows(out, in);
  const auto x = random_values(inputs * in, 2), bias = random_values(out, 3);
  const std::int64_t stride = out + 3;
  std::vector<float> y(inputs * stride, 7);
  multiply_bf16_rows(rows.pointers.data(), out, in, x.data(), inputs, bias.data(), y.data(),
                     stride);
  float worst = 0;
  for (std::int64_t i = 0; i < inputs; ++i) {
    for (std::int64_t o = 0; o < out; ++o) {
      double sum = bias[o];
      for (std::int64_t k = 0; k < in; ++k)
        sum += double{to_float(rows.pointers[o][k])} * x[i * in + k];
      worst = std::max(worst, std::abs(y[i * stride + o] - static_cast<float>(sum)));
    }
    CHECK(y[i * stride + out] == 7);  // what lies between the results
  }
  return worst;
}

}  // namespace

TEST_CASE("bfloat16 rows: products with few inputs, whatever the sides") {
  with_every_set([] {
    for (std::int64_t inputs = 1; inputs <= kFewInputs; ++inputs) {
      for (const std::int64_t in : {1, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 96, 129, 400}) {
        CAPTURE(inputs);
        CAPTURE(in);
        CHECK(worst_of_rows(5, in, inputs) < tolerance(in));
      }
      CHECK(worst_of_rows(1, 40, inputs) < tolerance(40));
    }
  });
}

TEST_CASE("bfloat16: rounding is to the nearest, of two as near to the even one") {
  CHECK(to_bf16(1.0f) == 0x3F80);
  CHECK(to_bf16(1.00390625f) == 0x3F80);  // 1 + 2^-8, halfway
  CHECK(to_bf16(1.01171875f) == 0x3F82);  // 1 + 3 * 2^-8, halfway
  CHECK(to_bf16(1.0039064f) == 0x3F81);
  CHECK(to_bf16(-1.0039064f) == 0xBF81);
  CHECK(to_float(0x3F81) == 1.0078125f);
}

TEST_CASE("bfloat16 rows: whole numbers give exact sums, and no value behind any array is read") {
  with_every_set([] {
    for (std::int64_t inputs = 1; inputs <= kFewInputs; ++inputs) {
      for (std::int64_t in = 1; in <= 133; in += in < 70 ? 1 : 9) {
        CAPTURE(inputs);
        CAPTURE(in);
        constexpr std::int64_t kOut = 3;
        std::vector<std::uint16_t> words;
        for (const float value : whole_numbers(kOut * in, 1)) words.push_back(to_bf16(value));
        const Guarded<std::uint16_t> rows(words);
        const Guarded<float> x(whole_numbers(inputs * in, 2)), bias(whole_numbers(kOut, 3));
        const Guarded<float> y(inputs * kOut);
        const std::uint16_t* const pointers[] = {rows.data() + 2 * in, rows.data(),
                                                 rows.data() + in};  // in any order
        multiply_bf16_rows(pointers, kOut, in, x.data(), inputs, bias.data(), y.data(), kOut);
        for (std::int64_t i = 0; i < inputs; ++i) {
          for (std::int64_t o = 0; o < kOut; ++o) {
            float sum = bias[o];
            for (std::int64_t k = 0; k < in; ++k) sum += to_float(pointers[o][k]) * x[i * in + k];
            CHECK(y[i * kOut + o] == sum);
          }
        }
      }
    }
  });
}

TEST_CASE("bfloat16 rows: what is not finite stays in its own row and input, denormals count") {
  with_every_set([] {
    constexpr std::int64_t kIn = 75, kOut = 4, kInputs = 3;
    for (const std::int64_t at : {0, 1, 17, 63, 64, 74}) {
      CAPTURE(at);
      std::vector<std::uint16_t> words(kOut * kIn, to_bf16(1));
      words[0 * kIn + at] = to_bf16(kInfinity);
      words[1 * kIn + at] = to_bf16(kNaN);
      for (std::int64_t k = 0; k < kIn; ++k) words[3 * kIn + k] = k == at;  // 2^-133
      std::vector<const std::uint16_t*> rows;
      for (std::int64_t o = 0; o < kOut; ++o) rows.push_back(words.data() + o * kIn);
      std::vector<float> x(kInputs * kIn, 1), bias(kOut), y(kInputs * kOut);
      std::fill_n(x.begin() + kIn, kIn, std::ldexp(1.0f, 120));
      x[2 * kIn + at] = kNaN;
      multiply_bf16_rows(rows.data(), kOut, kIn, x.data(), kInputs, bias.data(), y.data(), kOut);
      CHECK(y[0] == kInfinity);
      CHECK(std::isnan(y[1]));
      CHECK(y[2] == kIn);
      CHECK(y[kOut + 2] == kIn * std::ldexp(1.0f, 120));
      CHECK(y[kOut + 3] == std::ldexp(1.0f, 120 - 133));
      for (std::int64_t o = 0; o < kOut; ++o) CHECK(std::isnan(y[2 * kOut + o]));
    }
  });
}

TEST_CASE("bfloat16 rows: no rows write nothing, and a product repeats after larger ones") {
  with_every_set([] {
    const Rows small(5, 40), large(2, 3000);
    const auto x = random_values(6 * 3000, 4), bias = random_values(5, 5);
    const auto product = [&](const Rows& rows, std::int64_t out, std::int64_t in, int inputs) {
      std::vector<float> y(inputs * 5, 7);
      multiply_bf16_rows(rows.pointers.data(), out, in, x.data(), inputs, bias.data(), y.data(), 5);
      return y;
    };
    CHECK(product(small, 0, 40, 2) == std::vector<float>(10, 7));
    const auto first = product(small, 5, 40, 3);
    product(large, 2, 3000, 6);
    CHECK(product(small, 5, 40, 3) == first);
  });
}

TEST_CASE("bfloat16: every word is its own rounding, and what is too large becomes infinite") {
  for (std::uint32_t word = 0; word <= 0xFFFF; ++word) {
    const auto half = static_cast<std::uint16_t>(word);
    if (to_bf16(to_float(half)) != half) FAIL_CHECK(word);
  }
  CHECK(to_bf16(std::numeric_limits<float>::max()) == 0x7F80);
  CHECK(to_bf16(-std::numeric_limits<float>::max()) == 0xFF80);
  CHECK(to_bf16(3.38953139e38f) == 0x7F7F);     // the largest one there is
  CHECK(to_bf16(std::ldexp(1.0f, -134)) == 0);  // half of the smallest denormal
  CHECK(to_bf16(std::ldexp(1.5f, -134)) == 1);
  CHECK(to_bf16(-0.0f) == 0x8000);
}
