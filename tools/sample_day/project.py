"""The sandbox project as it stands in the morning, with the bugs that the day finds."""

README = """
# tidewatch

Reads tide gauges, cleans their signal and answers questions about water levels.

    python -m tidewatch.report data/readings.csv --station ALB1

| folder     | holds                                             |
|------------|---------------------------------------------------|
| tidewatch/ | the Python package: parsing, filters, store, HTTP |
| native/    | `smooth`, a small C++ filter for the gauges' boxes |
| scripts/   | make test data                                    |
| config/    | stations and their datum offsets                  |

Water levels are metres above chart datum. Times are UTC everywhere except in reports for
harbour masters, which are in the station's own zone.
"""

READING = '''
"""One line of a gauge's log: `2025-05-13T06:10:00Z ALB1 3.412 ok`."""

from __future__ import annotations

import dataclasses
import datetime

QUALITIES = ("ok", "suspect", "missing")


@dataclasses.dataclass(frozen=True)
class Reading:
    time: datetime.datetime  # UTC
    station: str
    level: float | None  # metres above chart datum; None: missing
    quality: str = "ok"


class BadLine(ValueError):
    """Says which line and what was wrong with it."""


def parse_line(line: str, number: int = 0) -> Reading:
    parts = line.split()
    if len(parts) != 4:
        raise BadLine(f"line {number}: expected 4 fields, got {len(parts)}: {line!r}")
    stamp, station, level, quality = parts
    if quality not in QUALITIES:
        raise BadLine(f"line {number}: unknown quality {quality!r}, expected one of {', '.join(QUALITIES)}")
    time = datetime.datetime.strptime(stamp, "%Y-%m-%dT%H:%M:%SZ")
    return Reading(time.replace(tzinfo=datetime.timezone.utc), station,
                   None if quality == "missing" else float(level), quality)


def parse(lines) -> list[Reading]:
    return [parse_line(line, number) for number, line in enumerate(lines, 1) if line.strip()]
'''

FILTERS = '''
"""Filters over water levels. All take and return plain lists; None marks a missing value."""

from __future__ import annotations

import datetime
import statistics
import zoneinfo


def rolling_median(values: list[float | None], width: int) -> list[float | None]:
    """Median of the `width` values around each one; fewer at the ends. `width` is odd."""
    if width < 1 or width % 2 == 0:
        raise ValueError(f"width must be odd and positive, got {width}")
    half = width // 2
    result = []
    for i in range(len(values)):
        window = [v for v in values[max(0, i - half):i + half] if v is not None]
        result.append(statistics.median(window) if window else None)
    return result


def despike(values: list[float | None], width: int = 5, limit: float = 0.25) -> list[float | None]:
    """Takes out values further than `limit` metres from the rolling median."""
    smooth = rolling_median(values, width)
    return [v if v is None or s is None or abs(v - s) <= limit else None
            for v, s in zip(values, smooth)]


def daily_means(times: list[datetime.datetime], values: list[float | None],
                zone: str = "UTC") -> dict[datetime.date, float]:
    """Mean level of each day of the station's own calendar."""
    if not times:
        return {}
    offset = times[0].astimezone(zoneinfo.ZoneInfo(zone)).utcoffset()
    days: dict[datetime.date, list[float]] = {}
    for time, value in zip(times, values):
        if value is not None:
            days.setdefault((time + offset).date(), []).append(value)
    return {day: statistics.fmean(levels) for day, levels in sorted(days.items())}
'''

STORE = '''
"""Readings in SQLite."""

from __future__ import annotations

import sqlite3

from tidewatch.reading import Reading

SCHEMA = """
CREATE TABLE IF NOT EXISTS station (
  code TEXT PRIMARY KEY, name TEXT NOT NULL, zone TEXT NOT NULL, offset_m REAL NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS reading (
  id INTEGER PRIMARY KEY, station TEXT NOT NULL REFERENCES station(code),
  time INTEGER NOT NULL, level REAL, quality TEXT NOT NULL);
"""


def open_store(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path)
    connection.executescript(SCHEMA)
    return connection


def add_readings(connection: sqlite3.Connection, readings: list[Reading]) -> int:
    with connection:
        connection.executemany(
            "INSERT INTO reading (station, time, level, quality) VALUES (?, ?, ?, ?)",
            [(r.station, int(r.time.timestamp()), r.level, r.quality) for r in readings])
    return len(readings)


def highest(connection: sqlite3.Connection, station: str, since: int, count: int = 5) -> list[tuple]:
    return connection.execute(
        "SELECT datetime(time, 'unixepoch'), level FROM reading WHERE station = ? AND time >= ? "
        "AND quality = 'ok' ORDER BY level DESC LIMIT ?", (station, since, count)).fetchall()
'''

