#include "memctl/measurement/exact_strings.h"

#include <unordered_map>

#include "fovea/measure.h"

namespace fovea::memctl {

std::map<std::string, Tally> exact_strings_in(std::string_view page, std::string_view given) {
  std::unordered_map<std::string_view, std::size_t> left;
  for (const ExactString& found : find_exact_strings(given))
    ++left[given.substr(found.begin, found.length)];
  std::map<std::string, Tally> tallies;
  for (const ExactString& exact : find_exact_strings(page)) {
    Tally& tally = tallies[std::string(exact.kind)];
    ++tally.all;
    std::size_t& same = left[page.substr(exact.begin, exact.length)];
    if (same == 0) continue;
    --same;
    ++tally.given_back;
  }
  return tallies;
}

Tally sum_of(const std::map<std::string, Tally>& tallies) {
  Tally sum;
  for (const auto& [kind, tally] : tallies) sum += tally;
  return sum;
}

}  // namespace fovea::memctl
