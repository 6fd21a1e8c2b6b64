#include "memctl/times.h"

#include <doctest/doctest.h>

#include "fovea/error.h"

using namespace fovea;
using namespace fovea::memctl;

namespace {

/// Seconds from now to the time that a text stands for.
Time from_now(const std::string& text) { return expiry_from_text(text) - time_now(); }

bool is_near(Time found, Time expected) { return found >= expected - 5 && found <= expected; }

}  // namespace

TEST_CASE("times: a duration counts from now on") {
  CHECK(is_near(from_now("90s"), 90));
  CHECK(is_near(from_now("5m"), 300));
  CHECK(is_near(from_now("12h"), 12 * 3600));
  CHECK(is_near(from_now("30d"), 30 * 86'400));
  CHECK(is_near(from_now("52w"), 364 * 86'400));
  CHECK(is_near(from_now("0030d"), 30 * 86'400));
  CHECK(is_near(from_now("999999w"), Time{999'999} * 604'800));
}

TEST_CASE("times: a date to come is itself, one that is past is refused") {
  CHECK(expiry_from_text("2099-05-15T10:00Z") == 4082522400);
  CHECK(expiry_from_text("2099-05-15") == 4082486400);
  CHECK(expiry_from_text("4082522400") == 4082522400);
  CHECK_THROWS_AS(expiry_from_text("2001-05-15T10:00Z"), Error);
}

TEST_CASE("times: what is neither is refused by its name, with examples") {
  for (const std::string text :
       {"", "d", "0d", "-1d", "+1d", "1.5d", "1D", "1 d", " 1d", "1dd", "1y", "1000000d",
        "99999999999999999999d", "soon", "1d\n", "12", "1e3s"}) {
    CAPTURE(text);
    CHECK_THROWS_WITH_AS(
        expiry_from_text(text),
        doctest::Contains(("--expires \"" + text + "\": expected a duration such as 12h").c_str()),
        Error);
  }
}

TEST_CASE("times: shown to the minute, in UTC") {
  CHECK(text_of_time(0) == "1970-01-01 00:00");
  CHECK(text_of_time(1778839259) == "2026-05-15 10:00");
  CHECK(text_of_time(951782399) == "2000-02-28 23:59");
  CHECK(text_of_time(951782400) == "2000-02-29 00:00");
  CHECK(text_of_time(7258118399) == "2199-12-31 23:59");
  CHECK(text_of_time(time_now()).size() == 16);
}
