#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "renderer/handles.h"

namespace fovea {

/// The box that a shaped text has to fit into, in px.
struct Fit {
  double width;
  double height;
  double baseline;   ///< from the top; where the text's own baseline goes
  bool keep_inside;  ///< move and narrow ink that would be cut off
};

/// Black on white: [height, width] gray of an A8 surface whose values are ink.
std::vector<std::uint8_t> gray_of(cairo_surface_t* ink);

/// Shapes one short text with Pango and draws it black on white in gray, unhinted, so that the result does not
/// depend on the display's settings. Not thread-safe.
class TextRaster {
 public:
  TextRaster();

  /// `fallback`: let Pango take other fonts for characters that `font` lacks.
  void set(std::string_view text, const PangoFontDescription* font, bool fallback);
  /// Characters that no allowed font has.
  int unknown_glyphs() const;
  /// Returns [height, width] gray. The text is centred, and narrowed when wider than the box.
  std::vector<std::uint8_t> draw(int width, int height, const Fit& fit) const;

  PangoContext* context() const { return context_.get(); }

 private:
  PangoFontMapHandle font_map_;
  PangoContextHandle context_;
  PangoLayoutHandle layout_;
};

}  // namespace fovea
