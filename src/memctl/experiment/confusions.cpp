#include "memctl/experiment/confusions.h"

#include <algorithm>
#include <cstdint>

#include "fovea/text.h"

namespace fovea::memctl {
namespace {

using Characters = std::vector<std::string_view>;

// Rows are a hundred characters. Longer ones have clusters of many marks, whose table would grow
// with the square.
constexpr std::size_t kLargestTable = std::size_t{1} << 24;

Characters characters_of(std::string_view text) {
  Characters characters;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t next = character_start(text, at + 1);
    characters.push_back(text.substr(at, next - at));
    at = next;
  }
  return characters;
}

/// What it takes to turn the ends of one row, from a character on, into those of another.
class DistanceTable {
 public:
  DistanceTable(const Characters& a, const Characters& b)
      : width_(b.size() + 1), cells_((a.size() + 1) * width_) {
    for (std::size_t i = a.size() + 1; i-- > 0;)
      for (std::size_t j = b.size() + 1; j-- > 0;) at(i, j) = best(a, b, i, j);
  }
  std::uint32_t operator()(std::size_t i, std::size_t j) const { return cells_[i * width_ + j]; }

 private:
  std::uint32_t& at(std::size_t i, std::size_t j) { return cells_[i * width_ + j]; }
  std::uint32_t best(const Characters& a, const Characters& b, std::size_t i, std::size_t j) {
    if (i == a.size()) return static_cast<std::uint32_t>(b.size() - j);
    if (j == b.size()) return static_cast<std::uint32_t>(a.size() - i);
    if (a[i] == b[j]) return at(i + 1, j + 1);
    return 1 + std::min({at(i + 1, j + 1), at(i + 1, j), at(i, j + 1)});
  }

  std::size_t width_;
  std::vector<std::uint32_t> cells_;
};

}  // namespace

void count_confusions(std::string_view exact, std::string_view read, Confusions& counts) {
  if (exact == read) return;
  const Characters a = characters_of(exact), b = characters_of(read);
  if ((a.size() + 1) * (b.size() + 1) > kLargestTable) return;
  const DistanceTable distance(a, b);
  const auto count = [&](std::string_view was, std::string_view became) {
    ++counts[{escaped_line(was), escaped_line(became)}];
  };
  for (std::size_t i = 0, j = 0; i < a.size() || j < b.size();) {
    const bool both = i < a.size() && j < b.size();
    if (both && a[i] == b[j]) {
      ++i, ++j;
    } else if (both && distance(i, j) == 1 + distance(i + 1, j + 1)) {
      count(a[i++], b[j++]);
    } else if (i < a.size() && distance(i, j) == 1 + distance(i + 1, j)) {
      count(a[i++], "");
    } else {
      count("", b[j++]);
    }
  }
}

std::vector<Confusion> most_frequent(const Confusions& counts, std::size_t most) {
  std::vector<Confusion> all;
  for (const auto& [pair, count] : counts) all.push_back({pair.first, pair.second, count});
  std::ranges::stable_sort(all, std::ranges::greater{}, &Confusion::count);
  all.resize(std::min(most, all.size()));
  return all;
}

}  // namespace fovea::memctl
