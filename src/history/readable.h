#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

#include "fovea/message.h"
#include "history/json_value.h"

namespace fovea {

/// Is this bytes written as text (a picture, a file, something encrypted)?
bool is_base64(std::string_view text);
/// Does one read words here, more than a name or an id?
bool is_prose(std::string_view text);
/// Is the member one that names, counts, dates or encodes, and says nothing?
bool is_bookkeeping(const std::string& key, const JsonValue& value);

/// `value` without what nobody reads: bookkeeping, and base64, pictures and encrypted text, which
/// are counted. Null when no more than that is in it.
JsonValue readable_part(const JsonValue& value, LeftOut& left_out);
/// The same with its bookkeeping, which in a tool's result may be what was asked for.
JsonValue without_bytes(const JsonValue& value, LeftOut& left_out);
/// Does any string in `value` that is no bookkeeping satisfy `wanted`?
bool has_string(const JsonValue& value, bool (*wanted)(std::string_view));

/// A value without a rule as lines: each string below its path of keys (`source.note: ...`),
/// several lines of it as they are, other values as JSON.
std::string plain_fields(const JsonValue& value);
/// The same of what is readable in it; empty when nothing is.
std::string unknown_text(const JsonValue& value, LeftOut& left_out);
/// The same of those members of an object that no rule knows and that hold a readable string. A
/// key that comes twice is known by its last member only.
std::string rest_text(const JsonValue& object, std::initializer_list<std::string_view> known,
                      LeftOut& left_out);

/// One line of a field: `key: value`, a text of several lines below its key.
std::string field_text(std::string_view key, const JsonValue& value);
/// Line breaks become spaces.
std::string one_line(std::string_view text);

}  // namespace fovea
