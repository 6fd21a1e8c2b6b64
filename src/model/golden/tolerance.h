#pragma once

#include <optional>
#include <string_view>

namespace fovea::golden {

/// How a tensor is compared with the reference.
enum class Rule {
  exact,    ///< integers
  absolute, ///< largest absolute difference
  pixels,   ///< 8-bit values: equal, or at most one level off on at most 1 %
  normals,  ///< normalised pixels: within the limit, or as `pixels` in their scale
  experts,  ///< chosen experts: equal where the choice is clear
};

struct Tolerance {
  Rule rule;
  double limit = 0;
};

/// The table of the folder's README, by the tensor's name. Nothing for a name it does not know.
std::optional<Tolerance> tolerance_of(std::string_view name);

}  // namespace fovea::golden
