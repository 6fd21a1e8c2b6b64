#include "memory/ranking.h"

#include <algorithm>
#include <map>

namespace fovea {
namespace {

constexpr double kRankOffset = 60;  // Cormack, Clarke, Buettcher 2009

double share_of(const RankedList& list, std::size_t index) {
  return list.weight / (kRankOffset + static_cast<double>(index + 1));
}

}  // namespace

std::vector<PageScore> fuse(std::span<const RankedList> lists, std::size_t k) {
  std::vector<PageScore> fused;  // in the order of the lists, which settles equal scores
  std::map<PageId, std::size_t> place;
  for (const RankedList& list : lists) {
    for (std::size_t i = 0; i < list.pages.size(); ++i) {
      const auto [found, is_new] = place.try_emplace(list.pages[i].id, fused.size());
      if (is_new) fused.push_back({list.pages[i].id, 0});
      fused[found->second].score += share_of(list, i);
    }
  }
  std::ranges::stable_sort(fused, std::ranges::greater{}, &PageScore::score);
  if (fused.size() > k) fused.resize(k);
  return fused;
}

std::optional<Place> place_of(const RankedList& list, PageId page) {
  const auto found = std::ranges::find(list.pages, page, &PageScore::id);
  if (found == list.pages.end()) return {};
  const auto index = static_cast<std::size_t>(found - list.pages.begin());
  return Place{.rank = index + 1, .value = found->score, .adds = share_of(list, index)};
}

}  // namespace fovea
