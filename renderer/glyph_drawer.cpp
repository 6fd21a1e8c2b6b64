#include "renderer/glyph_drawer.h"

#include <hb.h>
#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "fovea/error.h"
#include "renderer/atlas_layout.h"
#include "renderer/atlas_marks.h"
#include "renderer/handles.h"

namespace fovea {
namespace {

// DejaVu Sans Mono is 1233/2048 em wide, Unifont half an em.
constexpr double kDejaVuSize = kAtlasCellWidth * 2048.0 / 1233.0;
constexpr double kPx = 1.0 / PANGO_SCALE;

// Characters that DejaVu draws exactly as a more common one.
constexpr std::u32string_view kDrawnInUnifont = U"Đ‐‚∣⋅∆∏∑";

int columns_of(char32_t character) {
  return utf8proc_charwidth(static_cast<utf8proc_int32_t>(character)) == 2 ? 2 : 1;
}

utf8proc_category_t category_of(char32_t character) {
  return utf8proc_category(static_cast<utf8proc_int32_t>(character));
}

bool is_mark(char32_t character) {
  const auto category = category_of(character);
  return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC ||
         category == UTF8PROC_CATEGORY_ME;
}

/// Spaces, directions, joiners, variation selectors, tags.
bool shows_nothing(char32_t character) {
  const auto category = category_of(character);
  const bool number_sign = character >= 0x600 && character <= 0x605;  // Arabic
  return (category == UTF8PROC_CATEGORY_CF && !number_sign && character != 0x6DD) ||
         category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL ||
         category == UTF8PROC_CATEGORY_ZP || (character >= 0xFE00 && character <= 0xFE0F) ||
         character == 0x34F || character == 0x17B4 || character == 0x17B5;
}

bool joins_its_neighbours(char32_t character) {
  return (character >= 0x2500 && character <= 0x259F) ||
         (character >= 0xE0B0 && character <= 0xE0B3);
}

bool is_greek(char32_t character) {
  return (character >= 0x370 && character <= 0x3FF) || (character >= 0x1F00 && character <= 0x1FFF);
}

bool is_cyrillic(char32_t character) {
  return character >= 0x400 && character <= 0x52F;
}

}  // namespace

struct GlyphDrawer::Face {
  const char* family;
  PangoStyle style;
  PangoWeight weight;
  double size;      // px an em
  double baseline;  // px from the top of the cell

