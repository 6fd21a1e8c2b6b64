#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "fovea/level.h"

namespace fovea {

/// The bitmaps of an atlas at one density. A glyph is [cell_height, width * cell_width] gray,
/// narrow ones first.
struct GlyphTable {
  int cell_width = 0;   ///< px
  int cell_height = 0;  ///< px
  int narrow_count = 0;
  std::vector<std::uint8_t> pixels;

  /// Where a glyph starts in `pixels`.
  std::size_t offset(int index) const {
    const int wide_before = index > narrow_count ? index - narrow_count : 0;
    return std::size_t(index + wide_before) * cell_width * cell_height;
  }
};

/// The characters that a checkpoint was trained on and their bitmaps. Const after construction.
class Atlas {
 public:
  /// Reads `config.json` and `atlas.png` of a checkpoint folder.
  /// Throws Error(not_found | io | corruption) naming the file.
  explicit Atlas(const std::string& folder);

  const std::u32string& narrow() const { return narrow_; }
  const std::u32string& wide() const { return wide_; }

  /// Index of the character's glyph, -1 outside the atlas: narrow characters in their order, then
  /// wide ones.
  int find(char32_t character) const {
    return character < glyph_of_.size() ? glyph_of_[character] : -1;
  }
  int columns_of(int glyph) const { return glyph < static_cast<int>(narrow_.size()) ? 1 : 2; }
  const GlyphTable& table(Density density) const;
  /// The glyph as the atlas has it: [40, 20 or 40] gray.
  const std::uint8_t* full_size(int glyph) const {
    return tables_.front().pixels.data() + tables_.front().offset(glyph);
  }

 private:
  void read_characters(const std::string& file);
  void cut_glyphs(const std::string& file);
  GlyphTable shrunk(Density density) const;

  std::u32string narrow_, wide_;
  std::vector<std::int16_t> glyph_of_;  // by code point
  std::vector<GlyphTable> tables_;      // in the order of kDensities, the first at full size
};

}  // namespace fovea
