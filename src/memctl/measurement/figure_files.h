#pragma once

#include <string>
#include <vector>

#include "memctl/measurement/intervals.h"
#include "plot/figure.h"

namespace fovea::memctl {

struct NamedFigure {
  std::string name;  ///< of its files, without their extension
  plot::Figure figure;
};

/// A share in percent, with its interval; 0 where there is none.
inline plot::Point percent_at(double x, const Share& share) {
  plot::Point point{x, 100 * share.value.value_or(0)};
  if (!share.interval) return point;
  point.low = 100 * share.interval->low;
  point.high = 100 * share.interval->high;
  return point;
}

/// Writes each as PNG and as SVG, over what is there. Throws Error(io) naming the file.
void write_figures(const std::string& folder, const std::vector<NamedFigure>& figures);

}  // namespace fovea::memctl
