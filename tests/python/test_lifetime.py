"""memctl lifetime: what a memory holds and knows over simulated days, and that it goes on where it was stopped."""

from __future__ import annotations

import csv
import hashlib
import json
import signal
import subprocess

import pytest

from harbour import PAGE_LINES, prose
from memctl_program import Memctl, pytestmark, wait_for_lines  # noqa: F401

FADING = {"kind": "by-age", "bands": [{"level": "small"}, {"older_than": "5d", "level": "tiny"},
                                      {"older_than": "15d", "level": "gone"}]}
LIFE = ("lifetime", "ships.txt", "--days", "30", "--every", "10", "--pages", "2", "--policies", "none,fading.json")


def log(lines: int) -> str:
    return "".join(f"commit {hashlib.sha1(str(i).encode()).hexdigest()[:9]} of keeper{i} moved lamp{i} to src/lamp{i}.cpp\n"
                   for i in range(lines))


def timeless(found: dict) -> dict:
    """The figures without what the clock and the command line say."""
    return {name: value for name, value in found.items() if name not in ("seconds", "readings_known", "command")}


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    """A life of a month beside the store of somebody else; for tests that change nothing."""
    memctl = Memctl(tmp_path_factory.mktemp("lived"))
    memctl.file("other.txt", prose(3))
    memctl("--scope", "ann/coder", "compact", "other.txt")
    memctl.before = {path.name: path.read_bytes() for path in memctl.folder.glob("memory.db*")}
    memctl.text = log(80) + prose(2 * PAGE_LINES)
    memctl.file("ships.txt", memctl.text)
    memctl.file("fading.json", json.dumps(FADING))
    memctl.found = memctl("--json", *LIFE, "--out", "out").json
    return memctl


@pytest.fixture
def again(lived, tmp_path):
    """The same folder, for tests that change it."""
    return lived.copy(tmp_path)


def curve(found: dict, policy: str, age: str, method="vision tokens", day=None) -> dict:
    return next(one for one in found["curves"] if (one["policy"], one["age"], one["method"], one["day"]) ==
                (policy, age, method, day))


# What is measured


def test_each_policy_is_looked_at_on_the_same_days(lived):
    holdings = lived.found["holdings"]
    assert [(one["policy"], one["day"]) for one in holdings] == [
        (policy, day) for policy in ("none", "fading") for day in (10, 20, 30)]
    for one in holdings:
        assert one["tokens"] == one["vision_tokens"] + one["verbatim_tokens"] < one["history_tokens"]
        assert one["pages"] == sum(one["levels"].values()) and one["token_bytes"] < one["file_bytes"]
    same = {one["day"]: one["history_tokens"] for one in holdings if one["policy"] == "none"}
    assert all(one["history_tokens"] == same[one["day"]] for one in holdings)


def test_without_forgetting_every_page_stays_and_under_a_policy_it_fades(lived):
    none, fading = (next(one for one in lived.found["holdings"] if (one["policy"], one["day"]) == (policy, 30))
                    for policy in ("none", "fading"))
    assert none["levels"] == {"base": none["pages"]} and none["gone"] == 0
    assert none["vision_tokens"] == 256 * none["pages"]
    assert fading["gone"] > 0 and fading["pages"] + fading["gone"] == none["pages"]
    assert "tiny" in fading["levels"] and fading["archive_bytes"] < none["archive_bytes"]


def test_what_is_left_of_pages_falls_with_their_age(lived):
    young, old = (curve(lived.found, "fading", age) for age in ("1 to 7 days", "7 to 30 days"))
    assert young["fidelity"] > 0.98 and young["answered"] > 0.5
    assert old["fidelity"] < young["fidelity"] and old["tokens_per_page"] < young["tokens_per_page"]
    assert old["readable"] < 1 and old["found"] < 1  # what is gone is neither
    for one in lived.found["curves"]:
        assert 0 <= one["answered"] <= min(one["found"], one["readable"]) <= 1
        if one["fidelity_interval"]:
            low, high = one["fidelity_interval"]
            assert low - 1e-9 <= one["fidelity"] <= high + 1e-9


def test_the_baseline_is_the_newest_text_in_as_many_tokens(lived):
    old = curve(lived.found, "none", "7 to 30 days", "newest text")
    assert old["fidelity"] < 0.5 and old["found"] == old["readable"] == old["answered"]
    assert curve(lived.found, "none", "7 to 30 days")["fidelity"] > 0.99


