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

/// A successful operation of a Memory, for logs and metrics.
struct Event {
  Time time = 0;      ///< when it ended
  std::string name;   ///< "compact", "finish", "recall", "search", "age", "erase", "migrate" ...
  Scope scope;
  double seconds = 0;
  std::size_t pages = 0;  ///< written, read, found, moved or removed
  /// Prompt tokens saved: by pages written, against their text; by pages that stepped down or were
  /// removed, against what they cost before.
  std::int64_t tokens_saved = 0;
  /// What the scope holds afterwards, by level; only for operations that change it.
  std::map<Level, LevelSummary> levels;
};

/// The event as one JSON object without a line feed, for a JSONL file.
std::string to_json(const Event& event);

}  // namespace fovea
