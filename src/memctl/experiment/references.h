#pragma once

#include <string>
#include <vector>

namespace fovea::memctl {

struct ReferencePoint {
  double compression = 0;  ///< text tokens a token that the model sees
  double share = 0;        ///< 0..1, of what `measure` says
};

/// What others published of their own compressors, on another task than this experiment's.
struct Reference {
  std::string name, task, measure, source;
  std::vector<ReferencePoint> points;
};

const std::vector<Reference>& references();

}  // namespace fovea::memctl
