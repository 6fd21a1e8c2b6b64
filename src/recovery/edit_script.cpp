#include "recovery/edit_script.h"

#include <algorithm>

#include "core/alignment.h"

namespace fovea {

std::vector<Edit> edits_between(std::string_view from, std::string_view to) {
  const auto head =
      static_cast<std::size_t>(std::ranges::mismatch(from, to).in1 - from.begin());
  from.remove_prefix(head);
  to.remove_prefix(head);
  while (!from.empty() && !to.empty() && from.back() == to.back()) {
    from.remove_suffix(1);
    to.remove_suffix(1);
  }
  std::vector<Edit> edits;
  std::size_t keep = head;
  align(from, to, [&](AlignmentStep step, std::size_t, std::size_t j) {
    if (step == AlignmentStep::same) {
      ++keep;
      return;
    }
    if (keep > 0 || edits.empty()) edits.push_back({.keep = keep, .insert = {}});
    keep = 0;
    if (step != AlignmentStep::inserted) ++edits.back().remove;
    if (step != AlignmentStep::removed) edits.back().insert += to[j];
  });
  return edits;
}

}  // namespace fovea
