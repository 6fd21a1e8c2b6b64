#pragma once

#include <string_view>

#include "fovea/time.h"
#include "history/json_value.h"

namespace fovea {

/// The time of a message: its "timestamp", "created_at", "createdAt", "create_time", "created",
/// "time", "date" or "ts" member, a number or a text as `parse_time` reads it.
Time time_of(const JsonValue& object);
/// Is `key` one that `time_of` looks at?
bool is_time_key(std::string_view key);

}  // namespace fovea
