#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/token_counter.h"

namespace fovea::memctl {

/// A tokenizer that texts are counted with, beside the estimate for DeepSeek's.
struct CountedTokenizer {
  std::string name;    ///< the file's without its extension, or its folder's; no two alike
  std::string sha256;  ///< of the file, 64 hexadecimal digits
  TokenCounter counter;
};

/// Reads tokenizer.json files. Throws as TokenCounter does, Error(invalid_argument) for one given
/// twice.
std::vector<CountedTokenizer> read_tokenizers(const std::vector<std::string>& files);

/// The tokens of a text by the tokenizer's name.
std::map<std::string, std::size_t> tokens_of(std::string_view text,
                                             const std::vector<CountedTokenizer>& tokenizers);

}  // namespace fovea::memctl
