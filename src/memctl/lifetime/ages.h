#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "memctl/lifetime/life.h"

namespace fovea::memctl {

/// Pages from one age up to another, in days.
struct AgeRange {
  int from = 0;
  int to = 0;  ///< 0: no end
};

inline constexpr std::array kAgeRanges = {AgeRange{0, 1},   AgeRange{1, 7},    AgeRange{7, 30},
                                          AgeRange{30, 90}, AgeRange{90, 180}, AgeRange{180, 365},
                                          AgeRange{365, 0}};

/// "7 to 30 days", "365 days and more"
std::string name_of(const AgeRange& range);

/// Of the first `written` pages, those of an age at that time, in order.
std::vector<std::size_t> pages_of_age(const Life& life, const AgeRange& range, Time now,
                                      std::size_t written);

/// As many of these pages at most, in order: always the same ones of the same seed first, so that a
/// page that is looked at when it is young is looked at again when it is old.
std::vector<std::size_t> sample_of(std::vector<std::size_t> pages, std::size_t most,
                                   std::uint64_t seed);

}  // namespace fovea::memctl
