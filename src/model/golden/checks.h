#pragma once

#include <map>
#include <string>

#include "model/golden/model_run.h"
#include "model/golden/report.h"

namespace fovea::golden {

/// Compares what cases.json says about the model's cases: tiles, token counts, ids.
void check_runs(const Model& model, const std::map<std::string, Run>& runs, Report& report);

/// Compares sizes and SHA-256 of every picture in every mode, tile grids and their candidates.
void check_pictures(const Model& model, Report& report);

/// Compares the n-gram blocker's bans.
void check_ngrams(const Model& model, Report& report);

}  // namespace fovea::golden
