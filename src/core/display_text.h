#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace fovea {

/// A text as it is safe to show on one line: valid UTF-8, without control sequences or characters
/// and without what turns its direction or cannot be seen; blanks are one space.
struct DisplayText {
  std::string text;
  std::vector<std::size_t> at;  ///< [bytes of the given text + 1], where in `text` each one stands
};
DisplayText display_text(std::string_view text);

/// A text as it is safe to write to a terminal: as above, but in its lines and with its tabs and
/// spaces.
std::string terminal_text(std::string_view text);
/// On one line with nothing left out: control characters, bytes that are not UTF-8 and what cannot
/// be seen are written as escapes ("\n", "\xff", "\u202e").
std::string escaped_line(std::string_view text);

}  // namespace fovea
