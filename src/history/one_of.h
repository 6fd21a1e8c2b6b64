#pragma once

#include <algorithm>
#include <initializer_list>
#include <span>
#include <string_view>

namespace fovea {

inline bool is_one_of(std::string_view name, std::span<const std::string_view> names) {
  return std::ranges::find(names, name) != names.end();
}
inline bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::ranges::find(names, name) != names.end();
}

}  // namespace fovea
