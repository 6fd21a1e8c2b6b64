#pragma once

#include <cstdint>
#include <vector>

#include "renderer/atlas.h"

namespace fovea {

/// How a code point without a glyph is drawn: its hex digits, from the atlas, in a frame.
struct CodePointBox {
  char32_t value = 0;
  int digits = 4;         ///< at least: 2 for controls and bytes
  int columns = 1;        ///< cells wide: 1 or 2
  bool inverted = false;  ///< white on black: a byte that is not UTF-8
};

/// Returns [40, columns * 20] gray.
std::vector<std::uint8_t> draw_box(const Atlas& atlas, const CodePointBox& box);

}  // namespace fovea
