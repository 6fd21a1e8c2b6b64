#include "renderer/text_raster.h"

#include <algorithm>

namespace fovea {
namespace {

CairoFontOptions unhinted_gray() {
  CairoFontOptions options{cairo_font_options_create()};
  cairo_font_options_set_antialias(options.get(), CAIRO_ANTIALIAS_GRAY);
  cairo_font_options_set_hint_style(options.get(), CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options.get(), CAIRO_HINT_METRICS_OFF);
  return options;
}

/// Shift and scale along one axis that brings [low, low + size] into [0, room].
struct Placing {
  double shift, scale;
};

Placing keep_inside(double low, double size, double room) {
  if (size > room) return {-low * room / size, room / size};
  return {std::clamp(low, 0.0, room - size) - low, 1};
}

/// Gray of a colour; exact where red, green and blue are the same.
std::uint8_t luma(std::uint32_t rgb) {
  const unsigned red = rgb >> 16 & 0xFF, green = rgb >> 8 & 0xFF, blue = rgb & 0xFF;
  return static_cast<std::uint8_t>((77 * red + 150 * green + 29 * blue + 128) >> 8);
}

}  // namespace

WhiteCanvas::WhiteCanvas(int width, int height)
    : surface_(cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height)),
      cairo_(cairo_create(surface_.get())) {
  cairo_set_source_rgb(cairo_.get(), 1, 1, 1);
  cairo_paint(cairo_.get());
  cairo_set_source_rgb(cairo_.get(), 0, 0, 0);
}

std::vector<std::uint8_t> WhiteCanvas::gray() const {
  cairo_surface_t* picture = surface_.get();
  cairo_surface_flush(picture);
  const int width = cairo_image_surface_get_width(picture);
  const int height = cairo_image_surface_get_height(picture);
  std::vector<std::uint8_t> gray;
  gray.reserve(std::size_t(width) * height);
  const unsigned char* bytes = cairo_image_surface_get_data(picture);
  for (int y = 0; y < height; ++y, bytes += cairo_image_surface_get_stride(picture)) {
    const auto* row = reinterpret_cast<const std::uint32_t*>(bytes);  // 0x00RRGGBB each
    std::transform(row, row + width, std::back_inserter(gray), luma);
  }
  return gray;
}

PangoContextHandle unhinted_context(PangoFontMap* font_map) {
  PangoContextHandle context{pango_font_map_create_context(font_map)};
  pango_cairo_context_set_resolution(context.get(), 96);
  pango_cairo_context_set_font_options(context.get(), unhinted_gray().get());
  pango_context_set_round_glyph_positions(context.get(), FALSE);
  pango_context_set_language(context.get(), pango_language_from_string("en"));
  pango_context_changed(context.get());
  return context;
}

TextRaster::TextRaster()
    : font_map_(pango_cairo_font_map_new()),
      context_(unhinted_context(font_map_.get())),
      layout_(pango_layout_new(context_.get())) {
  pango_layout_set_single_paragraph_mode(layout_.get(), TRUE);
}

void TextRaster::set(std::string_view text, const PangoFontDescription* font, bool fallback) {
  PangoAttrListHandle attributes{pango_attr_list_new()};
  pango_attr_list_insert(attributes.get(), pango_attr_fallback_new(fallback));
  pango_layout_set_attributes(layout_.get(), attributes.get());
  pango_layout_set_font_description(layout_.get(), font);
  pango_layout_set_text(layout_.get(), text.data(), static_cast<int>(text.size()));
}

bool TextRaster::has_fonts() const {
  PangoFontFamily** families = nullptr;
  int count = 0;
  pango_font_map_list_families(font_map_.get(), &families, &count);
  g_free(families);
  return count > 0;
}

int TextRaster::unknown_glyphs() const {
  return pango_layout_get_unknown_glyphs_count(layout_.get());
}

std::vector<std::uint8_t> TextRaster::draw(const Fit& fit) const {
  PangoRectangle ink, logical;
  pango_layout_get_extents(layout_.get(), &ink, &logical);
  const double px = 1.0 / PANGO_SCALE;
  const double advance = logical.width * px;
  const double narrowing = std::min(1.0, fit.width / std::max(advance, 1e-6));
  double x = (fit.width - advance * narrowing) / 2, x_scale = narrowing;
  double y = fit.baseline - pango_layout_get_baseline(layout_.get()) * px, y_scale = 1;
  if (fit.keep_inside) {
    const Placing across =
        keep_inside(x + ink.x * px * x_scale, ink.width * px * x_scale, fit.width);
    x = x * across.scale + across.shift;
    x_scale *= across.scale;
    const Placing down = keep_inside(y + ink.y * px, ink.height * px, fit.height);
    y = y * down.scale + down.shift;
    y_scale *= down.scale;
  }
  WhiteCanvas canvas(fit.width, fit.height);
  cairo_translate(canvas.cairo(), x, y);
  cairo_scale(canvas.cairo(), x_scale, y_scale);
  pango_cairo_show_layout(canvas.cairo(), layout_.get());
  return canvas.gray();
}

}  // namespace fovea
