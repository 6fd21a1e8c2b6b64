#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "fovea/codec.h"
#include "fovea/renderer.h"
#include "memctl/experiment/page_journal.h"
#include "memctl/experiment/tokenizers.h"
#include "memctl/progress_bar.h"

namespace fovea::memctl {

struct PlannedText {
  std::string name;
  std::string text;
  bool shuffled = true;  ///< its pages are read shuffled too
};

/// What is read: the pages of each text at each density and level.
struct ExperimentPlan {
  std::vector<Density> densities = {};
  std::vector<Level> levels = {};
  std::vector<PlannedText> sources = {};
  std::size_t pages = 0;  ///< of each text; 0: all
  std::uint64_t seed = 0;
  std::vector<CountedTokenizer> tokenizers = {};
};

/// Reads the pages that the journal does not have yet. False after an interrupt.
bool run_experiment(const ExperimentPlan& plan, const Renderer& renderer, const Codec& codec,
                    PageJournal& journal, ProgressBar& bar);

}  // namespace fovea::memctl
