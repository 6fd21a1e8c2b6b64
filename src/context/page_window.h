#pragma once

#include <cstddef>
#include <vector>

#include "context/context_cost.h"

namespace fovea {

struct WindowPage {
  ContextCost cost;
  bool follows_its_call = false;  ///< the result of a tool call on the page before it stands here
};

/// The first of the newest pages that fit into `limit`; pages.size(): none does. Pages leave in
/// batches as history grows, so that the beginning of a prompt stays put meanwhile, and none is shown
/// whose first words answer a call on a page that is not. A larger limit never begins later.
std::size_t window_begin(const std::vector<WindowPage>& pages, const ContextCost& limit);

}  // namespace fovea