def test_a_page_is_read_as_from_any_store(lived, tmp_path):
    lines = map(json.loads, (lived.folder / "out" / "lifetime.jsonl").read_text().splitlines())
    readings = {(line["page"], line["level"]): line["accuracy"] for line in lines if "level" in line}
    memctl = Memctl(tmp_path)
    memctl.file("ships.txt", lived.text)
    memctl("compact", "ships.txt", "--level", "tiny", "--measure", "-1")
    pages = memctl("--json", "pages").json["pages"]
    known = [page for page in pages if (page["id"] - 1, "tiny") in readings]
    assert known and all(page["fidelity"] == pytest.approx(readings[page["id"] - 1, "tiny"], abs=0.002) for page in known)


def test_what_is_needed_to_repeat_it_is_written_down(lived):
    found = json.loads((lived.folder / "out" / "lifetime.json").read_text())
    assert found == lived.found and found["complete"]
    assert [(one["file"], one["sha256"]) for one in found["inputs"]] == [
        ("ships.txt", hashlib.sha256(lived.text.encode()).hexdigest())]
    assert found["command"][-len(LIFE) - 2:] == [*LIFE, "--out", "out"]
    assert found["seed"] == 1 and found["days"] == 30 and found["every"] == 10 and found["archive"] == "keep"
    assert found["policies"]["fading"]["bands"][2]["level"] == "gone" and len(found["checkpoint"]["fingerprint"]) == 64


def test_tables_and_csv(lived):
    out = lived.folder / "out"
    tables = (out / "lifetime.md").read_text()
    assert "| none | 30 |" in tables and "| fading | 7 to 30 days |" in tables and "| ships |" in tables
    lines = list(csv.DictReader((out / "lifetime.csv").open(newline="")))
    assert list(lines[0]) == ["policy", "method", "day", "age", "from_days", "to_days", "figure", "pages", "value",
                              "low", "high"]
    line = next(line for line in lines if (line["policy"], line["method"], line["day"], line["from_days"], line["figure"])
                == ("none", "vision tokens", "all", "7", "fidelity"))
    assert float(line["value"]) == pytest.approx(curve(lived.found, "none", "7 to 30 days")["fidelity"], abs=1e-6)
    assert {"tokens", "file_bytes", "pages_base", "found"} <= {line["figure"] for line in lines}


def test_stores_of_a_life_do_not_stay_and_other_stores_are_left_alone(lived):
    assert {path.name: path.read_bytes() for path in lived.folder.glob("memory.db*")} == lived.before
    assert {path.name for path in (lived.folder / "out").iterdir()} == {
        "run.json", "lifetime.jsonl", "lifetime.json", "lifetime.md", "lifetime.csv", "pictures"}
    assert {path.name for path in (lived.folder / "out" / "pictures").iterdir()} == {
        f"{name}.{kind}" for name in ("forgetting", "held") for kind in ("png", "svg")}


def test_without_exact_text_the_store_is_read_as_it_is(again):
    found = again("--json", *LIFE[:-1], "fading.json", "--archive", "drop", "--out", "drop").json
    assert all(one["archive_bytes"] == 0 for one in found["holdings"])
    lines = list(map(json.loads, (again.folder / "drop" / "lifetime.jsonl").read_text().splitlines()))
    assert {line["policy"] for line in lines} == {"fading"}
    assert curve(found, "fading", "1 to 7 days")["fidelity"] > 0.95


def test_where_all_pages_are_gone_the_verbatim_text_is_still_only_the_newest(again):
    again.file("brief.json", json.dumps({"kind": "by-age", "bands": [
        {"level": "tiny"}, {"older_than": "1h", "level": "gone"}]}))
    brief = again("--json", *LIFE[:-1], "brief.json", "--out", "brief").json["holdings"]
    none = [one for one in again.found["holdings"] if one["policy"] == "none"]
    assert any(one["pages"] == 0 for one in brief)
    for one, whole in zip(brief, none):
        assert one["verbatim_tokens"] == whole["verbatim_tokens"] and one["pages"] + one["gone"] == whole["pages"]


# Going on


