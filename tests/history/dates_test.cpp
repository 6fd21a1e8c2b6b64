// A moment has many spellings: each is read as that moment, and what is near one is none.
#include <doctest/doctest.h>

#include <array>
#include <cstdio>
#include <ctime>
#include <random>

#include "fovea/time.h"
#include "history/dates.h"
#include "history/json_parser.h"

using namespace fovea;

namespace {

constexpr Time kYear2200 = 7258118400;

std::string spelled(Time time, const char* format) {
  const std::time_t seconds = time;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 100> text{};
  return {text.data(), std::strftime(text.data(), text.size(), format, &parts)};
}

std::string zone_of(int minutes, const char* between) {
  char text[64];
  std::snprintf(text, sizeof text, "%c%02d%s%02d", minutes < 0 ? '-' : '+', std::abs(minutes) / 60,
                between, std::abs(minutes) % 60);
  return text;
}

}  // namespace

TEST_CASE("dates: any second between 1970 and 2200 is read in each of its spellings") {
  std::mt19937_64 random(5);
  for (int round = 0; round < 3000; ++round) {
    const Time time = 1 + static_cast<Time>(random() % (kYear2200 - 2));
    for (const char* format :
         {"%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S UTC", "%Y%m%dT%H%M%SZ",
          "%Y%m%d%H%M%S", "%Y-%m-%dT%H:%M:%S.123456789Z", "%Y-%m-%d_%H:%M:%S",
          "%a, %d %b %Y %H:%M:%S GMT", "%d %B %Y %H:%M:%S +0000", "%a %b %d %H:%M:%S %Y",
          "%A, %B %d, %Y, %H:%M:%S", "%d-%b-%Y %H:%M:%S"}) {
      CAPTURE(spelled(time, format));
      REQUIRE(parse_time(spelled(time, format)) == time);
    }
  }
}

TEST_CASE("dates: a zone is taken off, east and west, to the minute") {
  std::mt19937_64 random(6);
  for (int round = 0; round < 2000; ++round) {
    const Time time = 100'000 + static_cast<Time>(random() % 4'000'000'000);
    const int minutes = static_cast<int>(random() % (14 * 60)) * (random() % 2 == 0 ? 1 : -1);
    const Time shown = time + minutes * 60;
    for (const std::string& text : {spelled(shown, "%Y-%m-%dT%H:%M:%S") + zone_of(minutes, ":"),
                                    spelled(shown, "%Y-%m-%d %H:%M:%S ") + zone_of(minutes, ""),
                                    spelled(shown, "%a, %d %b %Y %H:%M:%S ") + zone_of(minutes, ""),
                                    spelled(shown, "%Y%m%dT%H%M%S") + zone_of(minutes, "")}) {
      CAPTURE(text);
      REQUIRE(parse_time(text) == time);
    }
  }
  CHECK(parse_time("2026-05-15T12:00:00+02") == parse_time("2026-05-15T10:00:00Z"));
  CHECK(parse_time("15 May 2026 06:00:00 EDT") == parse_time("2026-05-15T10:00:00Z"));
  CHECK(parse_time("15 May 2026 02:00:00 PST") == parse_time("2026-05-15T10:00:00Z"));
}

TEST_CASE("dates: seconds, and thousandths, millionths and billionths of them, by their size") {
  for (const Time time :
       {Time{7'258'118}, Time{1'000'000'000}, Time{1'778'842'422}, Time{7'258'118'399}}) {
    std::string digits = std::to_string(time);
    for (const char* unit : {"", "000", "000000", "000000000"}) {
      // So few seconds that more digits are still seconds are another time.
      if (time < 10'000'000 && *unit != '\0') continue;
      CAPTURE(digits + unit);
      CHECK(parse_time(digits + unit) == time);
    }
    CHECK(parse_time(digits + ".999") == time);
  }
}

TEST_CASE("dates: the last day of each month is one, the day behind it is none") {
  for (const int year : {1972, 1999, 2000, 2023, 2024, 2100}) {
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    const int days[] = {31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    for (int month = 1; month <= 12; ++month) {
      const auto day_of_month = [&](int day) {
        char text[64];
        std::snprintf(text, sizeof text, "%04d-%02d-%02d", year, month, day);
        return std::string(text);
      };
      const std::string last = day_of_month(days[month - 1]),
                        beyond = day_of_month(days[month - 1] + 1);
      CAPTURE(last);
      CHECK(spelled(parse_time(last), "%Y-%m-%d") == last);
      CHECK(parse_time(beyond) == 0);
    }
  }
}

TEST_CASE("dates: what only looks like one is none") {
  for (const std::string text : {"",
                                 " ",
                                 "2026-05",
                                 "2026-5-15",
                                 "26-05-15",
                                 "2026-00-10",
                                 "2026-10-00",
                                 "1969-12-31",
                                 "2200-01-01",
                                 "2026-05-15T25:00:00",
                                 "2026-05-15T10:60:00",
                                 "2026-05-15T10:00:61",
                                 "May 2026",
                                 "15 Foo 2026",
                                 "32 May 2026",
                                 "0 May 2026",
                                 "tomorrow",
                                 "1.2.3",
                                 "1e",
                                 "e5",
                                 "--5",
                                 "12:30",
                                 "Friday",
                                 "May",
                                 "0",
                                 "-1778842422",
                                 "1e20",
                                 "nan",
                                 "inf"}) {
    CAPTURE(text);
    CHECK(parse_time(text) == 0);
  }
  CHECK(parse_time(std::string(1000, '1')) == 0);
  CHECK(parse_time("2026-05-15T10:00:00Z" + std::string(100, ' ')) == 0);  // longer than any date
}

TEST_CASE("dates: no text of a date's characters is an error, or a time beyond its bounds") {
  std::mt19937 random(7);
  const std::string letters = "0123456789-:/.,+TZ ejanfebmayutc";
  for (int round = 0; round < 200'000; ++round) {
    std::string text;
    for (std::size_t left = random() % 24; left > 0; --left)
      text += letters[random() % letters.size()];
    const Time time = parse_time(text);
    if (time < 0 || time >= kYear2200) FAIL_CHECK(text << " is " << time);
  }
}

TEST_CASE("dates: the time of a message is its first member that is one") {
  const auto time = [](const char* json) { return time_of(parse_json(json).value); };
  CHECK(time(R"({"timestamp": "soon", "created_at": "2026-05-15", "ts": 5000000000})") ==
        1778803200);
  CHECK(time(R"({"ts": 1778842422.5, "text": "2026-05-15"})") == 1778842422);
  CHECK(time(R"({"created": {"at": 1778842422}, "time": "1778842422000"})") == 1778842422);
  CHECK(time(R"({"when": 1778842422})") == 0);
  CHECK(time("[1778842422]") == 0);
  CHECK(is_time_key("createdAt"));
  CHECK(!is_time_key("updated"));
}
