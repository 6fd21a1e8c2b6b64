#pragma once

#include <string>
#include <vector>

namespace fovea {

/// Characters of one width that a glyph reader looks for together: those of a group are weighed
/// only where one of them is likely.
struct AtlasGroup {
  bool wide;
  std::u32string characters;
};

/// The characters that an atlas is made of, without the space: groups of narrow ones, newline and
/// tab first, then groups of wide ones. The first narrow group and the first wide one are the
/// commonest; no character is in two groups.
std::vector<AtlasGroup> atlas_characters();

}  // namespace fovea
