#pragma once

#include <cstdint>

namespace fovea {

/// So many inputs at most meet weights where they lie; for more, the weights are expanded once.
constexpr std::int64_t kFewInputs = 6;

/// Products of few inputs with a panel of 16 int8 outputs, which is read once: what a decoding step
/// waits for is memory.
struct Int8Panel {
  const std::int8_t* values;  ///< [in, 16]
  const float* scales;        ///< [16] of the outputs
  const float* bias;          ///< [16]
  std::int64_t columns;       ///< of the panel that exist, 1..16
};

/// y[i * stride + c] = bias[c] + scales[c] * sum over k of values[k, c] * x[i * in + k], on the
/// calling thread. `inputs`: from 1 to kFewInputs.
void multiply_int8_panel(const Int8Panel& panel, std::int64_t in, const float* x,
                         std::int64_t inputs, float* y, std::int64_t stride);

}  // namespace fovea
