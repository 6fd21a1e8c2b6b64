#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "memctl/experiment/page_record.h"

namespace fovea::memctl {

/// Adds what the reading of a row took for what (see slips_between).
void count_confusions(std::string_view exact, std::string_view read, Confusions& counts);

struct Confusion {
  std::string exact;  ///< empty: added by the reader
  std::string read;   ///< empty: left out
  std::size_t count = 0;
};

/// The `most` most frequent ones, the same order on every machine.
std::vector<Confusion> most_frequent(const Confusions& counts, std::size_t most);

}  // namespace fovea::memctl
