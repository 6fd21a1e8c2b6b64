#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "fovea/policy.h"
#include "src/history/block.h"

namespace fovea {

struct ParsedJson {
  OrderedJson value;   ///< discarded when the text is not JSON
  std::string reason;  ///< why not, with the column
};

/// Parses one JSON text. Half surrogate pairs (a program cut a string in the middle of an emoji)
/// and bytes that are not UTF-8 become U+FFFD instead of making the whole line unreadable.
ParsedJson parse_json(std::string_view text);

/// `2026-05-15T10:53:42.314671+00:00` (without a zone: UTC), or seconds or milliseconds since
/// 1970 as a number; 0 when it is neither.
Time parse_time(const OrderedJson& value);
/// The time of a message: its "timestamp", "created_at", "create_time" or "created" member.
Time time_of(const OrderedJson& object);

}  // namespace fovea
