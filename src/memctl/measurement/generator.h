#pragma once

#include <cstdint>
#include <initializer_list>
#include <random>
#include <vector>

namespace fovea::memctl {

/// Random numbers of a seed and of what they are for, the same on every machine. Of the parts the
/// lowest 32 bits count.
inline std::mt19937_64 generator_of(std::uint64_t seed,
                                    std::initializer_list<std::uint64_t> parts) {
  std::vector<std::uint64_t> all{seed & 0xFFFFFFFF, seed >> 32};
  all.insert(all.end(), parts);
  std::seed_seq sequence(all.begin(), all.end());
  return std::mt19937_64(sequence);
}

}  // namespace fovea::memctl
