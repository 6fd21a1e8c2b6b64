#include "history/dates.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <optional>
#include <utility>

#include "core/ascii.h"
#include "history/one_of.h"

namespace fovea {
namespace {

constexpr double kYear2200 = 7258118400.0;
constexpr std::size_t kLongestDate = 64;  // bytes
constexpr std::array<std::string_view, 8> kKeys = {
    "timestamp", "created_at", "createdAt", "create_time", "created", "time", "date", "ts"};
constexpr std::string_view kMonths = "janfebmaraprmayjunjulaugsepoctnovdec";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Which of three-letter names a word begins with; nothing for another word.
std::optional<int> month_of(std::string_view word) {
  if (word.size() < 3) return std::nullopt;
  const char begin[] = {lower(word[0]), lower(word[1]), lower(word[2])};
  const std::size_t at = kMonths.find(std::string_view(begin, 3));
  if (at == std::string_view::npos || at % 3 != 0) return std::nullopt;
  return static_cast<int>(at / 3) + 1;
}

Time time_from_number(double number) {
  for (double unit : {1.0, 1e3, 1e6, 1e9}) {
    const double seconds = number / unit;
    if (!(seconds > 0)) return 0;
    if (seconds < kYear2200) return static_cast<Time>(seconds);
  }
  return 0;
}

struct Moment {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  int zone = 0;  // seconds east of Greenwich

  Time time() const {
    using namespace std::chrono;
    const year_month_day date{std::chrono::year(year), std::chrono::month(unsigned(month)),
                              std::chrono::day(unsigned(day))};
    if (!date.ok() || hour > 24 || minute > 59 || second > 60) return 0;
    const Time midnight = sys_days(date).time_since_epoch().count() * Time{86400};
    const Time seconds = midnight + hour * 3600 + minute * 60 + second - zone;
    return seconds > 0 && static_cast<double>(seconds) < kYear2200 ? seconds : 0;
  }
};

/// Takes a text apart from the front.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool empty() const { return rest_.empty(); }
  char peek() const { return rest_.empty() ? '\0' : rest_.front(); }
  bool take(std::string_view any) {
    if (rest_.empty() || any.find(rest_.front()) == std::string_view::npos) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void skip(std::string_view any) {
    while (take(any)) {
    }
  }
  std::size_t digits_ahead() const {
    return static_cast<std::size_t>(std::find_if_not(rest_.begin(), rest_.end(), is_digit) -
                                    rest_.begin());
  }
  /// A number of `least` to `most` digits.
  bool number(int& value, std::size_t least, std::size_t most) {
    const std::size_t count = std::min(digits_ahead(), most);
    if (count < least) return false;
    value = 0;
    for (std::size_t i = 0; i < count; ++i) value = value * 10 + (rest_[i] - '0');
    rest_.remove_prefix(count);
    return true;
  }
  std::string_view word() {
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), is_letter);
    const std::string_view word = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
    rest_.remove_prefix(word.size());
    return word;
  }

 private:
  std::string_view rest_;
};

/// `10:53`, `10:53:42.3`, `105342`; false when there is none.
bool read_clock(Scanner& text, Moment& moment) {
  if (!text.number(moment.hour, 1, 2)) return false;
  const bool extended = text.take(":");
  if (!text.number(moment.minute, 2, 2)) return false;
  if (extended ? text.take(":") : text.digits_ahead() == 2) {
    if (!text.number(moment.second, 2, 2)) return false;
  }
  if (text.take(".,")) text.skip("0123456789");
  return true;
}

/// `Z`, `UTC`, `+02`, `-0330`, `GMT+02:00`; nothing and unknown names are UTC.
void read_zone(Scanner& text, Moment& moment) {
  text.skip(" ");
  const std::string_view name = text.word();
  for (const auto& [its_name, hours] : {std::pair<std::string_view, int>{"EST", -5}, {"EDT", -4},
                                        {"CST", -6}, {"CDT", -5}, {"MST", -7}, {"MDT", -6},
                                        {"PST", -8}, {"PDT", -7}}) {
    if (name == its_name) moment.zone = hours * 3600;
  }
  const bool west = text.peek() == '-';
  if (!text.take("+-")) return;
  int hours = 0, minutes = 0;
  if (!text.number(hours, 2, 2)) return;
  text.take(":");
  text.number(minutes, 2, 2);
  moment.zone = (west ? -1 : 1) * (hours * 3600 + minutes * 60);
}

Time read_iso(Scanner text) {
  Moment moment;
  if (!text.number(moment.year, 4, 4)) return 0;
  const bool extended = text.take("-/");
  if (!text.number(moment.month, 2, 2) || (extended && !text.take("-/")) ||
      !text.number(moment.day, 2, 2)) {
    return 0;
  }
  const bool timed = text.take("Tt _") || (!extended && text.digits_ahead() == 6);
  text.skip(" ");
  if (timed && read_clock(text, moment)) read_zone(text, moment);
  return moment.time();
}

int whole_year(int year, bool two_digits) {
  return two_digits ? year + (year < 70 ? 2000 : 1900) : year;
}

/// Day, month's name and year in either order of the mail and C worlds.
Time read_named(Scanner text) {
  Moment moment;
  std::string_view word = text.word();
  if (!word.empty() && !month_of(word)) {  // the day of the week
    text.skip(". ,");
    word = text.word();
  }
  const bool month_first = !word.empty();
  if (!month_first) {
    if (!text.number(moment.day, 1, 2)) return 0;
    text.skip("- .");
    word = text.word();
  }
  const auto month = month_of(word);
  if (!month) return 0;
  moment.month = *month;
  text.skip("- .");
  if (month_first) {
    if (!text.number(moment.day, 1, 2)) return 0;
    text.skip(", ");
  }
  const auto read_year = [&] {
    const bool two_digits = text.digits_ahead() == 2;
    if (!text.number(moment.year, 2, 4)) return false;
    moment.year = whole_year(moment.year, two_digits);
    return true;
  };
  const bool year_last = month_first && text.digits_ahead() < 4;
  if (!year_last && !read_year()) return 0;
  text.skip(", ");
  const bool timed = !text.empty() && read_clock(text, moment);
  if (year_last) {
    text.skip(" ");
    text.word();  // the zone, which `date` prints before the year
    text.skip(" ");
    if (!timed || !read_year()) return 0;
  }
  read_zone(text, moment);
  return moment.time();
}

/// Digits alone are a date when there are eight or, with the clock, fourteen of them.
Time read_number(std::string_view text) {
  if (text.size() == 8 || text.size() == 14) {
    if (const Time time = read_iso(Scanner(text))) return time;
  }
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole ? time_from_number(number) : 0;
}

}  // namespace

Time parse_time(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  if (text.empty() || text.size() > kLongestDate) return 0;
  if (text.find_first_not_of("0123456789.+-eE") == std::string_view::npos) {
    if (const Time time = read_number(text)) return time;
  }
  const Time time = read_iso(Scanner(text));
  return time != 0 ? time : read_named(Scanner(text));
}

Time time_of(const JsonValue& object) {
  for (const std::string_view key : kKeys) {
    const JsonValue& value = object[key];
    const std::string& text = value.is_number() ? value.spelling() : value.text();
    if (const Time time = parse_time(text)) return time;
  }
  return 0;
}

bool is_time_key(std::string_view key) {
  return is_one_of(key, kKeys);
}

}  // namespace fovea
