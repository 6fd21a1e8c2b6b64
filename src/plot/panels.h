#pragma once

#include <vector>

#include "plot/figure.h"
#include "plot/labels.h"
#include "plot/pen.h"

namespace fovea::plot {

/// What stands around a panel: its title, and the labels of a chart's axes.
struct Margins {
  double left = 0, right = 0, top = 0, bottom = 0;
};
inline constexpr Margins kChartMargins{62, 16, 26, 46}, kPictureMargins{5, 5, 26, 8};

/// Draws a panel into `box`, which is without its margins, and what belongs into these.
void draw(Pen& pen, const Chart& chart, const Box& box);
void draw(Pen& pen, const HeatMap& map, const Box& box);
void draw(Pen& pen, const Image& image, const Box& box);

/// A heat map's scale from 0 to 100 %.
void draw_heat_scale(Pen& pen, const std::string& label, const Box& box);

/// The line and the marker of a series, as long as `width`.
void draw_sample(Pen& pen, const Style& style, double x, double y, double width);

}  // namespace fovea::plot
