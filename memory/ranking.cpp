#include "memory/ranking.h"

#include <algorithm>
#include <map>

namespace fovea {
namespace {

constexpr double kRankOffset = 60;  // Cormack, Clarke, Buettcher 2009

}  // namespace

std::vector<PageScore> fuse(std::span<const std::vector<PageScore>> lists, std::size_t k) {
  std::map<PageId, double> scores;
  for (const auto& list : lists) {
    for (std::size_t i = 0; i < list.size(); ++i)
      scores[list[i].id] += 1 / (kRankOffset + static_cast<double>(i + 1));
  }
  std::vector<PageScore> fused;
  for (const auto& [id, score] : scores) fused.push_back({id, score});
  std::ranges::stable_sort(fused, std::ranges::greater{}, &PageScore::score);  // ids rise already
  if (fused.size() > k) fused.resize(k);
  return fused;
}

}  // namespace fovea
