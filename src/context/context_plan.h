#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace fovea {

/// What a part of a context takes of what is limited.
struct ContextCost {
  std::size_t tokens = 0;
  std::size_t images = 0;
  std::size_t bytes = 0;  ///< of the request
};

ContextCost operator+(const ContextCost& a, const ContextCost& b);
bool fits(const ContextCost& cost, const ContextCost& limit);

struct PlannedPage {
  std::int64_t id = 0;
  ContextCost kept;      ///< in the stable part: as pictures or as text, whichever is cheaper
  ContextCost readback;  ///< as text, for a page that matches the query
  bool kept_as_text = false;
  bool pinned = false;
  /// A tool call on it has its result on the next page; for the last page, in the recent text.
  bool tied_to_next = false;
};

struct ContextPlanInput {
  ContextCost limit;
  ContextCost preface;             ///< spent once there is a picture
  std::vector<PlannedPage> pages;  ///< in order, older first
  /// Recent text in groups that may not be cut, older first.
  std::vector<ContextCost> recent;
  std::vector<std::int64_t> matches;  ///< pages, best first
};

/// Indices into the input's lists.
struct ContextPlan {
  std::vector<std::size_t> pinned;  ///< in order, with the pages that they are tied to
  std::vector<std::size_t> pages;   ///< the newest, in order, without those pinned
  std::size_t recent_begin = 0;     ///< the first recent group; recent.size(): none
  std::vector<std::size_t> matches; ///< in order
  ContextCost used;
  /// When nothing fits: the least budget that would do.
  std::optional<std::size_t> least_tokens;
};

/// What goes into a context: pinned pages, recent text, the newest pages, then matches; never more
/// than the limit. Pure. `pinned` and `pages` are the same for every `matches`, and stay when
/// history grows: older pages leave in batches of a quarter of the room, not one by one.
/// At least a quarter of the limit is left to recent text and matches.
ContextPlan plan_context(const ContextPlanInput& input);

}  // namespace fovea
