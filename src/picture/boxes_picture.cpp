#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "core/utf8.h"
#include "fovea/error.h"
#include "fovea/grounding.h"
#include "renderer/rgb_surface.h"

namespace fovea {
namespace {

constexpr int kLongestSide = 32767;  // of a cairo surface
constexpr std::size_t kLongestLabel = 48;

struct Colour {
  double red, green, blue;
};

/// Dark enough for white words on them.
constexpr std::array<Colour, 7> kColours{{{0.84, 0.15, 0.16},
                                          {0.12, 0.40, 0.75},
                                          {0.13, 0.52, 0.20},
                                          {0.55, 0.27, 0.68},
                                          {0.78, 0.38, 0.02},
                                          {0.00, 0.48, 0.50},
                                          {0.75, 0.10, 0.50}}};

/// The same label has the same colour on every page.
Colour colour_of(const std::string& label) {
  unsigned sum = 7;
  for (const unsigned char c : label) sum = sum * 31 + c;
  return kColours[sum % kColours.size()];
}

/// Cut at a character's end.
std::string shortened(std::string label) {
  if (label.size() <= kLongestLabel) return label;
  return std::string(utf8_cut(label, kLongestLabel)) + "…";
}

CairoSurface surface_of(const Picture& picture) {
  return rgb_surface(picture.width, picture.height, [&](int x, int y) -> std::uint32_t {
    const std::uint8_t* rgb = &picture.rgb[(std::size_t(y) * picture.width + x) * 3];
    return rgb[0] << 16 | rgb[1] << 8 | rgb[2];
  });
}

/// Draws boxes and labels in sizes that suit the picture.
class BoxPen {
 public:
  BoxPen(cairo_surface_t* surface, const Picture& picture)
      : cairo_(cairo_create(surface)), width_(picture.width) {
    const double side = std::min(picture.width, picture.height);
    line_ = std::max(1.0, side / 400);
    layout_.reset(pango_cairo_create_layout(cairo_.get()));
    const PangoFontDescriptionHandle font(pango_font_description_from_string("Sans Bold"));
    pango_font_description_set_absolute_size(font.get(), std::max(8.0, side / 60) * PANGO_SCALE);
    pango_layout_set_font_description(layout_.get(), font.get());
    cairo_set_line_width(cairo_.get(), line_);
  }

  void draw(const Region& region) {
    const auto [red, green, blue] = colour_of(region.label);
    for (const PixelBox& box : region.boxes) {
      cairo_set_source_rgb(cairo_.get(), red, green, blue);
      cairo_rectangle(cairo_.get(), box.left, box.top, box.right - box.left, box.bottom - box.top);
      cairo_stroke(cairo_.get());
      if (!region.label.empty()) write_label(shortened(region.label), box);
    }
  }

 private:
  /// Above the box, or inside where there is no room above.
  void write_label(const std::string& label, const PixelBox& box) {
    pango_layout_set_text(layout_.get(), label.data(), static_cast<int>(label.size()));
    int width = 0, height = 0;
    pango_layout_get_pixel_size(layout_.get(), &width, &height);
    const double x = std::max(0.0, std::min<double>(box.left, width_ - width - 2 * line_));
    const double y = box.top >= height ? box.top - height : box.top;
    cairo_rectangle(cairo_.get(), x, y, width + 2 * line_, height);
    cairo_fill(cairo_.get());
    cairo_set_source_rgb(cairo_.get(), 1, 1, 1);
    cairo_move_to(cairo_.get(), x + line_, y);
    pango_cairo_show_layout(cairo_.get(), layout_.get());
  }

  Cairo cairo_;
  PangoLayoutHandle layout_;
  double width_;
  double line_ = 1;  // px
};

}  // namespace

void write_boxes_png(const std::string& path, const Picture& picture,
                     std::span<const Region> regions) {
  if (picture.width < 1 || picture.height < 1)
    throw Error(ErrorCode::invalid_argument, path + ": there is no picture to draw boxes on");
  if (std::max(picture.width, picture.height) > kLongestSide)
    throw Error(ErrorCode::unsupported, path + ": boxes are drawn on pictures of up to " +
                                            std::to_string(kLongestSide) + " pixels a side, not " +
                                            std::to_string(picture.width) + " x " +
                                            std::to_string(picture.height));
  const CairoSurface surface = surface_of(picture);
  BoxPen pen(surface.get(), picture);
  for (const Region& region : regions) pen.draw(region);
  const cairo_status_t status = cairo_surface_write_to_png(surface.get(), path.c_str());
  if (status != CAIRO_STATUS_SUCCESS)
    throw Error(ErrorCode::io, path + ": cannot be written: " + cairo_status_to_string(status));
}

}  // namespace fovea
