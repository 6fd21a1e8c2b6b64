#pragma once

#include <cstdint>
#include <string_view>

namespace fovea {

/// Seconds since 1970-01-01 UTC.
using Time = std::int64_t;

/// The time that a text names, or 0 if it is not between 1970 and 2200: the zero time of some
/// languages (the year 1) and clocks gone wrong do not count. Accepted are
/// - seconds, milliseconds, microseconds or nanoseconds since 1970, distinguished by their size,
///   with or without a fraction;
/// - ISO 8601 and RFC 3339, basic or extended, to the day, minute, second or a fraction of it, with
///   any zone: `2026-05-15T10:53:42.314671+00:00`, `20260515T1053Z`, `2026-05-15 10:53:42 UTC`;
/// - RFC 2822 and its relatives: `Fri, 15 May 2026 10:53:42 +0200`, `15-May-26 08:53:42 GMT`,
///   `Fri May 15 10:53:42 2026`.
/// Without a zone the time is UTC.
Time parse_time(std::string_view text);

}  // namespace fovea
