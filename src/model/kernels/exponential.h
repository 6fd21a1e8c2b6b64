#pragma once

#include <bit>

namespace fovea {

/// exp(x) to 7 digits; below -87 as at -87. A plain loop over it becomes vector code, which std::exp
/// does not.
[[gnu::always_inline]] inline float exponential(float x) {
  x = x < -87.0f ? -87.0f : x;
  x = x > 88.0f ? 88.0f : x;
  const float whole = (x * 1.44269504f + 12582912.0f) - 12582912.0f;  // rounds to an integer
  const float rest = (x - whole * 0.693359375f) + whole * 2.12194440e-4f;
  float value = 1.9875691500e-4f;
  value = value * rest + 1.3981999507e-3f;
  value = value * rest + 8.3334519073e-3f;
  value = value * rest + 4.1665795894e-2f;
  value = value * rest + 1.6666665459e-1f;
  value = value * rest + 5.0000001201e-1f;
  value = value * rest * rest + rest + 1.0f;
  return value * std::bit_cast<float>((static_cast<int>(whole) + 127) << 23);
}

}  // namespace fovea
