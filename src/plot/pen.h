#pragma once

#include <string>

#include "plot/figure.h"
#include "renderer/handles.h"

namespace fovea::plot {

inline constexpr double kPixels = 2;  ///< of a PNG, for a px
inline constexpr double kTextSize = 12, kTitleSize = 13, kSmallSize = 10.5;

struct Size {
  double width = 0, height = 0;
};

/// Draws lines, markers and text onto a cairo surface.
class Pen {
 public:
  explicit Pen(cairo_surface_t* surface);

  cairo_t* cairo() const { return cairo_.get(); }
  void set_colour(Colour colour) const;
  void set_gray(double gray) const { cairo_set_source_rgb(cairo(), gray, gray, gray); }
  void set_line(Dash dash, double width) const;
  void line(double x1, double y1, double x2, double y2) const;
  void marker(const Style& style, double x, double y) const;

  /// Of a text, broken into lines that are no wider than `width`; 0: one line.
  Size size_of(const std::string& text, double size, double width = 0, bool bold = false);
  /// `x`, `y`: its upper left corner.
  void text(const std::string& text, double x, double y, double size, double width = 0,
            bool bold = false);
  /// Upwards, `x`, `y` its lower left corner.
  void upright_text(const std::string& text, double x, double y, double size);

 private:
  void set_text(const std::string& text, double size, double width, bool bold);

  Cairo cairo_;
  PangoLayoutHandle layout_;
};

}  // namespace fovea::plot
