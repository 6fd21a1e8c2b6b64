#pragma once

#include <map>
#include <string>
#include <vector>

#include "fovea/level.h"

namespace fovea {

/// How finely the tokens of a page may be rounded.
struct TokenRate {
  float step = 1;  ///< numbers are rounded to multiples of this
  /// Share of the glyph reader's cells that must be seen as without rounding for a page to be packed
  /// at this rate; the last rate takes what is left.
  float agreement = 0;
};

/// What config.json says of the code that packs a level's vision tokens (see token_code.h).
struct TokenCodeConfig {
  int columns = 0;  ///< numbers a token, beside the one of its size
  int range = 31;   ///< numbers beyond -range .. range are written in full
  std::vector<TokenRate> rates = {};  ///< the one of fewest bytes first
};

struct TokenCodeConfigs {
  std::map<Level, TokenCodeConfig> levels;
  /// Fingerprints of checkpoints with the same weights and no code, whose tokens of 8 bits a value
  /// this one reads as well.
  std::vector<std::string> also_reads;
};

/// "fovea": {"token_code": {"levels": ..., "also_reads": ...}}; empty for a checkpoint without. Throws
/// Error(not_found | corruption) naming the file and the key.
TokenCodeConfigs read_token_codes(const std::string& config_path);

}  // namespace fovea
