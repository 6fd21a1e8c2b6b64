#pragma once

#include <string>
#include <vector>

#include "model/checkpoint/config.h"
#include "model/tokenizer/tokenizer.h"

namespace fovea {

/// What shows that a tokenizer is another model's: ids beyond the vocabulary, no begin or end token,
/// no placeholder of pictures where the decoder expects it. Empty when it fits. `path`: for the
/// messages.
std::vector<std::string> tokenizer_misfits(const Tokenizer& tokenizer, const ModelConfig& config,
                                           const std::string& path);

}  // namespace fovea
