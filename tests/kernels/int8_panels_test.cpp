#include "model/kernels/int8_panels.h"

#include <algorithm>
#include <vector>

#include "model/kernels/tile_product.h"
#include "tests/kernels/every_set.h"
#include "tests/kernels/guarded.h"

using namespace fovea;

namespace {

/// The largest difference, in units of what 127 at every place would make.
float worst_of_panel(std::int64_t in, std::int64_t inputs, std::int64_t columns) {
  std::vector<std::int8_t> values(in * kPanelWidth);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::int8_t>(i * 83 % 251 - 125);
  const auto scales = random_values(kPanelWidth, 1), bias = random_values(kPanelWidth, 2);
  const auto x = random_values(inputs * in, 3);
  const std::int64_t stride = columns + 2;
  std::vector<float> y(inputs * stride, 7);
  multiply_int8_panel({values.data(), scales.data(), bias.data(), columns}, in, x.data(), inputs,
                      y.data(), stride);
  float worst = 0;
  for (std::int64_t i = 0; i < inputs; ++i) {
    for (std::int64_t c = 0; c < columns; ++c) {
      double sum = 0;
      for (std::int64_t k = 0; k < in; ++k) sum += double{x[i * in + k]} * values[k * kPanelWidth + c];
      const auto expected = static_cast<float>(bias[c] + scales[c] * sum);
      worst = std::max(worst, std::abs(y[i * stride + c] - expected) / 127);
    }
    CHECK(y[i * stride + columns] == 7);
  }
  return worst;
}

}  // namespace

TEST_CASE("int8 panels: products with few inputs, whatever the sides") {
  with_every_set([] {
    for (std::int64_t inputs = 1; inputs <= kFewInputs; ++inputs) {
      for (const std::int64_t in : {1, 2, 3, 4, 5, 8, 31, 53, 385}) {
        for (const std::int64_t columns : {1, 5, 16}) {
          CAPTURE(inputs);
          CAPTURE(in);
          CAPTURE(columns);
          CHECK(worst_of_panel(in, inputs, columns) < tolerance(in));
        }
      }
    }
  });
}

TEST_CASE("int8 panels: all 256 values count exactly, and nothing behind an array is touched") {
  with_every_set([] {
    for (std::int64_t inputs = 1; inputs <= kFewInputs; ++inputs) {
      for (const std::int64_t in : {0, 1, 3, 15, 16, 17, 33}) {
        for (const std::int64_t columns : {1, 7, 15, 16}) {
          CAPTURE(inputs);
          CAPTURE(in);
          CAPTURE(columns);
          const Guarded<std::int8_t> values(in * kPanelWidth);
          for (std::int64_t i = 0; i < in * kPanelWidth; ++i)
            values[i] = static_cast<std::int8_t>(i - 128);
          const Guarded<float> scales(std::vector<float>(kPanelWidth, 0.5f));
          const Guarded<float> bias(whole_numbers(kPanelWidth, 1)),
              x(whole_numbers(inputs * in, 2));
          const Guarded<float> y(inputs * columns);
          multiply_int8_panel({values.data(), scales.data(), bias.data(), columns}, in, x.data(),
                              inputs, y.data(), columns);
          for (std::int64_t i = 0; i < inputs; ++i) {
            for (std::int64_t c = 0; c < columns; ++c) {
              float sum = 0;
              for (std::int64_t k = 0; k < in; ++k)
                sum += x[i * in + k] * static_cast<float>(values[k * kPanelWidth + c]);
              CHECK(y[i * columns + c] == bias[c] + 0.5f * sum);
            }
          }
        }
      }
    }
  });
}

TEST_CASE("int8 panels: a NaN is that of its input alone, a scale that of its output") {
  with_every_set([] {
    constexpr std::int64_t kIn = 21, kInputs = 5;
    const std::vector<std::int8_t> values(kIn * kPanelWidth, 1);
    std::vector<float> scales(kPanelWidth, 1), bias(kPanelWidth), x(kInputs * kIn, 1);
    scales[3] = 1e-40f;
    scales[4] = kInfinity;
    x[3 * kIn + 20] = kNaN;
    std::vector<float> y(kInputs * kPanelWidth);
    multiply_int8_panel({values.data(), scales.data(), bias.data(), kPanelWidth}, kIn, x.data(),
                        kInputs, y.data(), kPanelWidth);
    for (std::int64_t i = 0; i < kInputs; ++i) {
      for (std::int64_t c = 0; c < kPanelWidth; ++c) {
        const float found = y[i * kPanelWidth + c];
        if (i == 3)
          CHECK(std::isnan(found));
        else
          CHECK(found == scales[c] * kIn);
      }
    }
  });
}
