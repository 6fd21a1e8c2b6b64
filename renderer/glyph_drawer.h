#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "renderer/text_raster.h"

namespace fovea {

using Bitmap = std::vector<std::uint8_t>;  ///< [40, 20 or 40] gray, a character's cells

bool is_blank(const Bitmap& bitmap);

/// Draws the characters of an atlas with DejaVu Sans Mono, and GNU Unifont where that has no glyph.
/// Each code point stands alone and unshaped: letters have their isolated form, marks are bare and
/// where they would be over a letter of one cell. What shows nothing is drawn as its number in
/// blocks. Not thread-safe.
class GlyphDrawer {
 public:
  /// Throws Error(not_found) naming a font that is not installed.
  GlyphDrawer();

  /// The character's cells, or nothing when no font has it.
  std::optional<Bitmap> draw(char32_t character);

 private:
  struct Face;

  static const Face kRegular, kBold, kOblique, kUnifont, kUnifontUpper;

  static std::vector<Face> faces_of(char32_t character);
  void require_installed(const Face& face);
  bool set_text(char32_t character, const Face& face);
  std::optional<Bitmap> draw_letter(char32_t character, int width);
  std::optional<Bitmap> draw_bare(char32_t character, int width);
  std::optional<Bitmap> draw_bare(char32_t character, int width, const Face& face);

  TextRaster raster_;
};

}  // namespace fovea
