#include "memctl/experiment/confusions.h"

#include <algorithm>

#include "fovea/text.h"

namespace fovea::memctl {

void count_confusions(const std::vector<Slip>& slips, Confusions& counts) {
  for (const Slip& slip : slips) ++counts[{escaped_line(slip.exact), escaped_line(slip.read)}];
}

std::vector<Confusion> most_frequent(const Confusions& counts, std::size_t most) {
  std::vector<Confusion> all;
  for (const auto& [pair, count] : counts) all.push_back({pair.first, pair.second, count});
  std::ranges::stable_sort(all, std::ranges::greater{}, &Confusion::count);
  all.resize(std::min(most, all.size()));
  return all;
}

}  // namespace fovea::memctl
