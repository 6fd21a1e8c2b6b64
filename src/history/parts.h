#pragma once

#include <string>

#include "history/json_value.h"
#include "history/readable.h"

namespace fovea {

/// A content field as text: null, a string, or a list of parts of any API. Of pictures, sounds and
/// files a bracket names the kind and the address, their bytes are left out and counted; texts
/// inside documents, search results and resources stand below their brackets. What has no rule is
/// drawn as its fields.
std::string content_text(const JsonValue& content, LeftOut& left_out);
std::string part_text(const JsonValue& part, LeftOut& left_out);

/// What a tool gave back: as content, or an object of the tool's own as compact JSON.
std::string result_text(const JsonValue& result, LeftOut& left_out);

/// Sources that a text names (`citations`, `annotations`): their addresses and titles, and what is
/// quoted from them.
std::string references_text(const JsonValue& references, LeftOut& left_out);

/// `[kind first second]` on one line, without what is empty.
std::string bracket(std::string_view kind, std::string_view first = {},
                    std::string_view second = {});

}  // namespace fovea
