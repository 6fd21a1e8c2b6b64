#pragma once

#include <optional>
#include <span>
#include <vector>

#include "memory/store.h"

namespace fovea {

/// Pages in an order of their own, best first.
struct RankedList {
  std::vector<PageScore> pages;
  double weight = 1;
};

/// Weighted reciprocal rank fusion: a page scores the sum of weight / (60 + rank) over the lists
/// that have it, rank 1 for the first. Returns the best `k`, best first; of equal scores the one
/// that stands first in the earlier list.
std::vector<PageScore> fuse(std::span<const RankedList> lists, std::size_t k);

/// The page's place in the list; nothing when it is not there.
std::optional<Place> place_of(const RankedList& list, PageId page);

}  // namespace fovea
