#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "context/transcript.h"

namespace fovea {

/// A message, or what is told of it, that may stand for its page where no question is known.
struct OverviewItem {
  ShownPiece piece;
  std::int64_t page = 0;
  double looks = 0;
};

/// The items in the order in which they are worth their tokens, cut to what their page may spend:
/// `prices` in tokens by page, for all that its lines take. Does not depend on any budget.
std::vector<OverviewItem> within_prices(std::vector<OverviewItem> items,
                                        const std::map<std::int64_t, int>& prices,
                                        const Transcript::Cost& cost);

/// What a tool's message tells at a glance: its first and last lines and those that report errors.
/// Empty for a text of no tool.
std::string tool_digest(std::string_view text);

}  // namespace fovea
