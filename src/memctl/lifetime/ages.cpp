#include "memctl/lifetime/ages.h"

#include <algorithm>
#include <span>
#include <utility>

#include "memctl/measurement/generator.h"

namespace fovea::memctl {

std::string name_of(const AgeRange& range) {
  if (range.to == 0) return std::to_string(range.from) + " days and more";
  if (range.to == 1) return "up to 1 day";
  return std::to_string(range.from) + " to " + std::to_string(range.to) + " days";
}

std::vector<std::size_t> pages_of_age(const Life& life, const AgeRange& range, Time now,
                                      std::size_t written) {
  std::vector<std::size_t> pages;
  for (std::size_t i = 0; i < written; ++i) {
    const Time age = now - life.pages[i].time;
    if (age > range.from * kDay && (range.to == 0 || age <= range.to * kDay)) pages.push_back(i);
  }
  return pages;
}

std::vector<std::size_t> sample_of(std::vector<std::size_t> pages, std::size_t most,
                                   std::uint64_t seed) {
  if (pages.size() <= most) return pages;
  std::vector<std::pair<std::uint64_t, std::size_t>> turns;  // and pages
  for (const std::size_t page : pages) turns.emplace_back(generator_of(seed, {page})(), page);
  std::ranges::sort(turns);
  pages.clear();
  for (const auto& [turn, page] : std::span(turns).first(most)) pages.push_back(page);
  std::ranges::sort(pages);
  return pages;
}

}  // namespace fovea::memctl
