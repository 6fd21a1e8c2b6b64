#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/measure.h"

namespace fovea {

/// Unicode characters of `text`; a byte that is not UTF-8 counts as a character of its own.
std::u32string characters_of(std::string_view text);

/// Insertions, deletions and substitutions that turn `a` into `b`. Time grows with the longer
/// length times the distance, divided by 64.
std::size_t edit_distance(std::u32string_view a, std::u32string_view b);

/// The different words of `text` (see words_of) in order, as views of it.
std::vector<std::string_view> distinct_words(std::string_view text);

}  // namespace fovea