REPORT = '''
"""The report for a harbour master."""

from __future__ import annotations

import argparse
import json
import sys

from tidewatch.filters import daily_means, despike
from tidewatch.reading import parse


def report(path, station, config_path="config/stations.json", out=sys.stdout):
    with open(config_path) as f:
        config = json.load(f)
    st = None
    for s in config["stations"]:
        if s["code"] == station:
            st = s
    if st is None:
        print("no such station: " + station, file=sys.stderr)
        return 1
    with open(path) as f:
        rs = [r for r in parse(f) if r.station == station]
    ts = [r.time for r in rs]
    vs = []
    for r in rs:
        if r.level is None:
            vs.append(None)
        else:
            vs.append(r.level + st["offset_m"])
    n_missing = 0
    for v in vs:
        if v is None:
            n_missing += 1
    vs = despike(vs, st.get("median_width", 5), st.get("spike_limit_m", 0.25))
    n_spikes = 0
    for v in vs:
        if v is None:
            n_spikes += 1
    n_spikes -= n_missing
    print(st["name"] + " (" + st["code"] + ")", file=out)
    print("=" * (len(st["name"]) + len(st["code"]) + 3), file=out)
    print("readings: %d   missing: %d   spikes removed: %d" % (len(vs), n_missing, n_spikes), file=out)
    good = [v for v in vs if v is not None]
    if good:
        hi = max(good)
        lo = min(good)
        print("highest: %.2f m at %s" % (hi, ts[vs.index(hi)].strftime("%Y-%m-%d %H:%M")), file=out)
        print("lowest:  %.2f m at %s" % (lo, ts[vs.index(lo)].strftime("%Y-%m-%d %H:%M")), file=out)
        print("", file=out)
        print("day          mean", file=out)
        dm = daily_means(ts, vs, st["zone"])
        for d in dm:
            print("%s  %6.3f" % (d, dm[d]), file=out)
        if st.get("alarm_m") is not None:
            n = 0
            for v in good:
                if v >= st["alarm_m"]:
                    n += 1
            if n:
                print("", file=out)
                print("ALARM: %d readings at or above %.2f m" % (n, st["alarm_m"]), file=out)
    return 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("path")
    parser.add_argument("--station", required=True)
    options = parser.parse_args()
    sys.exit(report(options.path, options.station))


if __name__ == "__main__":
    main()
'''

SERVER = '''
"""A read-only HTTP face of the store: GET /v1/stations, /v1/highest?station=ALB1&since=0."""

from __future__ import annotations

import argparse
import http.server
import json
import urllib.parse

from tidewatch.store import highest, open_store


class Handler(http.server.BaseHTTPRequestHandler):
    store = None

    def do_GET(self):
        url = urllib.parse.urlparse(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        if url.path == "/v1/stations":
            rows = self.store.execute("SELECT code, name, zone FROM station ORDER BY code").fetchall()
            self.answer(200, [dict(zip(("code", "name", "zone"), row)) for row in rows])
        elif url.path == "/v1/highest":
            rows = highest(self.store, query["station"], int(query["since"]))
            self.answer(200, [{"time": time, "level": level} for time, level in rows])
        else:
            self.answer(404, {"error": "no such path"})

    def answer(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("store")
    parser.add_argument("--port", type=int, default=8765)
    options = parser.parse_args()
    Handler.store = open_store(options.store)
    http.server.HTTPServer(("127.0.0.1", options.port), Handler).serve_forever()


if __name__ == "__main__":
    main()
'''

STATIONS = """
{
  "stations": [
    {"code": "ALB1", "name": "Albany Quay", "zone": "Europe/London", "offset_m": 0.12, "alarm_m": 4.1},
    {"code": "KRH2", "name": "Kr\u00e4henhafen", "zone": "Europe/Berlin", "offset_m": -0.05, "median_width": 7},
    {"code": "STM3", "name": "Saint-Malo \u00c9cluse", "zone": "Europe/Paris", "offset_m": 0.0, "spike_limit_m": 0.4}
  ]
}
"""

