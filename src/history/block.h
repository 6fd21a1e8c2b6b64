#pragma once

#include <map>
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

/// By a call's id the name of the tool, which results of the call do not repeat.
using ToolNames = std::map<std::string, std::string>;

/// A call of a tool. `arguments` as an object, or as a string that holds one as JSON.
std::string call_block(std::string_view tool, const OrderedJson& arguments,
                       std::string_view note = {});
/// "tool result NAME (note)"
std::string result_header(std::string_view tool, std::string_view note = {});

/// A content field as text: null, a string, or a list of parts (text, input_text, output_text,
/// refusal, strings). An image or file is named in brackets, its bytes are left out.
std::string content_text(const OrderedJson& content);

/// A string member; empty when it is missing or of another kind.
std::string string_at(const OrderedJson& object, const char* key);
/// A member; null when it is missing.
const OrderedJson& member_at(const OrderedJson& object, const char* key);
/// Message::given: compact JSON of what a message is, whose it is and what it says.
std::string given_text(const std::string& kind, const std::string& role,
                       const OrderedJson& content);
/// "a", "b" or "a, b"
std::string joined(const std::string& first, const std::string& second);

}  // namespace fovea
