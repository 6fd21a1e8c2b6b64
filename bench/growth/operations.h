#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>

#include "fovea/level.h"

namespace fovea::bench {

struct Operand {
  std::string file;   ///< a store that fill() made
  std::string model;  ///< a checkpoint's folder: it is named, and not loaded
  Level level = Level::tiny;
  std::size_t words = 900;  ///< of a page that is added
};

/// What is done once, and then as often as it is timed.
struct Operation {
  std::size_t times = 0;
  std::function<void()> first, each;
};

/// By name: what an application asks of a store of many pages, without a codec.
std::map<std::string, std::function<Operation(const Operand&)>> operations();

}  // namespace fovea::bench
