#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace fovea {

/// One step of an alignment of two sequences.
enum class AlignmentStep { same, substituted, removed, inserted };

/// distance(i, j): of the ends from[i..] and to[j..].
template <typename Sequence>
class DistanceTable {
 public:
  DistanceTable(const Sequence& from, const Sequence& to)
      : width_(to.size() + 1), cells_((from.size() + 1) * width_) {
    for (std::size_t i = from.size() + 1; i-- > 0;) {
      for (std::size_t j = to.size() + 1; j-- > 0;) at(i, j) = best(from, to, i, j);
    }
  }

  std::uint32_t operator()(std::size_t i, std::size_t j) const { return cells_[i * width_ + j]; }

 private:
  std::uint32_t& at(std::size_t i, std::size_t j) { return cells_[i * width_ + j]; }
  std::uint32_t best(const Sequence& from, const Sequence& to, std::size_t i, std::size_t j) {
    if (i == from.size()) return static_cast<std::uint32_t>(to.size() - j);
    if (j == to.size()) return static_cast<std::uint32_t>(from.size() - i);
    if (from[i] == to[j]) return at(i + 1, j + 1);
    return 1 + std::min({at(i + 1, j + 1), at(i + 1, j), at(i, j + 1)});
  }

  std::size_t width_;
  std::vector<std::uint32_t> cells_;
};

/// The fewest insertions, deletions and substitutions that turn `from` into `to`; where several
/// have as few, substitutions come first. Calls visit(step, i, j) in order, i and j being the places
/// in the two that the step begins at. Time and memory grow with the product of the lengths.
template <typename Sequence, typename Visit>
void align(const Sequence& from, const Sequence& to, Visit visit) {
  const DistanceTable<Sequence> distance(from, to);
  for (std::size_t i = 0, j = 0; i < from.size() || j < to.size();) {
    const bool both = i < from.size() && j < to.size();
    if (both && from[i] == to[j]) {
      visit(AlignmentStep::same, i++, j++);
    } else if (both && distance(i, j) == 1 + distance(i + 1, j + 1)) {
      visit(AlignmentStep::substituted, i++, j++);
    } else if (i < from.size() && distance(i, j) == 1 + distance(i + 1, j)) {
      visit(AlignmentStep::removed, i++, j);
    } else {
      visit(AlignmentStep::inserted, i, j++);
    }
  }
}

}  // namespace fovea
