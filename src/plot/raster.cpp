#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "plot/panels.h"
#include "renderer/rgb_surface.h"

namespace fovea::plot {
namespace {

std::uint32_t packed(double red, double green, double blue) {
  const auto byte = [](double part) { return static_cast<std::uint32_t>(std::lround(255 * part)); };
  return byte(red) << 16 | byte(green) << 8 | byte(blue);
}

/// From white over blue to black, darker and darker, so that it says the same in gray. What is more
/// than nothing is at once darker than paper.
std::uint32_t heat(double share) {
  if (std::isnan(share)) return packed(0.93, 0.93, 0.93);
  if (share <= 0) return packed(1, 1, 1);
  const double dark = 0.15 + 0.85 * std::min(share, 1.0);
  return packed(std::max(0.0, 1 - 1.5 * dark), std::max(0.0, 1 - 1.15 * dark),
                dark < 0.6 ? 1 - 0.45 * dark : (1 - dark) * 1.825);
}

void draw_frame(Pen& pen, const Box& box) {
  pen.set_gray(0.3);
  pen.set_line(Dash::solid, 0.75);
  cairo_rectangle(pen.cairo(), box.x, box.y, box.width, box.height);
  cairo_stroke(pen.cairo());
}

void paint(Pen& pen, const Box& box, cairo_surface_t* picture) {
  cairo_save(pen.cairo());
  cairo_translate(pen.cairo(), box.x, box.y);
  cairo_scale(pen.cairo(), box.width / cairo_image_surface_get_width(picture),
              box.height / cairo_image_surface_get_height(picture));
  cairo_set_source_surface(pen.cairo(), picture, 0, 0);
  cairo_pattern_set_filter(cairo_get_source(pen.cairo()), CAIRO_FILTER_NEAREST);
  cairo_paint(pen.cairo());
  cairo_restore(pen.cairo());
}

/// The picture has the pixels of a PNG: programs that show an SVG would smooth a smaller one.
template <typename Colour>
void draw_cells(Pen& pen, const Box& box, int columns, int rows, Colour colour) {
  if (columns > 0 && rows > 0) {
    const int width = std::max(1, static_cast<int>(std::lround(box.width * kPixels)));
    const int height = std::max(1, static_cast<int>(std::lround(box.height * kPixels)));
    const auto cell = [](int pixel, int pixels, int cells) {
      return std::min(static_cast<int>((pixel + 0.5) / pixels * cells), cells - 1);
    };
    const CairoSurface picture = rgb_surface(width, height, [&](int x, int y) {
      return colour(std::size_t(cell(y, height, rows)) * std::size_t(columns) +
                    std::size_t(cell(x, width, columns)));
    });
    paint(pen, box, picture.get());
  }
  draw_frame(pen, box);
}

}  // namespace

void draw(Pen& pen, const HeatMap& map, const Box& box) {
  draw_cells(pen, box, map.columns, map.rows, [&](std::size_t i) { return heat(map.values[i]); });
}

void draw(Pen& pen, const Image& image, const Box& box) {
  draw_cells(pen, box, image.width, image.height, [&](std::size_t i) {
    const double gray = image.gray[i] / 255.0;
    return packed(gray, gray, gray);
  });
}

void draw_heat_scale(Pen& pen, const std::string& label, const Box& box) {
  constexpr int kSteps = 200;
  const Size size = pen.size_of(label, kTextSize);
  pen.set_gray(0);
  pen.text(label, box.x, box.y + (box.height - size.height) / 2, kTextSize);
  const Box bar{box.x + size.width + 14, box.y, 240, box.height};
  draw_cells(pen, bar, kSteps + 1, 1, [](std::size_t i) { return heat(double(i) / kSteps); });
  for (const auto& [share, text] : {std::pair{0.0, "0"}, {0.5, "50"}, {1.0, "100 %"}}) {
    const Size tick = pen.size_of(text, kSmallSize);
    const double at = bar.x + bar.width * share;
    pen.set_gray(0);
    pen.text(text, at - tick.width / 2, bar.y + bar.height + 2, kSmallSize);
  }
}

}  // namespace fovea::plot
