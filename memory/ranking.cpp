#include "memory/ranking.h"

#include <algorithm>
#include <map>

namespace fovea {
namespace {

constexpr double kRankOffset = 60;  // Cormack, Clarke, Buettcher 2009

}  // namespace

std::vector<PageScore> fuse(std::span<const std::vector<PageScore>> lists, std::size_t k) {
  std::vector<PageScore> fused;  // in the order of the lists, which settles equal scores
  std::map<PageId, std::size_t> place;
  for (const auto& list : lists) {
    for (std::size_t i = 0; i < list.size(); ++i) {
      const auto [found, is_new] = place.try_emplace(list[i].id, fused.size());
      if (is_new) fused.push_back({list[i].id, 0});
      fused[found->second].score += 1 / (kRankOffset + static_cast<double>(i + 1));
    }
  }
  std::ranges::stable_sort(fused, std::ranges::greater{}, &PageScore::score);
  if (fused.size() > k) fused.resize(k);
  return fused;
}

}  // namespace fovea
