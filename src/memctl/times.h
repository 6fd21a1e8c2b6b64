#pragma once

#include <string>

#include "fovea/policy.h"

namespace fovea::memctl {

Time time_now();

/// "30d" and the like from now on (s, m, h, d, w), or a date such as 2026-05-15T10:00Z: a time to
/// come. Throws Error(invalid_argument).
Time expiry_from_text(const std::string& text);

/// "2026-05-15 10:00", UTC.
std::string text_of_time(Time time);

}  // namespace fovea::memctl
