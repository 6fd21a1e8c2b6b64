#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include <doctest/doctest.h>

#include "model/kernels/instructions.h"

/// Calls f() once for every set of instructions that may be used here, the smallest first.
template <typename F>
void with_every_set(const F& f) {
  const auto largest = static_cast<int>(fovea::instructions());
  for (int set = 0; set <= largest; ++set) {
    const fovea::InstructionLimit limit(static_cast<fovea::Instructions>(set));
    CAPTURE(fovea::name_of(fovea::instructions()));
    f();
  }
}

/// Between -1 and 1, the same for the same seed.
inline std::vector<float> random_values(std::int64_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> between(-1, 1);
  std::vector<float> all(static_cast<std::size_t>(count));
  for (float& value : all) value = between(random);
  return all;
}

/// Whole numbers from -7 to 7, of which sums of thousands of products are exact in any order.
inline std::vector<float> whole_numbers(std::int64_t count, unsigned seed) {
  auto all = random_values(count, seed);
  for (float& value : all) value = std::round(7 * value);
  return all;
}

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

/// How far float32 sums of `terms` products of such values may be off, in any order.
inline float tolerance(std::int64_t terms) {
  return 1e-6f * static_cast<float>(std::sqrt(static_cast<double>(terms)) + 1);
}
