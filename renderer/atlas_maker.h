#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace fovea {

/// A freshly drawn atlas: what `atlas.png` and the "atlas" object of `config.json` hold.
struct AtlasPicture {
  std::string font;                  ///< the fonts it was drawn with
  std::u32string narrow;             ///< newline and tab first
  std::u32string wide;               ///< two cells each
  std::vector<std::uint8_t> pixels;  ///< [height, kAtlasWidth] gray, 0 = black
  int height = 0;                    ///< px
};

/// Draws the atlas with DejaVu Sans Mono, and GNU Unifont where that has no glyph; a character that
/// neither has is left out. Throws Error(not_found) naming a font that is not installed.
AtlasPicture make_atlas();

/// Pairs of characters whose cells differ by at most `tolerance` gray levels in the sum.
std::vector<std::pair<char32_t, char32_t>> look_alikes(const AtlasPicture& atlas, int tolerance);

}  // namespace fovea
