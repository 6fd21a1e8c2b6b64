#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fovea/codec.h"
#include "fovea/level.h"

namespace fovea {

struct RateOptions {
  Level level = Level::base;  ///< of the pictures that are encoded
  int pages = 1;              ///< pictures that are encoded at once
  int sequences = 1;          ///< answers that are written at once
  int prompt_tokens = 300;    ///< text and vision tokens that an answer follows
  int new_tokens = 32;        ///< of an answer
  CodecOptions codec;
};

/// What a checkpoint of any kind does on this machine.
struct Rates {
  // Of three runs the fastest:
  double load_seconds = 0;
  double encode_seconds = 0;   ///< all pages at once
  double prefill_seconds = 0;  ///< all prompts
  double decode_seconds = 0;   ///< a token of every answer, the mean of all but the first
  std::vector<std::int64_t> ids;  ///< of the answers, one after another
  std::vector<float> features;    ///< of the first page, [vision tokens, d]
  std::uint64_t peak_anonymous_bytes = 0;  ///< memory that no file backs, the largest after a stage
  std::uint64_t peak_resident_bytes = 0;   ///< mapped files included
};

/// Loads the checkpoint, encodes pages of a fixed pattern and answers prompts greedily: the ids of
/// the first are 10, 11, 12 and so on, of the next 17, 18, 19, within the vocabulary. Throws what
/// `Codec` throws.
Rates measure_rates(const std::string& folder, const RateOptions& options);

}  // namespace fovea
