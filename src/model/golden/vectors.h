#pragma once

#include <map>
#include <string>

#include "model/golden/model_run.h"
#include "model/golden/report.h"

namespace fovea::golden {

/// Compares every tensor of vectors.safetensors; one that is not known here fails.
void check_vectors(const Model& model, const std::map<std::string, Run>& runs, Report& report);

}  // namespace fovea::golden
