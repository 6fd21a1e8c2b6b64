#pragma once

#include <deque>
#include <functional>
#include <span>
#include <vector>

#include "fovea/codec.h"

namespace fovea {

/// What vision tokens read, with the last few readings kept: a page's texts and its picture are often
/// wanted one after the other, and nothing else takes as long as decoding.
class Readings {
 public:
  using Decode = std::function<std::vector<ReadPage>(std::span<const VisionTokens>)>;

  /// One for each of `tokens`; `decode`, which reads with this beam width, gets those together that
  /// are not kept.
  std::vector<ReadPage> of(std::span<const VisionTokens> tokens, int beam_width,
                           const Decode& decode);

 private:
  struct Reading {
    VisionTokens tokens;
    int beam_width;
    ReadPage page;
  };
  const ReadPage* find(const VisionTokens& tokens, int beam_width) const;

  std::deque<Reading> last_;  ///< the oldest first
};

}  // namespace fovea
