#include "model/kernels/bf16_rows.h"

#include <algorithm>
#include <vector>

#include "model/kernels/bf16.h"
#include "model/kernels/int8_panels.h"
#include "tests/kernels/every_set.h"

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
