#include "recovery/edit_script.h"

#include <algorithm>
#include <cstdint>

namespace fovea {
namespace {

/// distance(i, j): of from[i..] and to[j..].
class DistanceTable {
 public:
  DistanceTable(std::string_view from, std::string_view to)
      : width_(to.size() + 1), cells_((from.size() + 1) * width_) {
    for (std::size_t i = from.size() + 1; i-- > 0;) {
      for (std::size_t j = to.size() + 1; j-- > 0;) {
        at(i, j) = best(from, to, i, j);
      }
    }
  }

  std::uint32_t operator()(std::size_t i, std::size_t j) const { return cells_[i * width_ + j]; }

 private:
  std::uint32_t& at(std::size_t i, std::size_t j) { return cells_[i * width_ + j]; }
  std::uint32_t best(std::string_view from, std::string_view to, std::size_t i, std::size_t j) {
    if (i == from.size()) return static_cast<std::uint32_t>(to.size() - j);
    if (j == to.size()) return static_cast<std::uint32_t>(from.size() - i);
    if (from[i] == to[j]) return at(i + 1, j + 1);
    return 1 + std::min({at(i + 1, j + 1), at(i + 1, j), at(i, j + 1)});
  }

  std::size_t width_;
  std::vector<std::uint32_t> cells_;
};

}  // namespace

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
  const DistanceTable distance(from, to);
  std::size_t keep = head;
  const auto edit = [&]() -> Edit& {
    if (keep > 0 || edits.empty()) edits.push_back({.keep = keep, .insert = {}});
    keep = 0;
    return edits.back();
  };
  for (std::size_t i = 0, j = 0; i < from.size() || j < to.size();) {
    const bool both = i < from.size() && j < to.size();
    if (both && from[i] == to[j]) {
      ++keep, ++i, ++j;
    } else if (both && distance(i, j) == 1 + distance(i + 1, j + 1)) {
      ++edit().remove, ++i;
      edit().insert += to[j++];
    } else if (i < from.size() && distance(i, j) == 1 + distance(i + 1, j)) {
      ++edit().remove, ++i;
    } else {
      edit().insert += to[j++];
    }
  }
  return edits;
}

}  // namespace fovea
