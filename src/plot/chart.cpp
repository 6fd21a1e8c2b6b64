#include <algorithm>
#include <cmath>

#include "plot/panels.h"
#include "plot/scale.h"

namespace fovea::plot {
namespace {

constexpr double kCap = 3;  // half of the bar that ends an interval
constexpr double kMarkerRoom = 11;

struct Place {
  double x, y;
};

class ChartPen {
 public:
  ChartPen(Pen& pen, const Chart& chart, const Box& box)
      : pen_(pen),
        chart_(chart),
        box_(box),
        x_(chart.x, values_of_x(chart)),
        y_(chart.y, values_of_y(chart)),
        labels_(box) {}

  void draw() {
    draw_axes();
    for (const Rule& rule : chart_.rules) draw_rule(rule);
    for (const Series& series : chart_.series) draw_line(series);
    for (const Series& series : chart_.series) draw_intervals(series);
    for (const Series& series : chart_.series) draw_markers(series);
    for (const Rule& rule : chart_.rules) name_rule(rule);
    for (const Series& series : chart_.series) draw_labels(series);
  }

 private:
  static std::vector<double> values_of_x(const Chart& chart) {
    std::vector<double> values;
    for (const Series& series : chart.series)
      for (const Point& point : series.points) values.push_back(point.x);
    for (const Rule& rule : chart.rules) values.push_back(rule.x);
    return values;
  }

  static std::vector<double> values_of_y(const Chart& chart) {
    std::vector<double> values;
    for (const Series& series : chart.series) {
      for (const Point& point : series.points) {
        values.push_back(point.y);
        values.push_back(point.low.value_or(point.y));
        values.push_back(point.high.value_or(point.y));
      }
    }
    return values;
  }

  double across(double x) const { return box_.x + x_.place(x) * box_.width; }
  double down(double y) const { return box_.y + (1 - y_.place(y)) * box_.height; }
  Place place_of(const Point& point) const { return {across(point.x), down(point.y)}; }

  void draw_axes() {
    for (const Tick& tick : x_.ticks()) {
      const double at = across(tick.at);
      draw_grid_line(at, box_.y, at, box_.y + box_.height);
      const Size size = pen_.size_of(tick.text, kSmallSize);
      pen_.set_gray(0);
      pen_.text(tick.text, at - size.width / 2, box_.y + box_.height + 5, kSmallSize);
    }
    for (const Tick& tick : y_.ticks()) {
      const double at = down(tick.at);
      draw_grid_line(box_.x, at, box_.x + box_.width, at);
      const Size size = pen_.size_of(tick.text, kSmallSize);
      pen_.set_gray(0);
      pen_.text(tick.text, box_.x - 6 - size.width, at - size.height / 2, kSmallSize);
    }
    pen_.set_gray(0.3);
    pen_.set_line(Dash::solid, 1);
    cairo_rectangle(pen_.cairo(), box_.x, box_.y, box_.width, box_.height);
    cairo_stroke(pen_.cairo());
    pen_.set_gray(0);
    const Size below = pen_.size_of(chart_.x.label, kTextSize);
    pen_.text(chart_.x.label, box_.x + (box_.width - below.width) / 2, box_.y + box_.height + 21,
              kTextSize);
    const Size beside = pen_.size_of(chart_.y.label, kTextSize);
    pen_.upright_text(chart_.y.label, box_.x - kChartMargins.left + 2,
                      box_.y + (box_.height + beside.width) / 2, kTextSize);
  }

  void draw_grid_line(double x1, double y1, double x2, double y2) const {
    pen_.set_gray(0.88);
    pen_.set_line(Dash::solid, 0.75);
    pen_.line(x1, y1, x2, y2);
  }

  void draw_rule(const Rule& rule) {
    pen_.set_gray(0);
    pen_.set_line(rule.dash, 1);
    const double x = across(rule.x);
    pen_.line(x, box_.y, x, box_.y + box_.height);
    labels_.take({x - 0.5, box_.y, 1, box_.height});
  }

