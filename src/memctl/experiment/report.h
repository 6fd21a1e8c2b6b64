#pragma once

#include <string>
#include <vector>

#include "memctl/experiment/findings.h"
#include "memctl/measurement/texts.h"

namespace fovea::memctl {

/// How the findings came about.
struct RunReport {
  Json run;  ///< what run.json has
  std::vector<std::string> command;
  double seconds = 0;           ///< of this call
  std::size_t pages_known = 0;  ///< read by earlier calls
  bool complete = true;
};

/// experiment.json: what was found, and what it takes to repeat it.
Json document_of(const Findings& findings, const std::vector<Text>& texts, const RunReport& report);

/// experiment.md: tables for people.
std::string tables_of(const Findings& findings, const std::vector<Text>& texts,
                      const RunReport& report);

/// curves.csv: a line for each text, control and baseline at each density and level.
std::string curves_csv(const Findings& findings);
/// rows.csv: a line for each row that was read, of controls only those of random strings.
std::string rows_csv(const Findings& findings);

}  // namespace fovea::memctl
