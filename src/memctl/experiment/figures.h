#pragma once

#include <string>
#include <vector>

#include "fovea/renderer.h"
#include "memctl/experiment/experiment_run.h"
#include "memctl/experiment/findings.h"
#include "memctl/measurement/figure_files.h"
#include "memctl/measurement/texts.h"

namespace fovea::memctl {

/// Accuracy against compression, a panel a text: every level and density, the controls, the
/// baselines, and what others published.
std::vector<NamedFigure> accuracy_figures(const Findings& findings);

/// Characters wrong against bytes stored, a panel a text, beside lossless compressors.
std::vector<NamedFigure> rate_figures(const Findings& findings, const std::vector<Text>& texts);

/// Where on the page slips are at each level: the mean over a text's pages, and its first page.
std::vector<NamedFigure> error_maps(const Findings& findings);

/// A piece of each text's first page as each level has it, with what is read beside it.
std::vector<NamedFigure> page_figures(const Findings& findings, const ExperimentPlan& plan,
                                      const Renderer& renderer);

// What error maps and page figures share.

/// All levels of one text at one density.
using Levels = std::vector<const Curve*>;
std::vector<Levels> levels_of_texts(const Findings& findings);
/// "errors-notes-106": what is not plain ASCII becomes an underscore.
std::string file_name_of(const std::string& kind, const Curve& curve);
std::string figure_title(const std::string& what, const Curve& curve);

}  // namespace fovea::memctl
