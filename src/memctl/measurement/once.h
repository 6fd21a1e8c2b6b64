#pragma once

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace fovea::memctl {

/// Each once, in the order given.
template <typename T>
void add_once(std::vector<T>& list, const T& one) {
  if (std::ranges::find(list, one) == list.end()) list.push_back(one);
}

/// "notes", then "notes-2", "notes-3": what none before it was called.
inline std::string unused_name(const std::string& wanted, std::set<std::string>& taken) {
  std::string name = wanted;
  for (int i = 2; !taken.insert(name).second; ++i) name = wanted + "-" + std::to_string(i);
  return name;
}

}  // namespace fovea::memctl
