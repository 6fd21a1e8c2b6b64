#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace fovea {

struct CodePoint {
  std::int32_t value = -1;  ///< -1: a byte that is not UTF-8
  std::size_t length = 1;   ///< bytes
};

/// The code point that begins at byte `at` < text.size().
CodePoint code_point_at(std::string_view text, std::size_t at);

/// A character as somebody sees it, and the bytes of the text that it comes from.
struct Sign {
  std::int32_t value;  ///< a code point, -1: a byte that is not UTF-8, or kSeam
  std::size_t begin;
  std::size_t end;
};

/// Nothing is to be seen here, but a word may end and another begin: a change of colour.
inline constexpr std::int32_t kSeam = -2;

/// One sign a code point.
std::vector<Sign> signs_of(std::string_view text);

/// What a terminal shows of the signs: of its control sequences, colours become seams and all others
/// spaces; what was struck over to make it bold or underlined stands there once.
std::vector<Sign> on_screen(std::span<const Sign> signs);

/// Code points without a shape of their own: joiners, direction marks, soft hyphens, tags.
bool is_invisible(std::int32_t code_point);

}  // namespace fovea
