"""One long function becomes four short ones."""

REPORT = '''
"""The report for a harbour master."""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import sys

from tidewatch.config import Station, load
from tidewatch.filters import daily_means, despike
from tidewatch.reading import Reading, parse


@dataclasses.dataclass(frozen=True)
class Summary:
    """What a report says, before it is put into words."""

    station: Station
    readings: int
    missing: int
    spikes: int
    highest: tuple[datetime.datetime, float] | None
    lowest: tuple[datetime.datetime, float] | None
    means: dict[datetime.date, float]
    alarms: int


def summarise(readings: list[Reading], station: Station) -> Summary:
    times = [r.time for r in readings]
    raw = [None if r.level is None else r.level + station.offset_m for r in readings]
    clean = despike(raw, station.median_width, station.spike_limit_m)
    good = [(time, level) for time, level in zip(times, clean) if level is not None]
    missing = raw.count(None)
    by_level = lambda pair: pair[1]
    return Summary(
        station=station, readings=len(raw), missing=missing, spikes=clean.count(None) - missing,
        highest=max(good, key=by_level, default=None), lowest=min(good, key=by_level, default=None),
        means=daily_means(times, clean, station.zone),
        alarms=sum(station.alarm_m is not None and level >= station.alarm_m for _, level in good))


def in_words(s: Summary) -> str:
    title = f"{s.station.name} ({s.station.code})"
    lines = [title, "=" * len(title),
             f"readings: {s.readings}   missing: {s.missing}   spikes removed: {s.spikes}"]
    for label, extreme in (("highest:", s.highest), ("lowest: ", s.lowest)):
        if extreme:
            lines.append(f"{label} {extreme[1]:.2f} m at {extreme[0]:%Y-%m-%d %H:%M}")
    if s.means:
        lines += ["", "day          mean"] + [f"{day}  {mean:6.3f}" for day, mean in s.means.items()]
    if s.alarms:
        lines += ["", f"ALARM: {s.alarms} readings at or above {s.station.alarm_m:.2f} m"]
    return "\\n".join(lines) + "\\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", help="log of readings")
    parser.add_argument("--station", required=True, help="code, such as ALB1")
    options = parser.parse_args()
    stations = load()
    if options.station not in stations:
        sys.exit(f"no station {options.station}, there are {', '.join(stations)}")
    with open(options.path) as file:
        readings = [r for r in parse(file) if r.station == options.station]
    sys.stdout.write(in_words(summarise(readings, stations[options.station])))


if __name__ == "__main__":
    main()
'''

TEST_REPORT = '''
import datetime

from tidewatch.config import Station
from tidewatch.reading import Reading
from tidewatch.report import in_words, summarise

UTC = datetime.timezone.utc
STATION = Station("ALB1", "Albany Quay", "Europe/London", 0.1, 3, 0.25, 3.0)


def readings(*levels):
    start = datetime.datetime(2025, 1, 10, tzinfo=UTC)
    return [Reading(start + datetime.timedelta(minutes=10 * i), "ALB1", level,
                    "missing" if level is None else "ok") for i, level in enumerate(levels)]


def test_the_offset_is_added_before_anything_else():
    summary = summarise(readings(2.0, 2.1, 2.2), STATION)
    assert [round(v, 3) for _, v in (summary.lowest, summary.highest)] == [2.1, 2.3]


def test_missing_values_and_spikes_are_counted_apart():
    summary = summarise(readings(2.0, None, 2.0, 2.0, 5.0, 2.0, 2.0), STATION)
    assert (summary.readings, summary.missing, summary.spikes) == (7, 1, 1)


def test_an_alarm_counts_readings_at_the_limit():
    assert summarise(readings(2.9, 2.9, 2.8), STATION).alarms == 2


def test_a_report_of_nothing_is_short():
    assert in_words(summarise([], STATION)) == (
        "Albany Quay (ALB1)\\n==================\\nreadings: 0   missing: 0   spikes removed: 0\\n")


def test_a_report_reads_like_this():
    assert in_words(summarise(readings(2.9, 2.9, 2.8), STATION)) == """\\
Albany Quay (ALB1)
==================
readings: 3   missing: 0   spikes removed: 0
highest: 3.00 m at 2025-01-10 00:00
lowest:  2.90 m at 2025-01-10 00:20

day          mean
2025-01-10   2.967

ALARM: 2 readings at or above 3.00 m
"""
'''


