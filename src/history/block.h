#pragma once

#include <string>
#include <string_view>

#include "history/json_value.h"

namespace fovea {

/// How a part of a message looks on a page: `header:`, the text, an empty line. Nothing for an
/// empty text without `even_empty`.
std::string block(std::string_view header, std::string_view text, bool even_empty = false);

/// "role" or "role (note)"; a role or note holding line breaks is put on one line.
std::string header(std::string_view role, std::string_view note = {});

/// What was handed to a tool: each key of an object as `key: value`, a text of several lines below
/// its key as it is, other values as JSON. A string is shown as it is.
std::string tool_input_text(const JsonValue& input);

/// A call of a tool. `arguments` as an object, or as a string that holds one as JSON.
std::string call_block(std::string_view tool, const JsonValue& arguments,
                       std::string_view note = {});
/// "tool result NAME (note)"
std::string result_header(std::string_view tool, std::string_view note = {});

/// Message::given: compact JSON of what a message is, whose it is and what it says.
std::string given_text(const std::string& kind, const std::string& role,
                       const JsonValue& content);
/// "a", "b" or "a, b"
std::string joined(const std::string& first, const std::string& second);
/// Two texts, the second on a line of its own.
std::string on_lines(std::string first, std::string_view second);

}  // namespace fovea
