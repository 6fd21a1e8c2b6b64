#pragma once

#include <cstddef>
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
  /// Number of the first character of each group but the commonest, of narrow and wide together.
  std::vector<std::size_t> groups;
  std::vector<std::uint8_t> pixels;  ///< [height, kAtlasWidth] gray, 0 = black
  int height = 0;                    ///< px
};

/// Draws the atlas with DejaVu Sans Mono, and GNU Unifont where that has no glyph; a character that
/// neither has is left out. Beyond the commonest, a character that is drawn like an earlier one is
/// set apart by a bar. Throws Error(not_found) naming a font that is not installed.
AtlasPicture make_atlas();

/// Pairs of characters that are drawn alike.
std::vector<std::pair<char32_t, char32_t>> look_alikes(const AtlasPicture& atlas);

}  // namespace fovea
