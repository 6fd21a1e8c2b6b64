#pragma once

#include <string>
#include <vector>

#include "memctl/lifetime/figures.h"
#include "memctl/measurement/run_report.h"

namespace fovea::memctl {

/// lifetime.json: what was found, and what it takes to repeat it.
Json document_of(const LifeFigures& figures, const std::vector<Text>& texts,
                 const RunReport& report);

/// lifetime.md: tables for people.
std::string tables_of(const LifeFigures& figures, const std::vector<Text>& texts,
                      const RunReport& report);

/// lifetime.csv: a line for each figure of a policy on a day, of all ages or of one.
std::string lifetime_csv(const LifeFigures& figures);

}  // namespace fovea::memctl
