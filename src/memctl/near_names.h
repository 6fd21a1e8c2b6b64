#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fovea::memctl {

/// Those of `names` that somebody may have meant by `given`, the most alike first.
std::vector<std::string> near_names(std::string_view given, std::span<const std::string> names);

}  // namespace fovea::memctl
