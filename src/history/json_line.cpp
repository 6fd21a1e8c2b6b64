#include "src/history/json_line.h"

#include <chrono>
#include <cstdio>

namespace fovea {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

int hex_value(std::string_view digits) {
  int value = 0;
  for (char c : digits) {
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

/// The value of a `\uXXXX` at `at`; -1 when there is none.
int escape_at(std::string_view text, std::size_t at) {
  if (text.size() < at + 6 || text[at] != '\\' || text[at + 1] != 'u') return -1;
  return hex_value(text.substr(at + 2, 4));
}

bool is_high(int unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
bool is_low(int unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

/// Half surrogate pairs become `\ufffd`.
std::string with_whole_pairs(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] != '\\') {
      out += text[i++];
      continue;
    }
    const int unit = escape_at(text, i);
    const bool pair = is_high(unit) && is_low(escape_at(text, i + 6));
    if (pair) {
      out += text.substr(i, 12);
      i += 12;
    } else if (is_high(unit) || is_low(unit)) {
      out += "\\ufffd";
      i += 6;
    } else {
      out += text.substr(i, 2);
      i += 2;
    }
  }
  return out;
}

/// A JSON text whose strings hold bytes that are not UTF-8: nlohmann's own replacement on output
/// does the work.
std::string with_valid_utf8(std::string_view text) {
  const std::string quoted = OrderedJson(std::string(text))
                                 .dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
  return OrderedJson::parse(quoted).get<std::string>();
}

OrderedJson parse_or_discard(std::string_view text) {
  return OrderedJson::parse(text.begin(), text.end(), nullptr, false);
}

std::string reason_of(std::string_view text) {
  try {
    const OrderedJson parsed = OrderedJson::parse(text.begin(), text.end());
  } catch (const OrderedJson::parse_error& error) {
    return "not JSON at column " + std::to_string(error.byte);
  }
  return {};
}

Time time_from_number(double number) {
  constexpr double kYear5000 = 95617584000.0;
  if (!(number > 0)) return 0;
  if (number > kYear5000) number /= 1000;
  return number > kYear5000 ? 0 : static_cast<Time>(number);
}

int zone_seconds(std::string_view zone) {
  int hours = 0, minutes = 0;
  if (zone.empty() || (zone[0] != '+' && zone[0] != '-')) return 0;
  if (std::sscanf(std::string(zone.substr(1)).c_str(), "%2d:%2d", &hours, &minutes) < 2) {
    std::sscanf(std::string(zone.substr(1)).c_str(), "%2d%2d", &hours, &minutes);
  }
  return (zone[0] == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
}

Time time_from_text(const std::string& text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, used = 0;
  const int got = std::sscanf(text.c_str(), "%4d-%2d-%2d%*1[T ]%2d:%2d:%2d%n", &year, &month, &day,
                              &hour, &minute, &second, &used);
  if (got < 3) return 0;
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return 0;
  const Time midnight = std::chrono::sys_days(date).time_since_epoch().count() * Time{86400};
  std::string_view zone = std::string_view(text).substr(static_cast<std::size_t>(used));
  zone.remove_prefix(std::min(zone.find_first_of("+-Z"), zone.size()));
  return midnight + hour * 3600 + minute * 60 + second - (used > 0 ? zone_seconds(zone) : 0);
}

}  // namespace

ParsedJson parse_json(std::string_view text) {
  OrderedJson value = parse_or_discard(text);
  if (!value.is_discarded()) return {std::move(value), {}};
  value = parse_or_discard(with_whole_pairs(with_valid_utf8(text)));
  if (!value.is_discarded()) return {std::move(value), {}};
  return {std::move(value), reason_of(text)};
}

Time parse_time(const OrderedJson& value) {
  if (value.is_number()) return time_from_number(value.get<double>());
  return value.is_string() ? time_from_text(value.get_ref<const std::string&>()) : 0;
}

Time time_of(const OrderedJson& object) {
  for (const char* key : {"timestamp", "created_at", "create_time", "created"}) {
    const auto found = object.find(key);
    if (found == object.end()) continue;
    if (const Time time = parse_time(*found)) return time;
  }
  return 0;
}

}  // namespace fovea