def play(day) -> None:
    day.at(14, 6)
    day.user("""
Go on with the report then. What I'd like: the function cut into pieces that can be tested, and NOT ONE byte of difference in
what comes out for the three stations. You can compare against the version from this morning.""")
    day.bash("""mkdir -p /tmp/tidewatch-old && git archive HEAD~4 | tar -x -C /tmp/tidewatch-old && cp /tmp/tidewatch-v1.json /tmp/tidewatch-old/config/stations.json
for s in ALB1 KRH2 STM3; do (cd /tmp/tidewatch-old && python -m tidewatch.report "$OLDPWD/data/readings.csv" --station $s > /tmp/tidewatch-$s.old); done
wc /tmp/tidewatch-*.old && cat /tmp/tidewatch-ALB1.old""", "First I keep what the old version says about each station, from before the new settings.")
    day.read_file("tidewatch/report.py")
    day.say("""
What the function does, in order: find the station, load and filter the readings, add the datum offset, count missing values, remove spikes and count them by difference, then print six kinds of lines. My cut is between *what is said* and *how it is said*:

* `summarise(readings, station) -> Summary`: pure, no files, no printing;
* `in_words(summary) -> str`: pure as well, so a test can compare the whole text;
* `main()`: the file, the station, the exit code.

Two details to keep in mind for "not one byte":

1. `ts[vs.index(hi)]` takes the *first* time at which the highest level occurs. `max()` with a key also returns the first of equals, so they agree. ✓
2. The old code adds the offset before removing spikes. Adding a constant first or last should not matter for a median, but in floating point `(a + o) - (b + o)` is not always `a - b`, and a reading exactly at the limit could tip over. So the order stays.

One thing I noticed and will *not* change in this step: highest and lowest are printed in UTC, while the days are the station's own. The README says that reports are in the station's zone. Let us talk about that afterwards.""")
    day.write_file("tidewatch/report.py", REPORT)
    day.write_file("tests/test_report.py", TEST_REPORT)
    day.bash("""pytest -q 2>&1 | tail -30
for s in ALB1 KRH2 STM3; do python -m tidewatch.report data/readings.csv --station $s > /tmp/tidewatch-$s.new; cmp /tmp/tidewatch-$s.old /tmp/tidewatch-$s.new && echo "$s: same bytes"; done
sha256sum /tmp/tidewatch-*.old /tmp/tidewatch-*.new
python -m tidewatch.report data/readings.csv --station XYZ9; echo "exit code $?" """)
    day.bash("git diff --stat && git diff tidewatch/report.py | head -150")
    day.bash("git add -A && git commit -qm 'report: say what and say how are two functions, with tests\n\nThe output for all three stations is the same to the byte.' && git log --oneline -1; rm -rf /tmp/tidewatch-old /tmp/tidewatch-*.old /tmp/tidewatch-*.new")
    day.say("""
Done: the three reports are identical (same SHA-256), and five tests now hold what the report says, including one that compares a whole report as text.

About the times: shall highest and lowest be in the station's zone, as the README promises? For Krähenhafen the highest water would then read `12:40` (summer time) where it now says `10:40`. It is a visible change, so I want your word for it.""")
    day.user("""
Good catch. Yes, station's zone, and print the zone's abbreviation behind it so that nobody has to guess. Mention it in the changelog.
Ist das mit der Sommerzeit dann auch für den 26. Oktober richtig, wenn die Stunde von 2 bis 3 doppelt vorkommt?""")
    day.bash(r"""sed -i 's/lines.append(f"{label} {extreme\[1\]:.2f} m at {extreme\[0\]:%Y-%m-%d %H:%M}")/lines.append(f"{label} {extreme[1]:.2f} m at {extreme[0].astimezone(zone):%Y-%m-%d %H:%M %Z}")/; s/^    title = f/    zone = zoneinfo.ZoneInfo(s.station.zone)\n    title = f/; s/^import sys$/import sys\nimport zoneinfo/' tidewatch/report.py
sed -i 's/at 2025-01-10 00:00$/at 2025-01-10 00:00 GMT/; s/at 2025-01-10 00:20$/at 2025-01-10 00:20 GMT/' tests/test_report.py
git diff -U0 | grep '^[-+]' ; pytest -q 2>&1 | tail -3; python -m tidewatch.report data/readings.csv --station KRH2 | head -5""")
    day.python("""
import datetime, zoneinfo
berlin = zoneinfo.ZoneInfo("Europe/Berlin")
utc = datetime.timezone.utc
for hour, minute in ((23, 30), (0, 0), (0, 30), (1, 0), (1, 30), (2, 0)):
    day = 25 if hour == 23 else 26
    t = datetime.datetime(2025, 10, day, hour, minute, tzinfo=utc)
    local = t.astimezone(berlin)
    print(f"{t:%d %b %H:%M} UTC  ->  {local:%d %b %H:%M %Z} (fold={local.fold}, UTC{local:%z})")
""")
    day.say("""
Ja, das stimmt auch dann: Gerechnet wird immer von UTC aus, und diese Richtung ist eindeutig. Die doppelte Stunde sieht man nur am Kürzel, wie oben: `02:30 CEST` und eine Stunde später `02:30 CET`. Genau dafür ist die Abkürzung hinter der Uhrzeit gut. Für die Tagesmittel heißt es: der 26. Oktober hat 25 Stunden, also 150 statt 144 Werte, und alle zählen gleich viel.

(Schwierig wäre nur der umgekehrte Weg, also wenn jemand „26.10., 02:30“ *eingibt*. Das tut bei uns niemand.)

Committed as `report: highest and lowest in the station's zone, with its name`; the changelog comes with the documentation.""")
    day.run("git commit -qam \"report: highest and lowest in the station's zone, with its name\"")