  /// Beside it, as far up as there is room; where there is none, at the upper end.
  void name_rule(const Rule& rule) {
    const Size size = pen_.size_of(rule.label, kSmallSize);
    const double right = across(rule.x) + 2, left = across(rule.x) - 2 - size.height;
    const double highest = box_.y + 4, lowest = box_.y + box_.height - 4 - size.width;
    for (double top = highest; top <= lowest; top += 12) {
      for (const double x : {right, left})
        if (labels_.take_if_free({x, top, size.height, size.width}))
          return write_upright(rule.label, x, top + size.width);
    }
    write_upright(rule.label, right, highest + size.width);
  }

  void write_upright(const std::string& text, double x, double y) {
    pen_.set_gray(0);
    pen_.upright_text(text, x, y, kSmallSize);
  }

  void draw_line(const Series& series) {
    if (series.style.dash == Dash::none || series.points.size() < 2) return;
    cairo_new_path(pen_.cairo());
    for (const Point& point : series.points) {
      const Place at = place_of(point);
      cairo_line_to(pen_.cairo(), at.x, at.y);
    }
    pen_.set_colour(series.style.colour);
    pen_.set_line(series.style.dash, series.style.width);
    cairo_stroke(pen_.cairo());
    for (std::size_t i = 1; i < series.points.size(); ++i)
      keep_free(place_of(series.points[i - 1]), place_of(series.points[i]));
  }

  /// So that no label stands over a line.
  void keep_free(Place from, Place to) {
    const double length = std::hypot(to.x - from.x, to.y - from.y);
    for (double at = 0; at < length; at += 4) {
      const double part = at / length;
      labels_.take(
          {from.x + part * (to.x - from.x) - 1, from.y + part * (to.y - from.y) - 1, 2, 2});
    }
  }

  void draw_intervals(const Series& series) {
    pen_.set_colour(series.style.colour);
    pen_.set_line(Dash::solid, 1);
    for (const Point& point : series.points) {
      if (!point.low || !point.high) continue;
      const double x = across(point.x), low = down(*point.low), high = down(*point.high);
      if (low - high < 1) continue;
      pen_.line(x, low, x, high);
      pen_.line(x - kCap, low, x + kCap, low);
      pen_.line(x - kCap, high, x + kCap, high);
      labels_.take({x - kCap, high, 2 * kCap, low - high});
    }
  }

  void draw_markers(const Series& series) {
    for (const Point& point : series.points) {
      const Place at = place_of(point);
      pen_.marker(series.style, at.x, at.y);
      if (series.style.marker != Marker::none)
        labels_.take({at.x - kMarkerRoom / 2, at.y - kMarkerRoom / 2, kMarkerRoom, kMarkerRoom});
    }
  }

  void draw_labels(const Series& series) {
    for (const Point& point : series.points) {
      if (point.label.empty()) continue;
      const Place at = place_of(point);
      const Size size = pen_.size_of(point.label, kSmallSize);
      const auto box = labels_.place(at.x, at.y, size.width, size.height);
      if (!box) continue;
      lead(at, *box);
      pen_.set_gray(0);
      pen_.text(point.label, box->x, box->y, kSmallSize);
    }
  }

  /// A thin line to a point that its label does not stand beside.
  void lead(Place point, const Box& label) {
    const Place end{std::clamp(point.x, label.x, label.x + label.width),
                    std::clamp(point.y, label.y, label.y + label.height)};
    if (std::hypot(end.x - point.x, end.y - point.y) < kMarkerRoom) return;
    pen_.set_gray(0.5);
    pen_.set_line(Dash::solid, 0.75);
    pen_.line(point.x, point.y, end.x, end.y);
  }

  Pen& pen_;
  const Chart& chart_;
  Box box_;
  AxisScale x_, y_;
  LabelPlacer labels_;
};

}  // namespace

void draw(Pen& pen, const Chart& chart, const Box& box) { ChartPen(pen, chart, box).draw(); }

void draw_sample(Pen& pen, const Style& style, double x, double y, double width) {
  if (style.dash != Dash::none) {
    pen.set_colour(style.colour);
    pen.set_line(style.dash, style.width);
    pen.line(x, y, x + width, y);
  }
  pen.marker(style, x + width / 2, y);
}

}  // namespace fovea::plot
