#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fovea {

/// One change of a text, all in bytes: so many stay, then so many go, then these come.
struct Edit {
  std::size_t keep = 0;
  std::size_t remove = 0;
  std::string insert;
  bool operator==(const Edit&) const = default;
};

/// The fewest insertions, deletions and substitutions of bytes that turn `from` into `to`, in
/// order; what follows the last one stays. Time and memory grow with the product of the lengths
/// that differ, so it is meant for rows.
std::vector<Edit> edits_between(std::string_view from, std::string_view to);

}  // namespace fovea
