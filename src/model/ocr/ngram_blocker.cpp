#include "model/ocr/ngram_blocker.h"

#include <algorithm>

namespace fovea {

std::vector<std::int64_t> banned_next(std::span<const std::int64_t> ids, const NgramRule& rule) {
  auto length = static_cast<std::int64_t>(ids.size());
  std::set<std::int64_t> banned;
  if (rule.size < 2 || length < rule.size) return {};
  auto context = rule.size - 1;  // ids that come before the one that would complete the n-gram
  auto last = ids.last(context);
  for (auto i = std::max<std::int64_t>(0, length - rule.window); i + rule.size <= length; ++i) {
    auto earlier = ids.subspan(i, context);
    auto next = ids[i + context];
    if (std::equal(last.begin(), last.end(), earlier.begin()) && !rule.allowed.contains(next))
      banned.insert(next);
  }
  return {banned.begin(), banned.end()};
}

}  // namespace fovea
