#pragma once

#include <bit>
#include <cstdint>

namespace fovea {

// bfloat16 is the upper half of a float32.

inline float to_float(std::uint16_t value) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(value) << 16);
}

/// To the nearest, of two as near to the even one.
inline std::uint16_t to_bf16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  return static_cast<std::uint16_t>((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

}  // namespace fovea
