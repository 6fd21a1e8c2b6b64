#pragma once

#include <cstdint>

namespace fovea {

/// Products of few inputs with a panel of 16 int8 outputs, which is read once: what a decoding step
/// waits for is memory. Written for CPUs with AVX2 and FMA; elsewhere they are right, but slow.
struct Int8Panel {
  const std::int8_t* values;  ///< [in, 16]
  const float* scales;        ///< [16] of the outputs
  const float* start;         ///< [16] what the sums begin with
  std::int64_t columns;       ///< of the panel that exist, 1..16
};

/// y[i * stride + c] = start[c] + scales[c] * sum over k of values[k, c] * x[i * in + k], on the
/// calling thread. `inputs`: from 1 to kFewInputs (see lanes.h).
void multiply_int8_panel(const Int8Panel& panel, std::int64_t in, const float* x,
                         std::int64_t inputs, float* y, std::int64_t stride);

}  // namespace fovea
