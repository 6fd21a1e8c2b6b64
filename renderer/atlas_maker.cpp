#include "renderer/atlas_maker.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>

#include "fovea/error.h"
#include "renderer/atlas_characters.h"
#include "renderer/atlas_layout.h"
#include "renderer/atlas_marks.h"
#include "renderer/handles.h"
#include "renderer/text_raster.h"

namespace fovea {
namespace {

using Bitmap = std::vector<std::uint8_t>;  // [40, 20 or 40] gray

struct Face {
  const char* family;
  PangoStyle style;
  PangoWeight weight;
  double size;      // px an em
  double baseline;  // px from the top of the cell
};

// DejaVu Sans Mono is 1233/2048 em wide, Unifont half an em.
constexpr double kDejaVuSize = kAtlasCellWidth * 2048.0 / 1233.0;
constexpr Face kRegular{"DejaVu Sans Mono", PANGO_STYLE_NORMAL, PANGO_WEIGHT_NORMAL, kDejaVuSize,
                        31};
constexpr Face kBold{"DejaVu Sans Mono", PANGO_STYLE_NORMAL, PANGO_WEIGHT_BOLD, kDejaVuSize, 31};
constexpr Face kOblique{"DejaVu Sans Mono", PANGO_STYLE_OBLIQUE, PANGO_WEIGHT_NORMAL, kDejaVuSize,
                        31};
constexpr Face kUnifont{"Unifont", PANGO_STYLE_NORMAL, PANGO_WEIGHT_NORMAL, kAtlasCellHeight, 35};
constexpr Face kUnifontUpper{"Unifont Upper", PANGO_STYLE_NORMAL, PANGO_WEIGHT_NORMAL,
                             kAtlasCellHeight, 35};

// Characters that DejaVu draws exactly as a more common one.
constexpr std::u32string_view kDrawnInUnifont = U"Đ‐‚∣⋅∆∏∑";

int columns_of(char32_t character) {
  return utf8proc_charwidth(static_cast<utf8proc_int32_t>(character)) == 2 ? 2 : 1;
}

bool joins_its_neighbours(char32_t character) {
  return (character >= 0x2500 && character <= 0x259F) ||
         (character >= 0xE0B0 && character <= 0xE0B3);
}

/// The faces to try in turn. Greek is bold and Cyrillic oblique, so that А, Α and A differ.
std::vector<Face> faces_of(char32_t character) {
  if (columns_of(character) == 2 || kDrawnInUnifont.find(character) != kDrawnInUnifont.npos) {
    return {kUnifont, kUnifontUpper};
  }
  if (character >= 0x370 && character <= 0x3FF) return {kBold, kUnifont};
  if (character >= 0x400 && character <= 0x4FF) return {kOblique, kUnifont};
  return {kRegular, kUnifont, kUnifontUpper};
}

void require_installed(PangoContext* context, const Face& face) {
  PangoFontDescriptionHandle wanted{pango_font_description_new()};
  pango_font_description_set_family(wanted.get(), face.family);
  PangoFontHandle font{pango_context_load_font(context, wanted.get())};
  PangoFontDescriptionHandle found{font ? pango_font_describe(font.get()) : nullptr};
  if (found && pango_font_description_get_family(found.get()) == std::string_view(face.family))
    return;
  throw Error(ErrorCode::not_found, std::string("font \"") + face.family +
                                        "\" is not installed: install the Debian packages "
                                        "fonts-dejavu-core and fonts-unifont");
}

class GlyphDrawer {
 public:
  GlyphDrawer() {
    for (const Face& face : {kRegular, kUnifont, kUnifontUpper})
      require_installed(raster_.context(), face);
  }

  /// The character's cells, or nothing when no face has it.
  std::optional<Bitmap> draw(char32_t character) {
    if (utf8proc_category(static_cast<utf8proc_int32_t>(character)) == UTF8PROC_CATEGORY_CN)
      return std::nullopt;
    const int width = columns_of(character) * kAtlasCellWidth;
    if (std::optional<Bitmap> mark = draw_mark(character, width)) return mark;
    for (const Face& face : faces_of(character)) {
      if (set_text(character, face)) return draw_text(face, width, joins_its_neighbours(character));
    }
    return std::nullopt;
  }

