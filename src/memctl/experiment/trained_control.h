#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "fovea/level.h"
#include "memctl/measurement/intervals.h"

namespace fovea::memctl {

/// What was read back of one text at one level and density.
struct TrainedFigures {
  std::string domain = {};
  Density density = Density::d106;
  Level level = Level::tiny;
  std::size_t token_bytes = 0;        ///< of all pages
  std::vector<PageShare> right = {};  ///< characters that are right, of each page
};

/// A codec trained to compare with, such as one whose encoder sees no picture, as
/// `python -m fovea.training evaluate` measured it.
struct TrainedControl {
  /// "pooled-22 (pooled encoder)"
  std::string label() const { return name + " (" + encoder + " encoder)"; }

  std::string name = {};     ///< the file's without its extension, no two alike
  std::string sha256 = {};   ///< of the file, 64 hexadecimal digits
  std::string encoder = {};  ///< its kind
  std::vector<TrainedFigures> figures = {};
};

/// From `json`, what `evaluate --out` wrote to `file`. Random strings, which `evaluate` makes up
/// itself, are left out. Throws Error(corruption) naming the file where it is something else.
TrainedControl trained_control_from(const std::string& json, const std::string& file);

}  // namespace fovea::memctl
