#pragma once

#include <map>
#include <string>
#include <string_view>

namespace fovea::memctl {

/// How many there were, and how many of them were given back.
struct Tally {
  std::size_t all = 0;
  std::size_t given_back = 0;

  void operator+=(const Tally& other) {
    all += other.all;
    given_back += other.given_back;
  }
};

/// The exact strings of a page by kind (ids, URLs, paths, numbers, dates ...), and how many of them
/// whoever looks for exact strings in `given` finds there, each at most as often as it occurs.
std::map<std::string, Tally> exact_strings_in(std::string_view page, std::string_view given);

Tally sum_of(const std::map<std::string, Tally>& tallies);

}  // namespace fovea::memctl
