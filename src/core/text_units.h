#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace fovea {

/// What takes one place on a page.
enum class UnitKind : std::uint8_t {
  character,     ///< one code point
  cluster,       ///< a grapheme cluster of several code points
  control,       ///< a control character or line separator
  invalid_byte,  ///< a byte that is not part of valid UTF-8
};

struct TextUnit {
  std::uint32_t length;  ///< bytes
  char32_t first;        ///< its first code point, or the byte
  std::uint8_t width;    ///< cells: 1 or 2
  UnitKind kind;
};

/// A set of code points. Const after construction.
class CodePoints {
 public:
  explicit CodePoints(std::u32string_view characters);

  bool contains(char32_t character) const { return character < has_.size() && has_[character]; }

 private:
  std::vector<bool> has_;  // by code point
};

/// Code points of a cluster at most; a longer run of marks goes on in the next unit, so that no
/// text can make a unit without end.
inline constexpr int kMaxClusterLength = 32;

/// The unit that starts at byte `at` (< text.size()). Clusters are those of Unicode's UAX #29, but
/// for a carriage return, which stands alone. Two cells wide is a cluster with an East Asian Wide
/// code point, an emoji variation selector (U+FE0F) or two regional indicators.
/// Two neighbours that `alphabet` has (a letter and its mark, say) never share a unit: each has a
/// bitmap of its own, so scripts of many marks need no more bitmaps than they have code points.
/// Null: clusters stay whole.
TextUnit next_unit(std::string_view text, std::size_t at, const CodePoints* alphabet = nullptr);

/// Bytes at the end of `text` (0 to 3) that begin a UTF-8 sequence and do not finish it.
std::size_t incomplete_tail(std::string_view text);

/// Cells that `text` takes, were there no row ends. `alphabet`: as for `next_unit`.
int count_cells(std::string_view text, const CodePoints* alphabet = nullptr);

}  // namespace fovea
