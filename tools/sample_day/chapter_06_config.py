"""Station settings move from a flat list to a versioned file."""

MIGRATE = '''
"""Moves config/stations.json from version 1 (a flat list) to version 2 (by code, with defaults)."""

import json
import pathlib
import sys

DEFAULTS = {"median_width": 5, "spike_limit_m": 0.25, "alarm_m": None}


def migrate(old: dict) -> dict:
    if old.get("version") == 2:
        return old
    if "stations" not in old or not isinstance(old["stations"], list):
        raise SystemExit("neither version 1 nor 2: expected a list under 'stations'")
    stations = {}
    for entry in old["stations"]:
        entry = dict(entry)
        code = entry.pop("code")
        if code in stations:
            raise SystemExit(f"station {code} is listed twice")
        filters = {key: entry.pop(key) for key in list(entry) if key in DEFAULTS}
        stations[code] = {**entry, **({"filters": filters} if filters else {})}
    return {"version": 2, "defaults": DEFAULTS, "stations": dict(sorted(stations.items()))}


if __name__ == "__main__":
    path = pathlib.Path(sys.argv[1])
    new = migrate(json.loads(path.read_text()))
    path.write_text(json.dumps(new, indent=2, ensure_ascii=False) + "\\n")
    print(f"{path}: version 2, {len(new['stations'])} stations")
'''

CONFIG = '''
"""Station settings: config/stations.json, version 2."""

from __future__ import annotations

import dataclasses
import json
import zoneinfo


class BadConfig(ValueError):
    """Names the file, the place in it, and what was expected there."""


@dataclasses.dataclass(frozen=True)
class Station:
    code: str
    name: str
    zone: str
    offset_m: float              # added to what the gauge says, to get metres above chart datum
    median_width: int            # samples, odd
    spike_limit_m: float         # further than this from the median is a spike
    alarm_m: float | None        # at or above this the report raises an alarm

    def __post_init__(self):
        if self.median_width < 1 or self.median_width % 2 == 0:
            raise BadConfig(f"{self.code}: median_width must be odd, got {self.median_width}")
        if self.spike_limit_m <= 0:
            raise BadConfig(f"{self.code}: spike_limit_m must be positive, got {self.spike_limit_m}")
        try:
            zoneinfo.ZoneInfo(self.zone)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):
            raise BadConfig(f"{self.code}: no time zone {self.zone!r}") from None


def load(path: str = "config/stations.json") -> dict[str, Station]:
    with open(path) as file:
        try:
            data = json.load(file)
        except json.JSONDecodeError as error:
            raise BadConfig(f"{path}:{error.lineno}:{error.colno}: {error.msg}") from None
    if data.get("version") != 2:
        raise BadConfig(f"{path}: expected version 2, got {data.get('version')!r}; run scripts/migrate_config.py")
    stations = {}
    for code, entry in data["stations"].items():
        known = {"name", "zone", "offset_m", "filters"}
        if unknown := sorted(set(entry) - known):
            raise BadConfig(f"{path}: {code}: unknown key {unknown[0]!r}")
        settings = {**data["defaults"], **entry.get("filters", {})}
        stations[code] = Station(code, entry["name"], entry["zone"], entry.get("offset_m", 0.0), **settings)
    return stations
'''

TEST_CONFIG = '''
import json

import pytest

from tidewatch.config import BadConfig, load


def written(tmp_path, **changes):
    data = {"version": 2, "defaults": {"median_width": 5, "spike_limit_m": 0.25, "alarm_m": None},
            "stations": {"ALB1": {"name": "Albany Quay", "zone": "Europe/London"}}}
    data["stations"]["ALB1"].update(changes)
    path = tmp_path / "stations.json"
    path.write_text(json.dumps(data))
    return str(path)


def test_a_station_has_the_defaults(tmp_path):
    station = load(written(tmp_path))["ALB1"]
    assert (station.median_width, station.spike_limit_m, station.alarm_m) == (5, 0.25, None)


def test_its_own_filters_win(tmp_path):
    assert load(written(tmp_path, filters={"median_width": 7}))["ALB1"].median_width == 7


@pytest.mark.parametrize("changes, words", [
    ({"zone": "Europe/Lundon"}, "ALB1: no time zone 'Europe/Lundon'"),
    ({"filters": {"median_width": 4}}, "ALB1: median_width must be odd, got 4"),
    ({"filters": {"spike_limit_m": 0}}, "ALB1: spike_limit_m must be positive"),
    ({"offsett_m": 1}, "unknown key 'offsett_m'"),
])
def test_a_mistake_is_named(tmp_path, changes, words):
    with pytest.raises(BadConfig, match=words):
        load(written(tmp_path, **changes))


def test_a_syntax_error_has_a_line(tmp_path):
    path = tmp_path / "stations.json"
    path.write_text('{\\n  "version": 2,\\n  "defaults": {,\\n}')
    with pytest.raises(BadConfig, match=r"stations.json:3:16"):
        load(str(path))


def test_the_shipped_file_loads():
    assert sorted(load()) == ["ALB1", "KRH2", "STM3"]
'''


