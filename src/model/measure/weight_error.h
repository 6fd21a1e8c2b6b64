#pragma once

#include <string>

#include "fovea/codec.h"

namespace fovea {

/// How the next-token probabilities of a checkpoint change when its decoder's weights are int8.
struct WeightError {
  int tokens = 0;            ///< whose next token was asked for
  double logits_off = 0;     ///< |int8 - stored| / |stored| over all logits, as vectors
  double divergence = 0;     ///< mean of KL(stored || int8), nats a token
  double same_choice = 0;    ///< share of tokens with the same most probable next one
  double clear_same = 0;     ///< the same among those whose first leads the second by 1 nat or more
  int clear = 0;             ///< how many those are
};

/// Runs the same seeded random ids through both, one after the other: never both in memory. Throws
/// what `Codec` throws.
WeightError measure_int8_error(const std::string& folder, int tokens, CodecOptions codec);

}  // namespace fovea
