#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace fovea {

/// Keeps the order of keys as the transcript has it.
using OrderedJson = nlohmann::ordered_json;

/// How a part of a message looks on a page: `header:`, the text, an empty line. Nothing for an
/// empty text without `even_empty`.
std::string block(std::string_view header, std::string_view text, bool even_empty = false);

/// "role" or "role (note)"; a role or note holding line breaks is put on one line.
std::string header(std::string_view role, std::string_view note = {});

/// What was handed to a tool: each key of an object as `key: value`, a text of several lines below
/// its key as it is, other values as JSON. A string is shown as it is.
std::string tool_input_text(const OrderedJson& input);

/// A content field as text: null, a string, or a list of parts (text, input_text, output_text,
/// refusal, strings). An image or file is named in brackets, its bytes are left out.
std::string content_text(const OrderedJson& content);

/// A string member; empty when it is missing or of another kind.
std::string string_at(const OrderedJson& object, const char* key);

}  // namespace fovea
