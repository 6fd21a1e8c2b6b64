#include "memctl/times.h"

#include <array>
#include <chrono>
#include <ctime>

#include "fovea/error.h"

namespace fovea::memctl {
namespace {

/// Seconds; 0: the text is no duration.
Time duration_of(const std::string& text) {
  const std::size_t digits = text.find_first_not_of("0123456789");
  if (digits == 0 || digits > 6 || digits + 1 != text.size()) return 0;
  Time unit = 0;
  switch (text.back()) {
    case 's': unit = 1; break;
    case 'm': unit = 60; break;
    case 'h': unit = 3'600; break;
    case 'd': unit = 86'400; break;
    case 'w': unit = 604'800; break;
    default: break;
  }
  return std::stoll(text) * unit;
}

}  // namespace

Time time_now() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

Time expiry_from_text(const std::string& text) {
  if (const Time duration = duration_of(text); duration > 0) return time_now() + duration;
  if (const Time time = parse_time(text); time > time_now()) return time;
  throw Error(ErrorCode::invalid_argument,
              "--expires \"" + text +
                  "\": expected a duration such as 12h, 30d or 52w, or a future date such as "
                  "2030-05-15T10:00Z");
}

std::string text_of_time(Time time) {
  const std::time_t seconds = time;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M", &parts)};
}

}  // namespace fovea::memctl
