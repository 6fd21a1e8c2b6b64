#pragma once

#include <span>
#include <vector>

#include "memory/store.h"

namespace fovea {

/// Reciprocal rank fusion: a page scores the sum of 1 / (60 + rank) over the lists that have it,
/// rank 1 for the first. Returns the best `k`, best first; of equal scores the one that stands first
/// in the earlier list.
std::vector<PageScore> fuse(std::span<const std::vector<PageScore>> lists, std::size_t k);

}  // namespace fovea
