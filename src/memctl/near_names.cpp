#include "src/memctl/near_names.h"

#include <algorithm>
#include <utility>

#include "fovea/memory.h"

namespace fovea::memctl {

std::vector<std::string> near_names(std::string_view given, std::span<const std::string> names) {
  constexpr double kAlike = 0.6;
  std::vector<std::pair<double, std::string>> found;
  for (const std::string& name : names) {
    const double alike = std::min(accuracy(given, name), accuracy(name, given));
    if (alike >= kAlike) found.emplace_back(-alike, name);
  }
  std::ranges::sort(found);
  std::vector<std::string> near;
  for (auto& [alike, name] : found) near.push_back(std::move(name));
  return near;
}

}  // namespace fovea::memctl