def play(day) -> None:
    day.at(13, 40)
    day.user("""
Next thing on my list: `config/stations.json`. The settings of the filters sit between name and zone, every default is
repeated somewhere in the code, and a typo in a key is silently ignored. I'd like a second version of the file: keyed by
station code, one place for defaults, filters in an object of their own. With a small migration script, please, because the
harbour offices have edited their copies by hand.""")
    day.bash("""jq . config/stations.json; git grep -n '"median_width"\\|"spike_limit_m"\\|"alarm_m"\\|st\\[\\|st\\.get' -- '*.py'""",
             "Where are the settings used today?")
    day.say("""
They are read in one function only, `report()`, through `st.get(key, default)`: 5 and 0.25 live there, and a misspelt key such as `offsett_m` would fall back to a default without a word.

My plan, in three commits so that each can be looked at by itself:

1. `scripts/migrate_config.py`, which turns version 1 into version 2 in place and does nothing to a file that is version 2 already (it can be run twice without harm);
2. `tidewatch/config.py` with a frozen `Station` and checks that name station and key;
3. the report uses it. That goes together with taking `report()` apart, which is next on your list anyway, I suppose.""")
    day.write_file("scripts/migrate_config.py", MIGRATE)
    day.bash("cp config/stations.json /tmp/tidewatch-v1.json && python scripts/migrate_config.py config/stations.json && cp config/stations.json /tmp/tidewatch-v2.json "
             "&& python scripts/migrate_config.py config/stations.json && cmp config/stations.json /tmp/tidewatch-v2.json && echo 'second run changes nothing' && cat config/stations.json")
    day.bash("""for bad in '{"stations": {}}' '[]' '{"stations": [{"code": "A"}, {"code": "A"}]}' '{"stations": [{"name": "x"}]}'; do
  echo "$bad" > /tmp/tidewatch-bad.json; echo "$bad"; python scripts/migrate_config.py /tmp/tidewatch-bad.json 2>&1 | tail -2; echo; done; rm /tmp/tidewatch-bad.json""",
             "What does it say to files that people may have edited into something odd?")
    day.say("""
Two of the four are answered with a sentence, two with a traceback: a list at the top level (`'list' object has no attribute 'get'`) and a station without a code (`KeyError: 'code'`). A harbour office will not know what to make of these.""")
    day.edit_file("scripts/migrate_config.py", """    if old.get("version") == 2:
        return old
""", """    if not isinstance(old, dict):
        raise SystemExit(f"expected an object at the top, got a {type(old).__name__}")
    if old.get("version") == 2:
        return old
""")
    day.edit_file("scripts/migrate_config.py", """    for entry in old["stations"]:
        entry = dict(entry)
        code = entry.pop("code")
""", """    for number, entry in enumerate(old["stations"], 1):
        entry = dict(entry)
        code = entry.pop("code", None)
        if code is None:
            raise SystemExit(f"station number {number} has no code")
""")
    day.bash("""for bad in '[]' '{"stations": [{"name": "x"}]}'; do
  echo "$bad" > /tmp/tidewatch-bad.json; echo "$bad"; python scripts/migrate_config.py /tmp/tidewatch-bad.json; echo "exit code $?"; done; rm /tmp/tidewatch-bad.json""")
    day.write_file("tidewatch/config.py", CONFIG)
    day.write_file("tests/test_config.py", TEST_CONFIG)
    day.bash("pytest -q tests/test_config.py 2>&1 | tail -40")
    day.bash("git add scripts && git commit -qm 'scripts: migrate station settings to version 2' && git add -A && git commit -qm 'config: stations by code, defaults in one place, mistakes named' && git log --oneline -2 && git diff HEAD~2 -- config/stations.json")
    day.say("""
Note that the report does not work between these commits and the next (it still expects a list), so I go straight on with that; until then please do not deploy.""")
