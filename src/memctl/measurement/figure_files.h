#pragma once

#include <string>
#include <vector>

#include "plot/figure.h"

namespace fovea::memctl {

struct NamedFigure {
  std::string name;  ///< of its files, without their extension
  plot::Figure figure;
};

/// Writes each as PNG and as SVG, over what is there. Throws Error(io) naming the file.
void write_figures(const std::string& folder, const std::vector<NamedFigure>& figures);

}  // namespace fovea::memctl