MAKE_READINGS = '''
"""Writes a month of made-up gauge readings: tides as a sum of harmonics, surge, noise, faults."""

import argparse
import datetime
import math
import random

STATIONS = {"ALB1": (2.6, 1.25, 0.4), "KRH2": (1.9, 0.85, 0.9), "STM3": (5.2, 3.9, 0.1)}
# Period in hours and share of the amplitude: M2, S2, N2, K1, O1.
HARMONICS = [(12.4206, 1.0), (12.0, 0.36), (12.6583, 0.2), (23.9345, 0.13), (25.8193, 0.09)]


def level(mean, amplitude, phase, hours):
    return mean + amplitude * sum(share * math.cos(2 * math.pi * hours / period + phase * (k + 1))
                                  for k, (period, share) in enumerate(HARMONICS)) / 1.4


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--days", type=int, default=31)
    parser.add_argument("--start", default="2025-03-15")
    options = parser.parse_args()
    rng = random.Random(20250315)
    start = datetime.datetime.fromisoformat(options.start)
    for step in range(options.days * 144):
        time = start + datetime.timedelta(minutes=10 * step)
        for code, (mean, amplitude, phase) in STATIONS.items():
            value = level(mean, amplitude, phase, step / 6) + rng.gauss(0, 0.012)
            value += 0.35 * math.exp(-((step - 2300) / 260) ** 2)  # a storm surge on 31 March
            quality = "ok"
            if rng.random() < 0.004:
                value += rng.choice((-1, 1)) * rng.uniform(0.5, 2.0)
            if rng.random() < 0.006:
                value, quality = 0.0, "missing"
            print(f"{time:%Y-%m-%dT%H:%M:%SZ} {code} {value:.3f} {quality}")


if __name__ == "__main__":
    main()
'''

TEST_READING = '''
import pytest

from tidewatch.reading import BadLine, parse, parse_line


def test_a_line_has_four_fields():
    reading = parse_line("2025-05-13T06:10:00Z ALB1 3.412 ok")
    assert (reading.station, reading.level, reading.quality) == ("ALB1", 3.412, "ok")
    assert reading.time.isoformat() == "2025-05-13T06:10:00+00:00"


def test_a_missing_value_has_no_level():
    assert parse_line("2025-05-13T06:10:00Z ALB1 0.000 missing").level is None


@pytest.mark.parametrize("line, why", [
    ("2025-05-13T06:10:00Z ALB1 3.412", "expected 4 fields, got 3"),
    ("2025-05-13T06:10:00Z ALB1 3.412 fine", "unknown quality 'fine'"),
])
def test_a_bad_line_says_where_and_why(line, why):
    with pytest.raises(BadLine, match=why):
        parse_line(line, 12)


def test_empty_lines_are_skipped():
    assert len(parse(["2025-05-13T06:10:00Z ALB1 3.412 ok\\n", "\\n"])) == 1
'''

TEST_FILTERS = '''
import datetime

import pytest

from tidewatch.filters import daily_means, despike, rolling_median

UTC = datetime.timezone.utc


def test_a_median_of_width_one_is_the_value():
    assert rolling_median([3.0, 1.0, 2.0], 1) == [3.0, 1.0, 2.0]


def test_the_window_is_centred():
    assert rolling_median([1.0, 9.0, 2.0, 3.0, 4.0], 3) == [5.0, 2.0, 3.0, 3.0, 3.5]


def test_missing_values_do_not_count():
    assert rolling_median([1.0, None, 3.0], 3) == [1.0, 2.0, 3.0]


def test_an_even_width_is_refused():
    with pytest.raises(ValueError, match="odd"):
        rolling_median([1.0], 4)


def test_a_spike_is_taken_out():
    assert despike([2.0, 2.01, 3.5, 2.03, 2.04]) == [2.0, 2.01, None, 2.03, 2.04]


def test_a_day_is_the_station_s_own():
    times = [datetime.datetime(2025, 1, 10, 22, 30, tzinfo=UTC), datetime.datetime(2025, 1, 10, 23, 30, tzinfo=UTC)]
    assert daily_means(times, [1.0, 2.0], "Europe/Berlin") == {
        datetime.date(2025, 1, 10): 1.0, datetime.date(2025, 1, 11): 2.0}


def test_a_day_after_the_clocks_change_begins_an_hour_earlier_in_utc():
    # 30 March 2025: Berlin goes from UTC+1 to UTC+2, so 31 March begins at 22:00 UTC.
    times = [datetime.datetime(2025, 3, 29, 12, tzinfo=UTC), datetime.datetime(2025, 3, 30, 22, 30, tzinfo=UTC)]
    assert daily_means(times, [1.0, 2.0], "Europe/Berlin") == {
        datetime.date(2025, 3, 29): 1.0, datetime.date(2025, 3, 31): 2.0}
'''

