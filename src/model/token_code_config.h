#pragma once

#include <map>
#include <string>

#include "fovea/level.h"

namespace fovea {

/// What config.json says of the code that packs a level's vision tokens (see token_code.h).
struct TokenCodeConfig {
  int columns = 0;  ///< numbers a token, beside the one of its size
  int range = 31;   ///< numbers beyond -range .. range are written in full
};

/// "fovea": {"token_code": {"levels": ...}}; empty for a checkpoint without. Throws
/// Error(not_found | corruption) naming the file and the key.
std::map<Level, TokenCodeConfig> read_token_codes(const std::string& config_path);

}  // namespace fovea
