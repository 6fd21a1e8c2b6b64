#pragma once

#include <functional>
#include <string>

namespace fovea::bench {

/// One comparison: each is called with the number of the weight that it should take, so that
/// weights come from where they come from in a model, not from a core's own cache.
struct Pair {
  std::string kernel, shape, other;
  int weights;  ///< numbers run from 0 to weights - 1
  std::function<void(int weight)> ours, theirs;
};

/// Times both in turn, in processor time of this thread, and prints medians: microseconds of each,
/// and how many times as fast ours is.
void compare(const Pair& pair, int rounds);
void print_header();

}  // namespace fovea::bench