def started(memctl, out: str, lines: int) -> subprocess.Popen:
    """Has written that many lines, or is at its end."""
    process = memctl.start("--json", *LIFE, "--out", out)
    wait_for_lines(memctl.folder / out / "lifetime.jsonl", lines, process)
    return process


def test_after_a_kill_the_same_command_goes_on_to_the_same_figures(again):
    process = started(again, "killed", 3)
    process.kill()
    process.communicate()
    journal = again.folder / "killed" / "lifetime.jsonl"
    before = journal.read_text()
    with journal.open("a") as file:
        file.write(before[:50])  # killed while it wrote
    done = again("--json", *LIFE, "--out", "killed").json
    assert done["readings_known"] > 0 and timeless(done) == timeless(again.found)
    assert journal.read_text().startswith(before)


def test_an_interrupt_writes_what_was_seen_and_the_same_command_goes_on(again):
    process = started(again, "stopped", 4)
    process.send_signal(signal.SIGINT)
    found = json.loads(process.communicate(timeout=240)[0])
    assert process.returncode == (0 if found["complete"] else 130)
    assert (again.folder / "stopped" / "lifetime.md").exists()
    assert timeless(again("--json", *LIFE, "--out", "stopped").json) == timeless(again.found)


def test_a_finished_one_is_only_reported_again(again):
    before = (again.folder / "out" / "lifetime.jsonl").read_bytes()
    done = again("--json", *LIFE, "--out", "out").json
    assert (again.folder / "out" / "lifetime.jsonl").read_bytes() == before and timeless(done) == timeless(again.found)


@pytest.mark.parametrize(("arguments", "difference"), [
    (["--seed", "2"], "seed was 1 and is 2"), (["--days", "31"], "days was 30 and is 31"),
    (["--archive", "drop"], 'archive was "keep" and is "drop"'), (["--policies", "none,lean"], "policies"),
])
def test_another_life_in_the_same_folder_is_refused(again, arguments, difference):
    before = {path: path.read_bytes() for path in (again.folder / "out").rglob("*.*")}
    arguments = [*(one for i, one in enumerate(LIFE) if arguments[0] not in LIFE[max(0, i - 1):i + 1]), *arguments]
    done = again("--json", *arguments, "--out", "out", code=2)
    assert "holds another run" in done.error["message"] and difference in done.error["message"]
    assert {path: path.read_bytes() for path in (again.folder / "out").rglob("*.*")} == before


def test_a_damaged_folder_is_an_error_that_names_the_line(again):
    journal = again.folder / "out" / "lifetime.jsonl"
    lines = journal.read_text().splitlines(keepends=True)
    journal.write_text(lines[0] + "{}\n" + "".join(lines[2:]))
    assert "out/lifetime.jsonl:2" in again("--json", *LIFE, "--out", "out", code=4).error["message"]


# Inputs


@pytest.mark.parametrize(("content", "said"), [
    pytest.param(b"", "is empty", id="empty"),
    pytest.param(bytes(range(256)) * 40, "is binary", id="all bytes"),
    pytest.param(b"a few words\n", "12 characters fill no page", id="short"),
])
def test_what_is_no_history_is_an_error_that_says_so(memctl, content, said):
    memctl.file("odd.txt", content)
    done = memctl("--json", "lifetime", "odd.txt", "--out", "out", code=2)
    assert said in done.error["message"] and "odd.txt" in done.error["message"]
    assert not (memctl.folder / "out").exists()


@pytest.mark.parametrize(("arguments", "code", "said"), [
    (["--policies", "forgetful"], 3, '--policies "forgetful": not a file, and not one of none, paper,'),
    (["--policies", "lean,lean"], 2, "two are called lean"),
    (["--days", "0"], 2, "--days: expected a whole number from 1 to 10,000"),
    (["--every", "x"], 2, "--every: expected a whole number"),
    (["--archive", "burn"], 2, "--archive"),
    (["--out", "taken/out"], 1, "taken/out"),
])
def test_what_cannot_be_done_is_an_error_that_names_it(memctl, arguments, code, said):
    memctl.file("ships.txt", prose(2 * PAGE_LINES))
    memctl.file("taken", "a file")
    assert said in memctl("--json", "lifetime", "ships.txt", *arguments, code=code).error["message"]


def test_a_missing_history_is_an_error_that_names_it(memctl):
    assert "no-such.jsonl" in memctl("--json", "lifetime", "no-such.jsonl", code=3).error["message"]
