#include "plot/pen.h"

#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include "fovea/error.h"
#include "renderer/text_raster.h"

namespace fovea::plot {
namespace {

struct Rgb {
  double red, green, blue;
};

constexpr Rgb rgb_of(unsigned value) {
  return {(value >> 16) / 255.0, (value >> 8 & 0xFF) / 255.0, (value & 0xFF) / 255.0};
}

// In the order of Colour.
constexpr std::array kColours = {rgb_of(0x000000), rgb_of(0x777777), rgb_of(0xE69F00),
                                 rgb_of(0x56B4E9), rgb_of(0x009E73), rgb_of(0x0072B2),
                                 rgb_of(0xD55E00), rgb_of(0xCC79A7)};

constexpr double kRadius = 4;

/// Corners on a circle, the first one up; for a star every second one lies inside.
void polygon(cairo_t* cairo, double x, double y, int corners, double radius, double turn,
             double inner = 1) {
  for (int i = 0; i < corners; ++i) {
    const double angle = (turn + double(i) / corners) * 2 * std::numbers::pi;
    const double length = radius * (i % 2 == 1 ? inner : 1);
    cairo_line_to(cairo, x + length * std::sin(angle), y - length * std::cos(angle));
  }
  cairo_close_path(cairo);
}

/// A path of lines through the middle.
void strokes(cairo_t* cairo, double x, double y, int count, double turn) {
  for (int i = 0; i < count; ++i) {
    const double angle = (turn + 0.5 * i / count) * 2 * std::numbers::pi;
    const double dx = kRadius * std::sin(angle), dy = kRadius * std::cos(angle);
    cairo_move_to(cairo, x - dx, y + dy);
    cairo_line_to(cairo, x + dx, y - dy);
  }
}

/// Adds the marker's outline. True if it can be filled.
bool outline(cairo_t* cairo, Marker marker, double x, double y) {
  cairo_new_path(cairo);
  switch (marker) {
    case Marker::none: return false;
    case Marker::circle: cairo_arc(cairo, x, y, kRadius, 0, 2 * std::numbers::pi); return true;
    case Marker::square: polygon(cairo, x, y, 4, kRadius * 1.3, 0.125); return true;
    case Marker::diamond: polygon(cairo, x, y, 4, kRadius * 1.35, 0); return true;
    case Marker::triangle: polygon(cairo, x, y, 3, kRadius * 1.35, 0); return true;
    case Marker::inverted_triangle: polygon(cairo, x, y, 3, kRadius * 1.35, 0.5); return true;
    case Marker::star: polygon(cairo, x, y, 10, kRadius * 1.7, 0, 0.42); return true;
    case Marker::hexagon: polygon(cairo, x, y, 6, kRadius * 1.35, 0); return true;
    case Marker::plus: strokes(cairo, x, y, 2, 0); return false;
    case Marker::cross: strokes(cairo, x, y, 2, 0.125); return false;
    case Marker::asterisk: strokes(cairo, x, y, 3, 0); return false;
  }
  return false;
}

std::vector<double> lengths_of(Dash dash, double width) {
  switch (dash) {
    case Dash::dashed: return {5 * width, 3 * width};
    case Dash::dotted: return {1.2 * width, 2.2 * width};
    case Dash::dash_dotted: return {6 * width, 2.5 * width, 1.2 * width, 2.5 * width};
    default: return {};
  }
}

}  // namespace

Pen::Pen(cairo_surface_t* surface)
    : cairo_(cairo_create(surface)), layout_(pango_cairo_create_layout(cairo_.get())) {
  PangoContext* context = pango_layout_get_context(layout_.get());
  // So that PNG and SVG break lines alike.
  pango_cairo_context_set_font_options(context, unhinted_gray().get());
  pango_cairo_context_set_resolution(context, 72);
  pango_layout_context_changed(layout_.get());
  pango_layout_set_text(layout_.get(), "0", 1);
  if (pango_layout_get_unknown_glyphs_count(layout_.get()) > 0)  // and lines of any height
    throw Error(ErrorCode::unsupported,
                "a figure cannot be drawn: no font has digits; install one, such as Debian's "
                "fonts-dejavu-core");
}

void Pen::set_colour(Colour colour) const {
  const auto [red, green, blue] = kColours.at(static_cast<std::size_t>(colour));
  cairo_set_source_rgb(cairo(), red, green, blue);
}

void Pen::set_line(Dash dash, double width) const {
  const std::vector<double> lengths = lengths_of(dash, width);
  cairo_set_dash(cairo(), lengths.data(), static_cast<int>(lengths.size()), 0);
  cairo_set_line_width(cairo(), width);
}

void Pen::line(double x1, double y1, double x2, double y2) const {
  cairo_move_to(cairo(), x1, y1);
  cairo_line_to(cairo(), x2, y2);
  cairo_stroke(cairo());
}

void Pen::marker(const Style& style, double x, double y) const {
  const bool closed = outline(cairo(), style.marker, x, y);
  if (closed) {
    if (style.filled)
      set_colour(style.colour);
    else
      set_gray(1);
    cairo_fill_preserve(cairo());
  }
  set_colour(style.colour);
  set_line(Dash::solid, 1.25);
  cairo_stroke(cairo());
}

void Pen::set_text(const std::string& text, double size, double width, bool bold) {
  const PangoFontDescriptionHandle font(pango_font_description_from_string("DejaVu Sans, Sans"));
  pango_font_description_set_absolute_size(font.get(), size * PANGO_SCALE);
  if (bold) pango_font_description_set_weight(font.get(), PANGO_WEIGHT_BOLD);
  pango_layout_set_font_description(layout_.get(), font.get());
  pango_layout_set_width(layout_.get(), width > 0 ? static_cast<int>(width * PANGO_SCALE) : -1);
  pango_layout_set_wrap(layout_.get(), PANGO_WRAP_WORD_CHAR);
  pango_layout_set_text(layout_.get(), text.data(), static_cast<int>(text.size()));
}

Size Pen::size_of(const std::string& text, double size, double width, bool bold) {
  set_text(text, size, width, bold);
  int pango_width = 0, pango_height = 0;
  pango_layout_get_size(layout_.get(), &pango_width, &pango_height);
  return {double(pango_width) / PANGO_SCALE, double(pango_height) / PANGO_SCALE};
}

void Pen::text(const std::string& text, double x, double y, double size, double width, bool bold) {
  set_text(text, size, width, bold);
  cairo_move_to(cairo(), x, y);
  pango_cairo_show_layout(cairo(), layout_.get());
}

void Pen::upright_text(const std::string& text, double x, double y, double size) {
  cairo_save(cairo());
  cairo_translate(cairo(), x, y);
  cairo_rotate(cairo(), -std::numbers::pi / 2);
  set_text(text, size, 0, false);
  cairo_move_to(cairo(), 0, 0);
  pango_cairo_show_layout(cairo(), layout_.get());
  cairo_restore(cairo());
}

}  // namespace fovea::plot