SMOOTH_HPP = '''
// Filters for the gauge's own box: no allocation after construction.
#pragma once

#include <algorithm>
#include <cstddef>
#include <list>
#include <numeric>
#include <vector>

namespace tide {

/// Keeps the last `width` samples and gives their median.
class MedianFilter {
 public:
  explicit MedianFilter(std::size_t width) : width_(width) {}

  double push(double sample) {
    window_.push_back(sample);
    if (window_.size() > width_) window_.pop_front();
    auto sorted = window_;
    std::sort(sorted.begin(), sorted.end());
    auto middle = sorted.begin();
    std::advance(middle, sorted.size() / 2);
    return *middle;
  }

 private:
  std::size_t width_;
  std::list<double> window_;
};

/// Mean of the samples of one report interval.
class IntervalMean {
 public:
  void add(double sample) { samples_.push_back(sample); }

  double finish() const {
    double mean = std::accumulate(samples_.begin(), samples_.end(), 0) / samples_.size();
    samples_.clear();
    return mean;
  }

 private:
  std::vector<double> samples_;
};

}  // namespace tide
'''

SMOOTH_TEST = '''
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "smooth.hpp"

static int failures = 0;

static void expect_near(const char* what, double got, double wanted) {
  if (std::fabs(got - wanted) > 1e-9) {
    std::printf("FAIL %s: got %.6f, wanted %.6f\\n", what, got, wanted);
    ++failures;
  } else {
    std::printf("ok   %s\\n", what);
  }
}

int main() {
  tide::MedianFilter filter(3);
  expect_near("median of one", filter.push(2.0), 2.0);
  filter.push(9.0);
  expect_near("a spike does not pass", filter.push(2.1), 2.1);
  expect_near("the window moves on", filter.push(2.2), 2.2);

  tide::IntervalMean mean;
  mean.add(2.25);
  mean.add(2.75);
  expect_near("mean of an interval", mean.finish(), 2.5);
  mean.add(1.0);
  expect_near("each interval starts empty", mean.finish(), 1.0);
  expect_near("an empty interval repeats the last mean", mean.finish(), 1.0);

  std::printf("%d failures\\n", failures);
  return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
'''

NATIVE_MAKEFILE = """
CXX ?= g++
CXXFLAGS ?= -std=c++17 -O2 -Wall -Wextra

check: smooth_test
\t./smooth_test

smooth_test: smooth_test.cpp smooth.hpp
\t$(CXX) $(CXXFLAGS) -o $@ smooth_test.cpp

clean:
\trm -f smooth_test

.PHONY: check clean
"""


def lay_out(day) -> None:
    """The repository's past, in five commits."""
    day.run("git init -q -b main . && git config user.name 'Dev' && git config user.email dev@example.org")
    day.put(".gitignore", "__pycache__/\ndata/\n*.db\nnative/smooth_test\n")
    day.put("README.md", README)
    day.put("tidewatch/__init__.py", '"""Tide gauges, cleaned and queried."""\n')
    day.put("tidewatch/reading.py", READING)
    day.put("tests/test_reading.py", TEST_READING)
    day.put("conftest.py", "")
    day.commit_before(23, "Read gauge logs line by line")
    day.put("config/stations.json", STATIONS)
    day.put("tidewatch/report.py", REPORT)
    day.put("scripts/make_readings.py", MAKE_READINGS)
    day.commit_before(16, "First report for harbour masters, and a month of made-up readings")
    day.put("tidewatch/store.py", STORE)
    day.put("tidewatch/server.py", SERVER)
    day.commit_before(9, "Keep readings in SQLite and serve them")
    day.put("native/smooth.hpp", SMOOTH_HPP)
    day.put("native/smooth_test.cpp", SMOOTH_TEST)
    day.put("native/Makefile", NATIVE_MAKEFILE)
    day.commit_before(2, "native: filters for the gauge's own box (not built on CI yet)")
    day.put("tidewatch/filters.py", FILTERS)
    day.put("tests/test_filters.py", TEST_FILTERS)
    day.commit_before(1, "Rolling median instead of mean; daily means per station zone")
