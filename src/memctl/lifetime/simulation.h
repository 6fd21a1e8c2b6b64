#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "fovea/memory.h"
#include "memctl/lifetime/life.h"
#include "memctl/lifetime/questions.h"
#include "memctl/lifetime/records.h"
#include "memctl/progress_bar.h"
#include "memctl/session.h"

namespace fovea::memctl {

struct NamedPolicy {
  std::string name;
  Policy policy;
};

/// What is lived through, and what is looked at.
struct LifetimePlan {
  std::vector<NamedPolicy> policies;
  Archive archive = Archive::keep;
  int every = 7;              ///< days between two snapshots
  std::size_t pages = 0;      ///< looked at in each range of ages
  std::size_t questions = 0;  ///< of each of these pages
  int k = 5;                  ///< pages that a search may return
  std::uint64_t seed = 0;

  bool is_measured(int day, int days) const { return day % every == 0 || day == days; }
};

/// What stays the same for all policies.
struct Simulated {
  const LifetimePlan& plan;
  const Life& life;
  const std::vector<std::vector<Question>>& questions;
  const Session& session;
};

/// Lives the life through once for each policy, in a store of its own below `folder` that is gone
/// when the policy is done. Days of which the records know all are passed over. False after an
/// interrupt.
bool simulate(const Simulated& simulated, const std::string& folder, LifeRecords& records,
              ProgressBar& bar);

}  // namespace fovea::memctl
