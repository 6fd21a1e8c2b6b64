#pragma once

#include <string>
#include <vector>

#include "memctl/lifetime/figures.h"
#include "memctl/measurement/texts.h"

namespace fovea::memctl {

/// How the figures came about.
struct LifeReport {
  Json run;  ///< what run.json has
  std::vector<std::string> command;
  double seconds = 0;              ///< of this call
  std::size_t readings_known = 0;  ///< pages that earlier calls read
  bool complete = true;
};

/// lifetime.json: what was found, and what it takes to repeat it.
Json document_of(const LifeFigures& figures, const std::vector<Text>& texts,
                 const LifeReport& report);

/// lifetime.md: tables for people.
std::string tables_of(const LifeFigures& figures, const std::vector<Text>& texts,
                      const LifeReport& report);

/// lifetime.csv: a line for each figure of a policy on a day, of all ages or of one.
std::string lifetime_csv(const LifeFigures& figures);

}  // namespace fovea::memctl
