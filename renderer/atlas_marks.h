#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace fovea {

/// Draws the sign that stands for an invisible character (newline, tab, no-break space, ...) in a
/// cell of `width` x kAtlasCellHeight px. Nothing for a character that fonts draw.
std::optional<std::vector<std::uint8_t>> draw_mark(char32_t character, int width);

/// Draws the low 16 bits of a code point as four rows of four blocks under a bar: what stands for a
/// character that no font shows.
std::vector<std::uint8_t> draw_number(char32_t character, int width);

/// Puts bar `number` (0 to 7) into a drawn cell or two: what tells a character from an earlier one
/// that fonts draw alike. `bitmap`: [kAtlasCellHeight, width].
void add_bar(std::vector<std::uint8_t>& bitmap, int width, int number);

}  // namespace fovea
