#pragma once

#include <cstddef>

namespace fovea {

/// Chooses the pages whose reading is measured while they stream by: evenly spread where their
/// number is known beforehand; otherwise the first ones, then ever fewer (each power of two).
class MeasuringPlan {
 public:
  /// `wanted`: pages to measure, -1: all. `expected`: pages to come, 0: not known.
  MeasuringPlan(int wanted, std::size_t expected) : wanted_(wanted), expected_(expected) {}

  /// True when the next page is one of them.
  bool next();

 private:
  bool is_chosen(std::size_t index) const;

  int wanted_;
  std::size_t expected_;
  std::size_t index_ = 0;
};

}  // namespace fovea
