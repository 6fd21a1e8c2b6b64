#pragma once

#include <string>
#include <vector>

#include "plot/figure.h"

namespace fovea::plot {

/// Where values of an axis stand, 0 at its beginning to 1 at its end.
class AxisScale {
 public:
  /// `values`: what is drawn, for what the axis leaves open.
  AxisScale(const Axis& axis, const std::vector<double>& values);

  /// Of a value beyond the axis: its nearer end.
  double place(double value) const;
  const std::vector<Tick>& ticks() const { return ticks_; }
  double from() const { return from_; }
  double to() const { return to_; }

 private:
  void find_range(const Axis& axis, const std::vector<double>& values);
  void add_linear_ticks();
  void add_decades();

  Scale scale_;
  double from_ = 0, to_ = 1;
  std::vector<Tick> ticks_;
};

/// As short as it can be: "0.001", "20", "1,000".
std::string number_text(double value);

}  // namespace fovea::plot
