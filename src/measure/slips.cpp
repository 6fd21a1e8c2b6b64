#include "core/alignment.h"
#include "fovea/measure.h"
#include "fovea/text.h"

namespace fovea {
namespace {

using Characters = std::vector<std::string_view>;

// Rows are a hundred characters. Longer ones have clusters of many marks, whose table would grow
// with the square.
constexpr std::size_t kLargestTable = std::size_t{1} << 24;

Characters pieces_of(std::string_view text) {
  Characters characters;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t next = character_start(text, at + 1);
    characters.push_back(text.substr(at, next - at));
    at = next;
  }
  return characters;
}

/// An empty view before a character, or at the end.
std::string_view place(std::string_view text, const Characters& characters, std::size_t i) {
  return i < characters.size() ? characters[i].substr(0, 0) : text.substr(text.size());
}

}  // namespace

std::vector<Slip> slips_between(std::string_view exact, std::string_view read) {
  if (exact == read) return {};
  const Characters a = pieces_of(exact), b = pieces_of(read);
  if ((a.size() + 1) * (b.size() + 1) > kLargestTable) return {};
  std::vector<Slip> slips;
  align(a, b, [&](AlignmentStep step, std::size_t i, std::size_t j) {
    if (step == AlignmentStep::same) return;
    slips.push_back({step == AlignmentStep::inserted ? place(exact, a, i) : a[i],
                     step == AlignmentStep::removed ? place(read, b, j) : b[j]});
  });
  return slips;
}

}  // namespace fovea
