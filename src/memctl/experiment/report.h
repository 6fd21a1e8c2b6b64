#pragma once

#include <string>
#include <vector>

#include "memctl/experiment/findings.h"
#include "memctl/measurement/run_report.h"

namespace fovea::memctl {

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
