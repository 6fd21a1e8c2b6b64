#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "fovea/level.h"
#include "fovea/scope.h"
#include "fovea/stats.h"
#include "fovea/time.h"

namespace fovea {

/// An operation of a Memory that ended well, for logs and meters.
struct Event {
  Time time = 0;      ///< when it ended
  std::string name;   ///< "compact", "finish", "recall", "search", "age", "erase", "migrate" ...
  Scope scope;
  double seconds = 0;
  std::size_t pages = 0;  ///< written, read, found, moved or removed
  /// Tokens of a prompt: pages written against their text, pages that stepped down against what
  /// they cost before, pages removed against nothing.
  std::int64_t tokens_saved = 0;
  /// What the scope holds afterwards, by level; of operations that change it.
  std::map<Level, LevelSummary> levels;
};

/// The event as one JSON object without a line feed, for a JSONL file.
std::string to_json(const Event& event);

}  // namespace fovea
