#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace fovea {

/// The characters that lie whole within the first `bytes` of a text, which need not be valid UTF-8.
std::string_view cut_text(std::string_view text, std::size_t bytes);
/// Where the first character begins at byte `at` or behind it.
std::size_t character_start(std::string_view text, std::size_t at);

// What is remembered may hold anything, sequences that steer a terminal too.

/// A text as it is safe to write to a terminal: valid UTF-8 without control sequences and
/// characters and without what turns its direction or cannot be seen; its lines, tabs and spaces
/// stay.
std::string terminal_text(std::string_view text);
/// On one line with nothing left out: control characters, bytes that are not UTF-8 and what cannot
/// be seen are written as escapes ("\n", "\xff", "\u202e").
std::string escaped_line(std::string_view text);

}  // namespace fovea
