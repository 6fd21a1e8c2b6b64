#pragma once

#include <vector>

#include "renderer/document_text.h"
#include "renderer/handles.h"

namespace fovea {

/// Typewriter faces look larger than others of the same size, so code is set smaller.
inline constexpr double kCodeSize = 0.86;

/// What a text is set in, unless it has styles of its own.
struct TypeFace {
  double size;     ///< px an em
  unsigned style;  ///< TextStyle
};

/// Shapes a text and breaks it into lines of `width` px; -1: as wide as the text.
PangoLayoutHandle shape_text(PangoContext* context, const DocumentText& text, const TypeFace& face,
                             double width);

double width_of(PangoLayout* layout);   // px
double height_of(PangoLayout* layout);  // px
/// Whether its first paragraph runs from the right.
bool is_right_to_left(PangoLayout* layout);

/// Widths of a table's columns, px: as wide as they would like to be (`natural`) where `room`
/// allows, otherwise the wide ones share what the narrow ones leave.
std::vector<double> share_width(const std::vector<double>& natural, double room);

/// Pango's units as px.
inline double px(int units) { return static_cast<double>(units) / PANGO_SCALE; }

}  // namespace fovea
