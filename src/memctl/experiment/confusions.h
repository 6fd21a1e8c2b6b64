#pragma once

#include <string>
#include <vector>

#include "fovea/measure.h"
#include "memctl/experiment/page_record.h"

namespace fovea::memctl {

/// Adds what the reading of a row took for what.
void count_confusions(const std::vector<Slip>& slips, Confusions& counts);

struct Confusion {
  std::string exact;  ///< empty: added by the reader
  std::string read;   ///< empty: left out
  std::size_t count = 0;
};

/// The `most` most frequent ones, the same order on every machine.
std::vector<Confusion> most_frequent(const Confusions& counts, std::size_t most);

}  // namespace fovea::memctl
