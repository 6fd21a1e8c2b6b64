#pragma once

#include <string>

#include "bench/encoders/designs.h"
#include "memctl/bench_folder.h"

namespace fovea::bench {

/// A checkpoint folder with seeded random weights for both towers, under DeepSeek-OCR's names, and
/// for the maps that other designs need, under "bench.". Removed at the end.
class RandomWeights {
 public:
  /// Throws Error(io) when the temporary folder has no room.
  explicit RandomWeights(const EncoderSizes& sizes);

  const std::string& folder() const { return folder_.path(); }

 private:
  memctl::BenchFolder folder_;
};

}  // namespace fovea::bench
