#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <vector>

namespace fovea {

/// A sliding-window rule against repetition loops. Defaults are the official server's.
struct NgramRule {
  int size = 30;                     ///< no n-gram of this length comes twice; below 2: no rule
  int window = 90;                   ///< looked for in this many last ids
  std::set<std::int64_t> allowed{};  ///< ids never banned, such as <td> and </td>
};

/// The ids that must not come next. `ids`: generated so far, without the prompt.
std::vector<std::int64_t> banned_next(std::span<const std::int64_t> ids, const NgramRule& rule);

}  // namespace fovea
