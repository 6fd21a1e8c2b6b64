#include "plot/labels.h"

#include <algorithm>

namespace fovea::plot {
namespace {

bool overlap(const Box& a, const Box& b) {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

}  // namespace

bool LabelPlacer::is_free(const Box& box) const {
  const bool inside = box.x >= area_.x && box.y >= area_.y &&
                      box.x + box.width <= area_.x + area_.width &&
                      box.y + box.height <= area_.y + area_.height;
  return inside && std::ranges::none_of(taken_, [&](const Box& one) { return overlap(box, one); });
}

bool LabelPlacer::take_if_free(const Box& box) {
  if (!is_free(box)) return false;
  take(box);
  return true;
}

std::optional<Box> LabelPlacer::place(double x, double y, double width, double height) {
  // Above, below and beside the point, then a little farther away.
  for (const double gap : {6.0, 12.0, 20.0}) {
    const double left = x - gap - width, right = x + gap, middle = x - width / 2;
    const double above = y - gap - height, below = y + gap, level = y - height / 2;
    for (const auto& [at_x, at_y] : {std::pair{middle, above},
                                     {middle, below},
                                     {right, level},
                                     {left, level},
                                     {right, above},
                                     {left, above},
                                     {right, below},
                                     {left, below}}) {
      const Box box{at_x, at_y, width, height};
      if (take_if_free(box)) return box;
    }
  }
  return std::nullopt;
}

}  // namespace fovea::plot