 private:
  bool set_text(char32_t character, const Face& face) {
    PangoFontDescriptionHandle font{pango_font_description_new()};
    pango_font_description_set_family(font.get(), face.family);
    pango_font_description_set_style(font.get(), face.style);
    pango_font_description_set_weight(font.get(), face.weight);
    pango_font_description_set_absolute_size(font.get(), face.size * PANGO_SCALE);
    std::array<char, 4> bytes;
    const auto size = utf8proc_encode_char(static_cast<utf8proc_int32_t>(character),
                                           reinterpret_cast<utf8proc_uint8_t*>(bytes.data()));
    raster_.set({bytes.data(), static_cast<std::size_t>(size)}, font.get(), /*fallback=*/false);
    return raster_.unknown_glyphs() == 0;
  }

  Bitmap draw_text(const Face& face, int width, bool joins) {
    return raster_.draw({.width = width,
                         .height = kAtlasCellHeight,
                         .baseline = face.baseline,
                         .keep_inside = !joins});
  }

  TextRaster raster_;
};

bool is_blank(const Bitmap& bitmap) {
  return std::all_of(bitmap.begin(), bitmap.end(), [](std::uint8_t gray) { return gray == 255; });
}

void paste(AtlasPicture& atlas, int slot, const Bitmap& bitmap) {
  const int width = static_cast<int>(bitmap.size()) / kAtlasCellHeight;
  for (int y = 0; y < kAtlasCellHeight; ++y) {
    const int top = slot / kAtlasColumns * kAtlasCellHeight + y;
    const int left = slot % kAtlasColumns * kAtlasCellWidth;
    std::copy_n(&bitmap[y * width], width, &atlas.pixels[top * kAtlasWidth + left]);
  }
}

Bitmap cut_out(const AtlasPicture& atlas, int slot, int width) {
  Bitmap bitmap;
  for (int y = 0; y < kAtlasCellHeight; ++y) {
    const int top = slot / kAtlasColumns * kAtlasCellHeight + y;
    const auto row =
        atlas.pixels.begin() + top * kAtlasWidth + slot % kAtlasColumns * kAtlasCellWidth;
    bitmap.insert(bitmap.end(), row, row + width);
  }
  return bitmap;
}

}  // namespace

AtlasPicture make_atlas() {
  AtlasPicture atlas{
      .font = "DejaVu Sans Mono 2.37 + GNU Unifont", .narrow = {}, .wide = {}, .pixels = {}};
  GlyphDrawer drawer;
  std::vector<Bitmap> narrow, wide;
  for (char32_t character : atlas_characters()) {
    std::optional<Bitmap> bitmap = drawer.draw(character);
    if (!bitmap || is_blank(*bitmap)) continue;
    const bool two_cells = columns_of(character) == 2;
    (two_cells ? atlas.wide : atlas.narrow) += character;
    (two_cells ? wide : narrow).push_back(std::move(*bitmap));
  }
  const int narrow_count = static_cast<int>(narrow.size()),
            wide_count = static_cast<int>(wide.size());
  atlas.height = atlas_rows(narrow_count, wide_count) * kAtlasCellHeight;
  atlas.pixels.assign(std::size_t(atlas.height) * kAtlasWidth, 255);
  for (int k = 0; k < narrow_count; ++k) paste(atlas, k, narrow[k]);
  for (int j = 0; j < wide_count; ++j) paste(atlas, wide_slot(narrow_count, j), wide[j]);
  return atlas;
}

std::vector<std::pair<char32_t, char32_t>> look_alikes(const AtlasPicture& atlas, int tolerance) {
  std::vector<Bitmap> bitmaps;
  const std::u32string characters = atlas.narrow + atlas.wide;
  const int narrow_count = static_cast<int>(atlas.narrow.size());
  for (int k = 0; k < static_cast<int>(characters.size()); ++k) {
    bitmaps.push_back(k < narrow_count ? cut_out(atlas, k, kAtlasCellWidth)
                                       : cut_out(atlas, wide_slot(narrow_count, k - narrow_count),
                                                 2 * kAtlasCellWidth));
  }
  std::vector<std::pair<char32_t, char32_t>> pairs;
  for (std::size_t a = 0; a < bitmaps.size(); ++a) {
    for (std::size_t b = a + 1; b < bitmaps.size(); ++b) {
      if (bitmaps[a].size() != bitmaps[b].size()) continue;
      int difference = 0;
      for (std::size_t i = 0; i < bitmaps[a].size(); ++i)
        difference += std::abs(bitmaps[a][i] - bitmaps[b][i]);
      if (difference <= tolerance) pairs.emplace_back(characters[a], characters[b]);
    }
  }
  return pairs;
}

}  // namespace fovea
