#include "renderer/text_raster.h"

#include <algorithm>

namespace fovea {
namespace {

constexpr double kPx = 1.0 / PANGO_SCALE;

/// Shift and scale along one axis that brings [low, low + size] into [0, room].
struct Placing {
  double shift, scale;
};

Placing keep_inside(double low, double size, double room) {
  if (size > room) return {-low * room / size, room / size};
  return {std::clamp(low, 0.0, room - size) - low, 1};
}

/// Moves and scales what is drawn next: as told, or so that the `ink` stays inside.
void set_place(cairo_t* cairo, const Fit& fit, const PangoRectangle& ink, Placing across,
               Placing down) {
  if (fit.keep_inside) {
    const Placing x = keep_inside(across.shift + ink.x * kPx * across.scale,
                                  ink.width * kPx * across.scale, fit.width);
    across = {across.shift * x.scale + x.shift, across.scale * x.scale};
    const Placing y = keep_inside(down.shift + ink.y * kPx, ink.height * kPx, fit.height);
    down = {down.shift * y.scale + y.shift, y.scale};
  }
  cairo_translate(cairo, across.shift, down.shift);
  cairo_scale(cairo, across.scale, down.scale);
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

CairoFontOptions unhinted_gray() {
  CairoFontOptions options{cairo_font_options_create()};
  cairo_font_options_set_antialias(options.get(), CAIRO_ANTIALIAS_GRAY);
  cairo_font_options_set_hint_style(options.get(), CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options.get(), CAIRO_HINT_METRICS_OFF);
  return options;
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
  const double advance = logical.width * kPx;
  const double narrowing = std::min(1.0, fit.width / std::max(advance, 1e-6));
  const double y = fit.baseline - pango_layout_get_baseline(layout_.get()) * kPx;
  const Placing across{(fit.width - advance * narrowing) / 2, narrowing}, down{y, 1};
  WhiteCanvas canvas(fit.width, fit.height);
  set_place(canvas.cairo(), fit, ink, across, down);
  pango_cairo_show_layout(canvas.cairo(), layout_.get());
  return canvas.gray();
}

std::vector<std::uint8_t> TextRaster::draw_glyphs(PangoFont* font, PangoGlyphString* glyphs,
                                                  const Fit& fit, double x) {
  PangoRectangle ink;
  pango_glyph_string_extents(glyphs, font, &ink, nullptr);
  WhiteCanvas canvas(fit.width, fit.height);
  set_place(canvas.cairo(), fit, ink, {x, 1}, {fit.baseline, 1});
  pango_cairo_show_glyph_string(canvas.cairo(), font, glyphs);
  return canvas.gray();
}

}  // namespace fovea
