#include "memctl/measurement/intervals.h"

#include <algorithm>
#include <random>
#include <vector>

namespace fovea::memctl {

std::optional<Interval> bootstrap_interval(std::span<const PageShare> pages, std::uint64_t seed) {
  std::vector<PageShare> counted;
  for (const PageShare& page : pages)
    if (page.whole > 0) counted.push_back(page);
  if (counted.size() < 2) return std::nullopt;
  std::mt19937_64 generator(seed);  // the standard's distributions differ between libraries
  std::vector<double> shares;
  for (int i = 0; i < kResamples; ++i) {
    PageShare sum;
    for (std::size_t drawn = 0; drawn < counted.size(); ++drawn)
      sum += counted[generator() % counted.size()];
    shares.push_back(sum.part / sum.whole);
  }
  std::ranges::sort(shares);
  const std::size_t outside = shares.size() / 40;  // 2.5 % on each side
  return Interval{shares[outside], shares[shares.size() - 1 - outside]};
}

Share share_of(std::span<const PageShare> pages, std::uint64_t seed) {
  PageShare sum;
  for (const PageShare& page : pages) sum += page;
  if (sum.whole == 0) return {};
  return {sum.part / sum.whole, bootstrap_interval(pages, seed)};
}

}  // namespace fovea::memctl
