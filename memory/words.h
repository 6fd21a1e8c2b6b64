#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fovea {

struct CodePoint {
  std::int32_t value = -1;  ///< -1: a byte that is not UTF-8
  std::size_t length = 1;   ///< bytes
};

/// The code point that begins at byte `at` < text.size().
CodePoint code_point_at(std::string_view text, std::size_t at);

/// Letters and digits of any script.
bool is_word_character(std::int32_t code_point);
/// A letter of a script that writes words without spaces (Chinese, Japanese, Thai ...) or joins
/// endings to them (Korean): for search, each is a word.
bool is_word_alone(std::int32_t code_point);

struct Word {
  std::string folded;     ///< lower case, without accents
  std::size_t begin = 0;  ///< byte in the text
  std::size_t length = 0;
};

/// The words of `text` in order.
std::vector<Word> words_of(std::string_view text);

}  // namespace fovea
