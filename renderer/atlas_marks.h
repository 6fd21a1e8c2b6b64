#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace fovea {

/// Draws the sign that stands for an invisible character (newline, tab, no-break space, ...) in a
/// cell of `width` x kAtlasCellHeight px. Nothing for a character that fonts draw.
std::optional<std::vector<std::uint8_t>> draw_mark(char32_t character, int width);

}  // namespace fovea
