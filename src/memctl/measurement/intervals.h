#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace fovea::memctl {

/// What one page adds to a share: the characters that are right, of all its characters.
struct PageShare {
  double part = 0;
  double whole = 0;

  void operator+=(const PageShare& other) {
    part += other.part;
    whole += other.whole;
  }
};

struct Interval {
  double low = 0;
  double high = 0;
};

inline constexpr int kResamples = 2000;

/// The 95 % interval of sum(part) / sum(whole), by the percentile bootstrap over pages: pages, not
/// characters, are drawn, since the characters of a page are alike. The same on every machine.
/// Nothing for fewer than two pages that have a whole.
std::optional<Interval> bootstrap_interval(std::span<const PageShare> pages, std::uint64_t seed);

/// A share with its interval over pages; nothing where there is none, such as of no exact strings.
struct Share {
  std::optional<double> value;
  std::optional<Interval> interval;
};

Share share_of(std::span<const PageShare> pages, std::uint64_t seed);

}  // namespace fovea::memctl
