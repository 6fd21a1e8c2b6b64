#pragma once

#include <string>

#include "fovea/level.h"

namespace fovea {

/// What the codec computes with.
struct Machine {
  std::string libtorch;  ///< its version
  int threads = 0;
  bool bf16 = false;     ///< CodecOptions' precision "auto" means bf16 here
};
Machine machine();

/// The matrix products that a codec cannot do without, and what bare ones of the same shapes take on
/// this machine: a ceiling for the codec's own time. bf16 where the CPU has it, otherwise fp32.
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

}  // namespace fovea
