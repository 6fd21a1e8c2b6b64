#pragma once

#include <span>
#include <string>
#include <vector>

#include "fovea/scope.h"

namespace fovea {

/// At most three of `scopes` that somebody may have meant by `given`, the most alike first: each part
/// is the same, written much like it, or was left at "default".
std::vector<Scope> near_scopes(const Scope& given, std::span<const Scope> scopes);
/// "; did you mean a/b/c or a/d/c?", or nothing.
std::string did_you_mean(std::span<const Scope> near);

}  // namespace fovea
