#pragma once

#include <cstddef>
#include <string_view>

namespace fovea::memctl {

/// The largest number up to `most` for which `fits` holds, which holds for 0.
template <typename Fits>
std::size_t largest(std::size_t most, Fits fits) {
  std::size_t good = 0, bad = most + 1;
  while (bad - good > 1) {
    const std::size_t middle = good + (bad - good) / 2;
    (fits(middle) ? good : bad) = middle;
  }
  return good;
}

/// True when a text costs no more (estimated) tokens than that.
bool costs_at_most(std::string_view text, std::size_t budget);

/// The longest beginning and the longest end of a text within a budget, of whole characters.
std::string_view first_tokens(std::string_view text, std::size_t budget);
std::string_view last_tokens(std::string_view text, std::size_t budget);

}  // namespace fovea::memctl
