#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "fovea/codec_options.h"
#include "fovea/level.h"

namespace fovea {

// What this machine does with a checkpoint and a store, beside what it could do at most.

/// What the codec computes with.
struct Machine {
  std::string libtorch;  ///< its version
  int threads = 0;
  bool bf16 = false;  ///< Precision::automatic means bf16 here
};
Machine machine();

/// The matrix products that a codec cannot do without, and what bare ones of the same shapes take
/// on this machine: a ceiling for the codec's own time. bf16 where the CPU has it, otherwise fp32.
struct Ceiling {
  double gflop = 0;    ///< of one page
  double seconds = 0;  ///< of one page, all products after each other
};

/// Encoding one page. `checkpoint`: folder with a config.json.
Ceiling encoding_ceiling(const std::string& checkpoint, Level level);
/// Reading one page of `text_tokens` tokens: the prefix, then all rows in one pass, as if every
/// drafted row were right.
Ceiling reading_ceiling(const std::string& checkpoint, Level level, Density density,
                        int text_tokens);

/// GFLOP/s of a bare product [m, k] x [k, n].
double product_gflops(int m, int k, int n);

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
  double encode_seconds = 0;      ///< all pages at once
  double prefill_seconds = 0;     ///< all prompts
  double decode_seconds = 0;      ///< a token of every answer, the mean of all but the first
  std::vector<std::int64_t> ids;  ///< of the answers, one after another
  std::vector<float> features;    ///< of the first page, [vision tokens, d]
  std::uint64_t peak_anonymous_bytes = 0;  ///< memory that no file backs, the largest after a stage
  std::uint64_t peak_resident_bytes = 0;   ///< mapped files included
};

/// Loads the checkpoint, encodes pages of a fixed pattern and answers prompts greedily: the ids of
/// the first are 10, 11, 12 and so on, of the next 17, 18, 19, within the vocabulary. Throws what
/// `Codec` throws.
Rates measure_rates(const std::string& folder, const RateOptions& options);

/// How the next-token probabilities of a checkpoint change when its decoder's weights are int8.
struct WeightError {
  int tokens = 0;          ///< whose next token was asked for
  double logits_off = 0;   ///< |int8 - stored| / |stored| over all logits, as vectors
  double divergence = 0;   ///< mean of KL(stored || int8), nats a token
  double same_choice = 0;  ///< share of tokens with the same most probable next one
  double clear_same = 0;   ///< the same among those whose first leads the second by 1 nat or more
  int clear = 0;           ///< how many those are
};

/// Runs the same seeded random ids through both, one after the other: never both in memory. Throws
/// what `Codec` throws.
WeightError measure_int8_error(const std::string& folder, int tokens, CodecOptions codec);

/// What a store of made-up pages does in a second, without a model, and what bare tables of the
/// same content do, measured by turns.
struct StoreRates {
  std::size_t pages = 0;     ///< that were stored
  double inserts = 0;        ///< pages
  double bare_inserts = 0;   ///< rows of the same bytes in SQLite
  double searches = 0;       ///< queries
  double bare_searches = 0;  ///< by SQLite's FTS5, and a product with every embedding
};

/// Makes the stores in `folder`, which should have nothing of that name ("store.db", "bare.db").
StoreRates measure_store(const std::string& folder);

}  // namespace fovea
