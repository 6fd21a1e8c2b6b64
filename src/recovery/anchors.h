#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fovea/page.h"
#include "recovery/anchor_finder.h"

namespace fovea {

/// An exact string of a page and where it stands. Each of its characters is ASCII and takes one
/// cell; it may run over row ends.
struct Anchor {
  AnchorKind kind;
  std::string text;
  std::vector<int> cells;  ///< row * columns + column of its first character, rising
};

/// The page's anchors, those most worth keeping first, as many as take `max_bytes` packed.
std::vector<Anchor> anchors_of(const Page& page, std::size_t max_bytes);

/// As bytes; see doc/policies.md. Empty for none.
std::string pack_anchors(const std::vector<Anchor>& anchors);
/// Throws Error(corruption) on bytes that pack_anchors cannot have made for the density.
std::vector<Anchor> unpack_anchors(std::string_view bytes, Density density);

}  // namespace fovea
