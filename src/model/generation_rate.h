#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fovea/codec.h"
#include "fovea/level.h"

namespace fovea {

struct RateOptions {
  Level level = Level::base;  ///< of the picture that is encoded
  int prompt_tokens = 300;    ///< text and vision tokens that the answer follows
  int new_tokens = 32;
  CodecOptions codec;
};

/// What a checkpoint of any kind does on this machine, one page and one sequence at a time.
struct Rates {
  double load_seconds = 0;
  double encode_seconds = 0;  ///< a page, the second one
  double prefill_seconds = 0;
  double decode_seconds = 0;  ///< a token, the mean of all but the first
  std::vector<std::int64_t> ids;  ///< of the answer
  std::uint64_t peak_anonymous_bytes = 0;  ///< memory that no file backs, the largest after a stage
  std::uint64_t peak_resident_bytes = 0;   ///< mapped files included
};

/// Loads the checkpoint, encodes a page of a fixed pattern and answers a prompt of the ids 10, 11, 12
/// and so on (within the vocabulary) greedily. Throws what `Codec` throws.
Rates measure_rates(const std::string& folder, const RateOptions& options);

}  // namespace fovea
