#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "history/json_value.h"

namespace fovea {

/// Levels that a JSON text may be nested, and values that it may have: deeper or larger ones are
/// errors, so that no text takes the stack or the memory.
inline constexpr std::size_t kMostJsonLevels = 1000;
inline constexpr std::size_t kMostJsonValues = std::size_t{1} << 23;

struct ParsedJson {
  JsonValue value;
  std::string reason;   ///< why the text is not JSON, with the column; empty: it is
  std::size_t end = 0;  ///< bytes up to the end of the value, or to where it went wrong
  bool good() const { return reason.empty(); }
};

/// Parses one JSON text without recursion. Numbers are not computed but kept as they are spelled,
/// which no library of Debian's does for those beyond a double; NaN and Infinity, as Python writes
/// them, are numbers too. Half surrogate pairs (a program cut a string in the middle of an emoji)
/// and bytes that are not UTF-8 become U+FFFD. Control characters other than NUL and line ends may
/// stand in strings as they are.
ParsedJson parse_json(std::string_view text);
/// The same for the value that `text` begins with, whatever follows it.
ParsedJson parse_json_at_front(std::string_view text);

/// What stands between values; NULs too, which a crash leaves in files.
bool is_json_space(char c);

}  // namespace fovea
