#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "memctl/lifetime/ages.h"
#include "memctl/lifetime/life.h"
#include "memctl/lifetime/questions.h"
#include "memctl/lifetime/records.h"
#include "memctl/lifetime/simulation.h"
#include "memctl/measurement/intervals.h"

namespace fovea::memctl {

/// How what is left of a history stands in a prompt.
enum class Method {
  vision_tokens,  ///< as the policy has it
  newest_text,    ///< the baseline: the end of the history, in as many tokens as the policy takes
};
std::string_view name_of(Method method);

/// What a policy's store holds on a day.
struct Holding {
  std::string policy;
  int day = 0;
  std::size_t pages = 0;  ///< that there are still
  std::size_t gone = 0;
  std::size_t history_tokens = 0;  ///< of all that was said by then, as text
  std::map<Level, std::size_t> levels = {};
  const SnapshotRecord* record = nullptr;

  std::size_t tokens() const { return record->vision_tokens + record->verbatim_tokens; }
};

/// What is left of pages of an age.
struct AgeCurve {
  std::string policy;
  Method method = Method::vision_tokens;
  std::optional<int> day;  ///< absent: of all days that were looked at
  AgeRange age;
  std::size_t pages = 0;  ///< different ones that were looked at
  double tokens = 0;      ///< that a page takes, the mean over all of that age
  Share fidelity, exact_strings;
  std::size_t questions = 0;        ///< different ones
  Share found, readable, answered;  ///< of the questions; answered: found and readable
};

/// What a life showed.
struct LifeFigures {
  std::vector<Holding> holdings;  ///< by policy and day
  std::vector<AgeCurve> curves;   ///< of single days, then over all days
};

/// `records` must outlive the figures.
LifeFigures figures_of(const LifetimePlan& plan, const Life& life,
                       const std::vector<std::vector<Question>>& questions,
                       const LifeRecords& records);

}  // namespace fovea::memctl
