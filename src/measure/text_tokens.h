#pragma once

#include <string_view>

namespace fovea {

/// How many times as much as DeepSeek's tokenizer another one takes for a kind of characters. Above
/// what was measured rather than below.
struct TextRates {
  double words = 1;      ///< Latin letters, punctuation, blanks
  double digits = 1;
  double accents = 1;    ///< Latin letters beyond ASCII
  double letters = 1;    ///< of other scripts with an alphabet
  double ideographs = 1;
  double wide_signs = 0;  ///< tokens, not times: each sign of Chinese and Japanese punctuation
  double kana_hangul = 1;
  double symbols = 1;    ///< and emoji, control characters
};

/// What a text costs in tokens, not rounded.
double text_cost(std::string_view text, const TextRates& rates = {});

}  // namespace fovea
