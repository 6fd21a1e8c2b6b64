#include "model/operators/row_step.h"

#include <algorithm>
#include <utility>

namespace fovea {

RowStep::RowStep(std::int64_t prefix, std::vector<std::int64_t> lengths,
                 std::vector<std::int64_t> counts)
    : prefix(prefix), lengths(std::move(lengths)), counts(std::move(counts)) {
  for (std::int64_t r = 0; r < rows(); ++r) {
    for (std::int64_t t = 0; t < this->counts[r]; ++t) {
      row.push_back(r);
      place.push_back(this->lengths[r] + t);
    }
  }
}

bool RowStep::starts() const {
  return prefix == 0 && std::all_of(lengths.begin(), lengths.end(), [](auto n) { return n == 0; });
}

std::int64_t RowStep::longest() const {
  std::int64_t longest = 0;
  for (std::size_t i = 0; i < lengths.size(); ++i)
    longest = std::max(longest, lengths[i] + counts[i]);
  return longest;
}

}  // namespace fovea
