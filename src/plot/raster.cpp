#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <functional>
#include <new>

#include "plot/panels.h"

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

/// Fills a box with colours by place, 0..1 across and down. The picture has the pixels of a PNG:
/// programs that show an SVG would smooth a smaller one.
void fill(Pen& pen, const Box& box, const std::function<std::uint32_t(double, double)>& colour) {
  const int width = std::max(1, static_cast<int>(std::lround(box.width * kPixels)));
  const int height = std::max(1, static_cast<int>(std::lround(box.height * kPixels)));
  const CairoSurface surface(cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height));
  if (cairo_surface_status(surface.get()) != CAIRO_STATUS_SUCCESS) throw std::bad_alloc();
  auto* bytes = cairo_image_surface_get_data(surface.get());
  const int stride = cairo_image_surface_get_stride(surface.get());
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const std::uint32_t pixel = colour((x + 0.5) / width, (y + 0.5) / height);
      std::memcpy(bytes + std::ptrdiff_t{y} * stride + std::ptrdiff_t{x} * 4, &pixel, 4);
    }
  }
  cairo_surface_mark_dirty(surface.get());
  cairo_save(pen.cairo());
  cairo_translate(pen.cairo(), box.x, box.y);
  cairo_scale(pen.cairo(), box.width / width, box.height / height);
  cairo_set_source_surface(pen.cairo(), surface.get(), 0, 0);
  cairo_pattern_set_filter(cairo_get_source(pen.cairo()), CAIRO_FILTER_NEAREST);
  cairo_paint(pen.cairo());
  cairo_restore(pen.cairo());
}

void draw_frame(Pen& pen, const Box& box) {
  pen.set_gray(0.3);
  pen.set_line(Dash::solid, 0.75);
  cairo_rectangle(pen.cairo(), box.x, box.y, box.width, box.height);
  cairo_stroke(pen.cairo());
}

template <typename Colour>
void draw_cells(Pen& pen, const Box& box, int columns, int rows, Colour colour) {
  if (columns > 0 && rows > 0)
    fill(pen, box, [&](double across, double down) {
      const auto column = std::min(static_cast<int>(across * columns), columns - 1);
      const auto row = std::min(static_cast<int>(down * rows), rows - 1);
      return colour(static_cast<std::size_t>(row) * static_cast<std::size_t>(columns) +
                    static_cast<std::size_t>(column));
    });
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
  for (const char* text : {"0", "50", "100 %"}) {
    const Size tick = pen.size_of(text, kSmallSize);
    const double at = bar.x + bar.width * std::atof(text) / 100;
    pen.set_gray(0);
    pen.text(text, at - tick.width / 2, bar.y + bar.height + 2, kSmallSize);
  }
}

}  // namespace fovea::plot
