#pragma once

#include <string_view>
#include <vector>

namespace fovea::memctl {

/// Letters, digits and underscores; all beyond ASCII are letters, as for fovea::word_precision.
bool is_word_byte(char byte);
/// The words of a text in order, each as often as it occurs.
std::vector<std::string_view> words_of(std::string_view text);

}  // namespace fovea::memctl
