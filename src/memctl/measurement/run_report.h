#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fovea/codec.h"
#include "memctl/measurement/intervals.h"
#include "memctl/measurement/texts.h"
#include "memctl/session.h"

namespace fovea::memctl {

/// How the figures of an experiment came about.
struct RunReport {
  Json run;  ///< what run.json has
  std::vector<std::string> command;
  double seconds = 0;     ///< of this call
  std::size_t known = 0;  ///< pages that earlier calls read
  bool complete = true;
};

/// What the figures of any experiment depend on, beside what it was asked for: two runs with the
/// same of it find the same.
Json run_facts(const Session& session, const Codec& codec, const std::vector<Text>& texts);

/// Adds what it takes to repeat the figures of a JSON document: command, inputs, and what run.json
/// has.
void add_run(Json& document, const RunReport& report, const std::vector<Text>& texts);

/// "memctl 1.0, fovea-nano 0123456789abcdef, " + asked + ", seed 1, Some Processor" and a line end.
std::string run_line(const Json& run, const std::string& asked);

inline constexpr const char* kIntervalsNote =
    "In square brackets: 95 % intervals by the bootstrap over pages, where there are two or "
    "more.\n";

/// [low, high]
Json interval_json(const std::optional<Interval>& interval);

}  // namespace fovea::memctl
