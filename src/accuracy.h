#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace fovea {

/// Unicode characters of `text`; a byte that is not UTF-8 counts as a character of its own.
std::u32string characters_of(std::string_view text);
std::size_t count_characters(std::string_view text);

/// Insertions, deletions and substitutions that turn `a` into `b`. Time grows with the longer
/// length times the distance, divided by 64.
std::size_t edit_distance(std::u32string_view a, std::u32string_view b);

/// Share of the different words of `read` that `exact` has; 1 when nothing was read and nothing
/// was there. A word is a run of letters, digits and underscores; all beyond ASCII are letters.
double word_precision(std::string_view exact, std::string_view read);

}  // namespace fovea