  PangoFontDescriptionHandle description() const {
    PangoFontDescriptionHandle font{pango_font_description_new()};
    pango_font_description_set_family(font.get(), family);
    pango_font_description_set_style(font.get(), style);
    pango_font_description_set_weight(font.get(), weight);
    pango_font_description_set_absolute_size(font.get(), size * PANGO_SCALE);
    return font;
  }
};

constexpr GlyphDrawer::Face GlyphDrawer::kRegular{"DejaVu Sans Mono", PANGO_STYLE_NORMAL,
                                                  PANGO_WEIGHT_NORMAL, kDejaVuSize, 31};
constexpr GlyphDrawer::Face GlyphDrawer::kBold{"DejaVu Sans Mono", PANGO_STYLE_NORMAL,
                                               PANGO_WEIGHT_BOLD, kDejaVuSize, 31};
constexpr GlyphDrawer::Face GlyphDrawer::kOblique{"DejaVu Sans Mono", PANGO_STYLE_OBLIQUE,
                                                  PANGO_WEIGHT_NORMAL, kDejaVuSize, 31};
constexpr GlyphDrawer::Face GlyphDrawer::kUnifont{"Unifont", PANGO_STYLE_NORMAL,
                                                  PANGO_WEIGHT_NORMAL, kAtlasCellHeight, 35};
constexpr GlyphDrawer::Face GlyphDrawer::kUnifontUpper{"Unifont Upper", PANGO_STYLE_NORMAL,
                                                       PANGO_WEIGHT_NORMAL, kAtlasCellHeight, 35};

bool is_blank(const Bitmap& bitmap) {
  return std::all_of(bitmap.begin(), bitmap.end(), [](std::uint8_t gray) { return gray == 255; });
}

GlyphDrawer::GlyphDrawer() {
  for (const Face& face : {kRegular, kUnifont, kUnifontUpper}) require_installed(face);
}

void GlyphDrawer::require_installed(const Face& face) {
  PangoFontDescriptionHandle wanted{pango_font_description_new()};
  pango_font_description_set_family(wanted.get(), face.family);
  PangoFontHandle font{pango_context_load_font(raster_.context(), wanted.get())};
  PangoFontDescriptionHandle found{font ? pango_font_describe(font.get()) : nullptr};
  if (found && pango_font_description_get_family(found.get()) == std::string_view(face.family))
    return;
  throw Error(ErrorCode::not_found, std::string("font \"") + face.family +
                                        "\" is not installed: install the Debian packages "
                                        "fonts-dejavu-core and fonts-unifont");
}

/// The faces to try in turn. Greek is bold and Cyrillic oblique, so that А, Α and A differ.
std::vector<GlyphDrawer::Face> GlyphDrawer::faces_of(char32_t character) {
  if (columns_of(character) == 2 || kDrawnInUnifont.find(character) != kDrawnInUnifont.npos)
    return {kUnifont, kUnifontUpper};
  if (is_greek(character)) return {kBold, kUnifont};
  if (is_cyrillic(character)) return {kOblique, kUnifont};
  return {kRegular, kUnifont, kUnifontUpper};
}

std::optional<Bitmap> GlyphDrawer::draw(char32_t character) {
  if (category_of(character) == UTF8PROC_CATEGORY_CN) return std::nullopt;
  const int width = columns_of(character) * kAtlasCellWidth;
  if (std::optional<Bitmap> mark = draw_mark(character, width)) return mark;
  if (shows_nothing(character)) return draw_number(character, width);
  return is_mark(character) ? draw_bare(character, width) : draw_letter(character, width);
}

bool GlyphDrawer::set_text(char32_t character, const Face& face) {
  std::array<char, 4> bytes;
  const auto size = utf8proc_encode_char(static_cast<utf8proc_int32_t>(character),
                                         reinterpret_cast<utf8proc_uint8_t*>(bytes.data()));
  raster_.set({bytes.data(), static_cast<std::size_t>(size)}, face.description().get(),
              /*fallback=*/false);
  return raster_.unknown_glyphs() == 0;
}

std::optional<Bitmap> GlyphDrawer::draw_letter(char32_t character, int width) {
  for (const Face& face : faces_of(character)) {
    if (set_text(character, face))
      return raster_.draw({.width = width,
                           .height = kAtlasCellHeight,
                           .baseline = face.baseline,
                           .keep_inside = !joins_its_neighbours(character)});
  }
  return std::nullopt;
}

std::optional<Bitmap> GlyphDrawer::draw_bare(char32_t character, int width) {
  for (const Face& face : faces_of(character)) {
    if (std::optional<Bitmap> bitmap = draw_bare(character, width, face)) return bitmap;
  }
  return std::nullopt;
}

/// Without shaping, which would put a dotted circle under the mark. Nothing when the face lacks it.
std::optional<Bitmap> GlyphDrawer::draw_bare(char32_t character, int width, const Face& face) {
  PangoFontHandle font{pango_context_load_font(raster_.context(), face.description().get())};
  PangoFontDescriptionHandle found{pango_font_describe(font.get())};
  if (pango_font_description_get_family(found.get()) != std::string_view(face.family)) return {};
  hb_font_t* shapes = pango_font_get_hb_font(font.get());  // the font's own
  hb_codepoint_t number = 0;
  if (!hb_font_get_nominal_glyph(shapes, character, &number)) return {};
  PangoGlyphStringHandle glyphs{pango_glyph_string_new()};
  pango_glyph_string_set_size(glyphs.get(), 1);
  glyphs->glyphs[0] = {.glyph = number, .geometry = {}, .attr = {}};
  PangoRectangle ink;
  pango_glyph_string_extents(glyphs.get(), font.get(), &ink, nullptr);
  // A mark that its font sets back over the letter before it is drawn so over an empty cell.
  const double place = ink.x + ink.width <= ink.width / 2 ? kAtlasCellWidth : 0;
  return raster_.draw_glyphs(font.get(), glyphs.get(),
                             {.width = width,
                              .height = kAtlasCellHeight,
                              .baseline = face.baseline,
                              .keep_inside = true},
                             place);
}

}  // namespace fovea
