"""Looking around, and the two tests that fail."""

from sample_day import project


def play(day) -> None:
    project.lay_out(day)
    day.user("""
Good morning! I was away for two weeks and Pia has been committing to the project meanwhile. Can you
give me a picture of where things stand: what changed since the first commit, how big everything is,
whether the tests pass? Don't change anything yet.""")
    day.bash("git log --stat --date=short --format='%h %ad %an%n    %s%n'",
             "I'll start with the history and the layout, then run the tests.")
    day.bash("ls -la && echo && find . -path ./.git -prune -o -type f -print | sort | xargs wc -l")
    day.bash("cat README.md && echo ---- && cat config/stations.json")
    day.bash("pytest -q 2>&1 | tail -60")
    day.say("""
Here is the picture.

**History.** Five commits in about three weeks. They go in a sensible order: parsing first, then the report and a generator for test data, then SQLite and the HTTP face, then the C++ filters, and yesterday the rolling median together with daily means per time zone.

**Size.** The Python package is around 240 lines, the C++ part around 90. The largest function is `report()` in `tidewatch/report.py`; it does loading, cleaning, counting and printing in one go, and it is the only module without a test.

**Tests.** Four of twelve fail, all in what was committed yesterday (`filters.py`), and I think they have two causes:

1. Three of them are the rolling median. It does not look at the value *after* the current one, and with a width of 1 it looks at nothing at all and answers `None`. I would bet on the slice `values[max(0, i - half):i + half]`: the upper end of a Python slice is exclusive, so the window is one short. It needs `i + half + 1`.
2. `test_a_day_after_the_clocks_change_begins_an_hour_earlier_in_utc` — `daily_means` takes the UTC offset of the *first* reading and uses it for all of them. On 30 March 2025 Berlin moves from UTC+1 to UTC+2, and from then on every day is cut one hour late.

There is a third thing that no test covers: the commit message for `native/` says "not built on CI yet", and I have not tried to build it. Nothing has been changed so far. Shall I fix the two filters first, with a commit each, and then look at the C++ part?""")
    day.user("""
Yes please, in that order. For the first one also tell me whether it made a difference in the reports
that we sent out, i.e. did any harbour master see wrong numbers because of it? I'd rather tell them
myself than have them find out.""")
    day.bash("mkdir -p data && python scripts/make_readings.py > data/readings.csv && wc -l data/readings.csv && head -6 data/readings.csv "
             "&& python -m tidewatch.report data/readings.csv --station KRH2 > /tmp/tidewatch-before.txt; head -12 /tmp/tidewatch-before.txt",
             "Before touching the code I keep today's report of Krähenhafen, so that we can compare afterwards.")
    day.read_file("tidewatch/filters.py")
    day.edit_file("tidewatch/filters.py", "values[max(0, i - half):i + half] if", "values[max(0, i - half):i + half + 1] if")
    day.bash("pytest -q 2>&1 | tail -30")
    day.bash("python -m tidewatch.report data/readings.csv --station KRH2 > /tmp/tidewatch-after.txt; diff /tmp/tidewatch-before.txt /tmp/tidewatch-after.txt")
    day.python("""
import json
from tidewatch.filters import rolling_median
from tidewatch.reading import parse
import statistics

def old_median(values, width):
    half = width // 2
    return [statistics.median(w) if (w := [v for v in values[max(0, i - half):i + half] if v is not None]) else None
            for i in range(len(values))]

readings = parse(open("data/readings.csv"))
for code, width, limit in (("ALB1", 5, 0.25), ("KRH2", 7, 0.25), ("STM3", 5, 0.4)):
    values = [r.level for r in readings if r.station == code]
    old, new = old_median(values, width), rolling_median(values, width)
    moved = [abs(a - b) for a, b in zip(old, new) if a is not None and b is not None]
    lost_old = sum(1 for v, s in zip(values, old) if v is not None and s is not None and abs(v - s) > limit)
    lost_new = sum(1 for v, s in zip(values, new) if v is not None and s is not None and abs(v - s) > limit)
    print(f"{code}: median moved by {statistics.fmean(moved)*100:5.2f} cm on average, {max(moved)*100:6.1f} cm at most; "
          f"taken out as spikes: {lost_old} before, {lost_new} after")
""", "The report of one station hides part of it. Let me measure the old against the new filter on all three.")
    day.bash("git commit -qam 'filters: the median window reaches the value after the centre\n\nThe slice ended one short, so the window was lopsided and of even size.' && git log --oneline -1")
    day.say("""
Fixed and committed. To your question whether anybody saw wrong numbers: **practically not.**

The lopsided window trails behind the water: the median itself was wrong by 2 to 3 cm on average at Albany and Krähenhafen, by 8 cm at Saint-Malo, where the range is several times as large, and by as much as 33 cm there at mid-tide. That is less than the 40 cm limit of that station, but not by much. But the median is only used to decide what is a spike; the readings themselves go into the report untouched. So what counts is how many good readings were thrown away: in this month *one*, at Saint-Malo (13 "spikes" where 12 were real). The report of Krähenhafen is the same to the last digit before and after, as the empty `diff` shows.

I'd not bother the harbour masters with it. What I would keep in mind is that Saint-Malo was close to the edge: with a limit of 0.3 m, or in a month with a higher spring tide, good readings would have been dropped by the dozen, always at mid-tide, and nobody would have noticed because a count of "spikes removed" looks so reasonable.

Next is the change of clocks.""")
    day.edit_file("tidewatch/filters.py", """    offset = times[0].astimezone(zoneinfo.ZoneInfo(zone)).utcoffset()
    days: dict[datetime.date, list[float]] = {}
    for time, value in zip(times, values):
        if value is not None:
            days.setdefault((time + offset).date(), []).append(value)
""", """    station_zone = zoneinfo.ZoneInfo(zone)
    days: dict[datetime.date, list[float]] = {}
    for time, value in zip(times, values):
        if value is not None:
            days.setdefault(time.astimezone(station_zone).date(), []).append(value)
""")
    day.bash("sed -i '/    if not times:/,/        return {}/d' tidewatch/filters.py && git diff && pytest -q 2>&1 | tail -5",
             "With the offset gone the guard for an empty list has no purpose any more: an empty loop gives an empty dict.")
    day.bash("git commit -qam 'daily_means: each reading is dated in the station'\"'\"'s zone\n\nThe offset of the first reading was used for all, wrong from the change of clocks on.' && git log --oneline -3 && git status --short")
    day.say("""
Both are in, all tests pass (✓ 12 of 12), and the working tree is clean. One remark on performance, since `astimezone` is now called per reading: for a month of one station (4,464 readings) that is a few milliseconds, so I left it plain.

The C++ part next?""")
