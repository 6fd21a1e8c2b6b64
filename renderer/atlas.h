#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "core/text_units.h"
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

/// The characters that a checkpoint was trained on and their bitmaps. Thread-safe; const after
/// construction, but that a density's bitmaps are made when they are first asked for.
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
  /// The characters and the space: no two of them share a unit of text.
  const CodePoints& code_points() const { return code_points_; }
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
  CodePoints code_points_{U""};
  std::vector<std::int32_t> glyph_of_;  // by code point
  mutable std::array<GlyphTable, kDensities.size()> tables_;  // the first at full size
  mutable std::array<std::once_flag, kDensities.size()> made_;  // of the others
};

}  // namespace fovea
