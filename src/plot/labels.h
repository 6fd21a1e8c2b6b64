#pragma once

#include <optional>
#include <vector>

namespace fovea::plot {

struct Box {
  double x = 0, y = 0, width = 0, height = 0;
};

/// Places that are free, so that labels stand over nothing.
class LabelPlacer {
 public:
  explicit LabelPlacer(const Box& area) : area_(area) {}
  void take(const Box& box) { taken_.push_back(box); }
  /// False, and nothing is taken, where something stands in the box.
  bool take_if_free(const Box& box);
  /// Where a label of this size stands beside a point, and takes that place; nothing where there is
  /// no room for it.
  std::optional<Box> place(double x, double y, double width, double height);

 private:
  bool is_free(const Box& box) const;

  Box area_;
  std::vector<Box> taken_;
};

}  // namespace fovea::plot
