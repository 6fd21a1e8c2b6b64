#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/level.h"
#include "fovea/time.h"

namespace fovea {

/// What happens to pages of at least this age. With `floor`: they go to the coarsest level that is
/// read back at least that well. With `level`: they go to that level. With neither they are erased.
struct AgeBand {
  std::int64_t older_than = 0;  ///< seconds since the page's last message, or its last recall
  std::optional<Level> level{};
  std::optional<double> floor{};  ///< 1 - edit distance / length, 0..1
};

/// How much text is kept beside a page's vision tokens.
struct TextBudget {
  std::size_t bytes = 0;         ///< per page, before compression; 0: none is kept
  Level down_to = Level::trace;  ///< a coarser page keeps none
};

/// How memory fades; see doc/policies.md. Given as JSON or as one of the presets.
struct Policy {
  std::vector<AgeBand> bands;
  std::optional<std::size_t> budget;  ///< vision tokens that all pages of a scope may take together
  /// How many consecutive pages fade together: a page waits until the youngest of its batch is old
  /// enough, so that the beginning of a prompt changes once per batch.
  int batch = 1;
  TextBudget anchors;      ///< exact strings: ids, hashes, paths, URLs, numbers, names
  TextBudget corrections;  ///< of reading errors; only for pages whose exact text is not kept
  bool anchors_without_archive = false;  ///< also for pages whose exact text is not kept
  /// Seconds that a page's exact text is kept after its last message or last recall; absent: as
  /// long as the page.
  std::optional<std::int64_t> archive_for;

  /// The preset "balanced": by fidelity.
  static Policy standard();
  /// Throws Error(invalid_argument) naming the presets that exist.
  static Policy preset(std::string_view name);
  static std::span<const std::string_view> preset_names();
  /// Throws Error(invalid_argument) naming the key.
  static Policy from_json(std::string_view json);
  std::string to_json() const;
};

/// The coarsest level at which most pages are read back at least as well as `floor`. Pages that are
/// not measured go there.
Level expected_level(double floor);
/// How well most pages are read back at `level`, 0..1.
double expected_fidelity(Level level);

/// The fidelity that the policy's sharpest band asks for, 0..1; a band by age asks for what most
/// pages have at its level.
double asked_fidelity(const Policy& policy);

/// What the plan needs to know about a page.
struct PageState {
  std::int64_t id = 0;
  std::int64_t order = 0;  ///< 1, 2, 3 ... in the scope; decides its batch
  Level level = Level::base;
  Time time = 0;           ///< of its last message
  Time last_recalled = 0;  ///< 0: never; a page's age counts from its last recall
  bool pinned = false;
  std::size_t characters = 0;
  /// Its exact text is known, so other levels can be measured. If not, they are assumed to be read
  /// as well as those of most pages.
  bool measurable = false;
  std::map<Level, double> fidelity = {};  ///< as measured
  /// How far off these may be, either way; absent: not at all (see Fidelity::error).
  std::map<Level, double> fidelity_error = {};
  /// The coarsest level at which it can be read at all: what a document's type allows.
  Level legible_to = Level::trace;
  bool has_archive = false;
};

/// One page's move. `to` empty: gone.
struct Step {
  std::int64_t id = 0;
  Level from = Level::base;
  std::optional<Level> to;
  int tokens_saved = 0;
  std::optional<double> fidelity = {};  ///< at `to`, as measured; absent: not known
  double fidelity_error = 0;            ///< of it, see Fidelity::error
  std::string reason = {};              ///< "by age", "by fidelity", "for the budget" ...
};

/// A page that was left as it is, and why.
struct Refusal {
  std::int64_t id = 0;
  std::string reason;
};

struct Measurement {
  std::int64_t id = 0;
  Level level = Level::base;
  /// It is enough to know whether the page holds this; absent: how well it is read has to be known.
  std::optional<double> floor = {};
};

struct ForgettingPlan {
  std::vector<Step> steps;
  /// Pages that are below their floor at the next level, or cannot be read there.
  std::vector<Refusal> refused;
  std::vector<std::int64_t> archives;  ///< pages that lose their exact text, after their step
  /// What must be measured before the plan is complete: measure some of it, enter the results into
  /// the states and plan again, until this is empty.
  std::vector<Measurement> measurements;
  std::size_t vision_tokens = 0;  ///< of all pages after the steps
};

/// What `policy` asks for at `now`. A pure function: no database, no clock. `pages`: all of a
/// scope. Pinned pages stay; no page gets sharper. `levels`: those that can be read back, sharpest
/// first.
ForgettingPlan plan(const Policy& policy, std::span<const PageState> pages, Time now,
                    std::span<const Level> levels = kLevels);

}  // namespace fovea
