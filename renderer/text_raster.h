#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "renderer/handles.h"

namespace fovea {

/// The picture that a shaped text has to fit into.
struct Fit {
  int width;         ///< px
  int height;        ///< px
  double baseline;   ///< px from the top; where the text's own baseline goes
  bool keep_inside;  ///< move and shrink ink that would be cut off
};

/// A white picture to draw on in black.
class WhiteCanvas {
 public:
  WhiteCanvas(int width, int height);  // px
  cairo_t* cairo() const { return cairo_.get(); }
  /// What was drawn: [height, width], 0 = black; colours as their gray.
  std::vector<std::uint8_t> gray() const;

 private:
  CairoSurface surface_;
  Cairo cairo_;
};

/// Gray glyphs of one shape and place at every scale.
CairoFontOptions unhinted_gray();

/// A context that shapes text without hints, so that the result does not depend on the display's
/// settings. `font_map` must outlive it.
PangoContextHandle unhinted_context(PangoFontMap* font_map);

/// Shapes one short text with Pango and draws it black on white in gray. Not thread-safe.
class TextRaster {
 public:
  TextRaster();

  /// `fallback`: let Pango take other fonts for characters that `font` lacks.
  void set(std::string_view text, const PangoFontDescription* font, bool fallback);
  /// Characters that no allowed font has.
  int unknown_glyphs() const;
  /// Returns [height, width] gray. The text is centred, and narrowed when wider than the picture.
  std::vector<std::uint8_t> draw(const Fit& fit) const;

  /// The same of glyphs that are not shaped, whose origin is `x` px from the left; they are not
  /// centred. `glyphs`: of `font`.
  static std::vector<std::uint8_t> draw_glyphs(PangoFont* font, PangoGlyphString* glyphs,
                                               const Fit& fit, double x);

  /// False where fontconfig knows no font at all, and Pango must not be asked to shape.
  bool has_fonts() const;
  PangoContext* context() const { return context_.get(); }

 private:
  PangoFontMapHandle font_map_;
  PangoContextHandle context_;
  PangoLayoutHandle layout_;
};

}  // namespace fovea
