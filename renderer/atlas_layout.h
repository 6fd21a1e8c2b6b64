#pragma once

namespace fovea {

/// Layout of `atlas.png`: slots of one cell each, 64 a row, in reading order. Narrow character k
/// lies in slot k; wide character j in two slots from `wide_slot` on.
inline constexpr int kAtlasCellWidth = 20;   // px
inline constexpr int kAtlasCellHeight = 40;  // px
inline constexpr int kAtlasColumns = 64;
inline constexpr int kAtlasWidth = kAtlasColumns * kAtlasCellWidth;  // px

constexpr int wide_slot(int narrow_count, int j) {
  return (narrow_count + 1) / 2 * 2 + 2 * j;
}

constexpr int atlas_rows(int narrow_count, int wide_count) {
  return (wide_slot(narrow_count, wide_count) + kAtlasColumns - 1) / kAtlasColumns;
}

}  // namespace fovea
