#pragma once

#include <vector>

#include "memctl/lifetime/figures.h"
#include "memctl/measurement/figure_files.h"

namespace fovea::memctl {

/// The forgetting curve (what is left of a page by its age, beside the newest text in as many tokens)
/// and what is held day by day, a line a policy.
std::vector<NamedFigure> life_pictures(const LifeFigures& figures);

}  // namespace fovea::memctl
