#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace fovea {

inline constexpr std::size_t kPieceCharacters = 400;  ///< at most
inline constexpr std::size_t kPieceEnough = 200;      ///< a blank line ends a piece of so many

/// A stretch of a text, in bytes.
struct Stretch {
  std::size_t begin = 0;
  std::size_t length = 0;
};

/// Cuts a text into pieces of at most kPieceCharacters Unicode characters that together are the
/// text: sentences and lines packed in order. A longer sentence is cut at its last blank between
/// kPieceEnough and kPieceCharacters, or at kPieceCharacters. None for a text of blanks.
std::vector<Stretch> cut_into_pieces(std::string_view text);

}  // namespace fovea
