#pragma once

#include <string>
#include <vector>

#include "core/text_units.h"
#include "model/checkpoint/config.h"

namespace fovea {

/// The atlas's characters, narrow ones first.
std::u32string characters_of(const AtlasConfig& atlas);

/// The classes of the glyph reader: blank, a character outside the atlas, the right half of a wide
/// character, the atlas's narrow characters, its wide ones (their left half).
class Alphabet {
 public:
  static constexpr int kBlank = 0;
  static constexpr int kOutside = 1;
  static constexpr int kRightHalf = 2;

  explicit Alphabet(const AtlasConfig& atlas);

  /// The atlas's characters and the space: no two of them share a unit of text.
  const CodePoints& code_points() const { return code_points_; }
  int classes() const { return static_cast<int>(texts_.size()); }
  /// The classes from here on are wide characters.
  int first_wide() const { return first_wide_; }
  /// The classes that begin a group, rising; empty: there are none.
  const std::vector<int>& groups() const { return groups_; }
  /// UTF-8 of a class: a space for a blank cell, nothing for the right half and for a character
  /// outside the atlas.
  const std::string& text_of(int glyph_class) const { return texts_[glyph_class]; }
  /// Cells that a class stands for: 2 for wide characters.
  int width_of(int glyph_class) const { return glyph_class < first_wide_ ? 1 : 2; }

 private:
  CodePoints code_points_;
  std::vector<std::string> texts_;
  int first_wide_ = 0;
  std::vector<int> groups_;
};

}  // namespace fovea
