#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace fovea {

/// The longest beginning of a text with whole characters and no more than `bytes` bytes. The text
/// need not be valid UTF-8.
std::string_view cut_text(std::string_view text, std::size_t bytes);
/// Where the first character at or after byte `at` begins.
std::size_t character_start(std::string_view text, std::size_t at);

// A memory may hold anything, even sequences that control a terminal.

/// Makes a text safe to write to a terminal: valid UTF-8 without control characters and sequences,
/// invisible characters and those that change its direction. Line feeds, tabs and spaces are kept.
std::string terminal_text(std::string_view text);
/// Writes a text on one line with nothing left out: control characters, invisible characters and
/// bytes that are not UTF-8 become escapes ("\n", "\xff", "\u202e").
std::string escaped_line(std::string_view text);

}  // namespace fovea
