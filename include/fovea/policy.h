#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/level.h"

namespace fovea {

/// Seconds since 1970-01-01 UTC.
using Time = std::int64_t;

/// Pages at least this old belong at `level`; nothing: they are erased ("gone").
struct AgeBand {
  std::int64_t older_than = 0;  ///< seconds since the page's last message, or its last recall
  std::optional<Level> level;
};

/// How memory fades by age. Bands in rising order of age, levels in falling sharpness.
struct Policy {
  std::vector<AgeBand> bands;

  /// Base when fresh, small after a day, tiny after a week; nothing is erased.
  static Policy standard();
  /// Reads `{"kind": "by-age", "bands": [{"older_than": "1d", "level": "small"}, ...]}`.
  /// Throws Error(invalid_argument) naming the key.
  static Policy from_json(std::string_view json);
  std::string to_json() const;
};

/// What the plan needs to know of a page.
struct PageState {
  std::int64_t id = 0;
  Level level = Level::base;
  Time time = 0;           ///< of its last message
  Time last_recalled = 0;  ///< 0: never; a recalled page fades as if it were that fresh
  bool pinned = false;
};

/// One page's move. `to` empty: gone.
struct Step {
  std::int64_t id = 0;
  Level from = Level::base;
  std::optional<Level> to;
  int tokens_saved = 0;
  std::optional<double> fidelity;  ///< measured by the one who acts; absent in a plain plan
};

/// The steps that `policy` asks for at `now`: pure, no database, no clock. Pinned pages stay; a
/// page never gets sharper.
std::vector<Step> plan(const Policy& policy, const std::vector<PageState>& pages, Time now);

}  // namespace fovea
