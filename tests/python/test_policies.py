"""Forgetting from outside: policies and their schema, rounds of ageing, promotion, anchors and corrections."""

from __future__ import annotations

import contextlib
import json
import signal
import sqlite3
import subprocess
import time

import fastjsonschema
import pytest

from harbour import PAGE_LINES, prose
from memctl_program import REPOSITORY, pytestmark  # noqa: F401

POLICIES = REPOSITORY / "models" / "policies"
validate = fastjsonschema.compile(json.loads((POLICIES / "schema.json").read_text()))


def is_valid(policy) -> bool:
    try:
        validate(policy)
        return True
    except fastjsonschema.JsonSchemaException:
        return False


FLOOR = {"floor": 0.9}
GOOD = [
    {"bands": [FLOOR]},
    {"kind": "by-age", "bands": [{"level": "base"}, {"older_than": "2w", "level": "gone"}]},
    {"kind": "by-fidelity", "bands": [{"older_than": 60, "floor": 1}, {"older_than": "3w", "level": None}]},
    {"bands": [FLOOR], "budget": 1, "batch": 1000, "anchors": {"bytes": 0},
     "corrections": {"bytes": 65536, "down_to": "base"}, "archive_for": "90d"},
]
BAD = {
    "bands[0]:": {"bands": [{"floor": 0.9, "level": "tiny"}]},
    "bands[0].older_than": {"bands": [{"older_than": "1 day", "floor": 0.9}]},
    "bands[0].floor": {"bands": [{"floor": 98}]},
    "bands[1].level": {"bands": [FLOOR, {"older_than": "1d", "level": "tiny"}]},
    "bands:": {"kind": "by-age"},
    "kind": {"kind": "by-mood", "bands": [FLOOR]},
    "budget": {"bands": [FLOOR], "budget": "20k"},
    "batch": {"bands": [FLOOR], "batch": 0},
    "anchors.bytes": {"bands": [FLOOR], "anchors": {"down_to": "tiny"}},
    "anchors.without_archive": {"bands": [FLOOR], "anchors": {"bytes": 9, "without_archive": "no"}},
    "corrections.down_to": {"bands": [FLOOR], "corrections": {"bytes": 9, "down_to": "blurry"}},
    "archive_for": {"bands": [FLOOR], "archive_for": "for ever"},
    '"bugdet"': {"bands": [FLOOR], "bugdet": 5},
}


@pytest.mark.parametrize("name", ["careful", "balanced", "lean"])
def test_a_preset_is_its_file_and_fits_the_schema(memctl, name):
    of_file = json.loads((POLICIES / f"{name}.json").read_text())
    printed = memctl("--json", "policy", name).json
    assert is_valid(of_file) and is_valid(printed)
    assert printed["anchors"] == of_file["anchors"] and len(printed["bands"]) == len(of_file["bands"])


@pytest.mark.parametrize("policy", GOOD)
def test_what_the_schema_takes_memctl_takes(memctl, policy):
    assert is_valid(policy)
    assert is_valid(memctl("--json", "policy", memctl.file("p.json", json.dumps(policy))).json)


# The library's own tests have an error for each key; here, one way into the file.
def test_the_schema_refuses_what_the_library_does():
    for key, policy in BAD.items():
        assert not is_valid(policy), key


def test_errors_name_the_file_the_key_and_the_presets(memctl):
    path = memctl.file("p.json", json.dumps(BAD["bands[0].floor"]))
    error = memctl("--json", "policy", path, code=2).error["message"]
    assert "p.json" in error and "bands[0].floor" in error
    assert "careful, balanced and lean" in memctl("policy", "cruel", code=3).err


@pytest.fixture
def aged(memctl):
    """Two pages at tiny, and a policy by which they go to trace or faint."""
    memctl.text = prose(2 * PAGE_LINES)
    memctl.file("harbour.txt", memctl.text)
    memctl("compact", "harbour.txt", "--level", "tiny", "--measure", "0", "--finish")
    memctl.policy = memctl.file("low.json", '{"bands": [{"floor": 0.2}], "batch": 2}')
    return memctl


def age_until_measured(memctl, *arguments) -> subprocess.Popen:
    """memctl age in the background, once its first measurement is in the store."""
    process = memctl.start("--json", "age", *arguments)
    with contextlib.closing(sqlite3.connect(memctl.store)) as store:
        while process.poll() is None and store.execute("SELECT count(*) FROM page_fidelity").fetchone() == (0,):
            time.sleep(0.02)
    return process


def test_killed_while_it_measures_the_next_round_goes_on(aged):
    process = age_until_measured(aged, "--policy", aged.policy)
    process.kill()
    process.communicate()
    assert len(aged("--json", "age", "--policy", aged.policy).json["steps"]) <= 2
    again = aged("--json", "age", "--policy", aged.policy).json
    assert again["steps"] == [] and again["measured"] == 0 and not again["stopped"]
    assert aged.archive() == aged.text
    assert aged("--json", "verify").json["ok"]


def test_ctrl_c_keeps_what_was_measured(aged):
    process = age_until_measured(aged, "--policy", aged.policy)
    process.send_signal(signal.SIGINT)
    first = json.loads(process.communicate(timeout=300)[0])
    rest = aged("--json", "age", "--policy", aged.policy).json
    assert first["stopped"] == (process.returncode == 130)
    assert first["measured"] + rest["measured"] <= 4
    assert len(first["steps"]) + len(rest["steps"]) == 2


def test_a_dry_run_shows_words_and_tokens_and_promote_undoes_the_step(aged):
    dry = aged("--json", "age", "--policy", aged.policy, "--dry-run").json
    assert dry["dry_run"] and dry["measured"] >= 2
    for step in dry["steps"]:
        assert step["from"] == "tiny" and step["to"] in ("faint", "trace") and step["tokens_saved"] >= 28
        assert step["fidelity"] >= 0.2 and step["reason"] == "by fidelity" and step["lost_words"]
    text = aged("age", "--policy", aged.policy, "--dry-run").out.decode()
    assert "tokens saved, by fidelity" in text and "loses" in text and "2 pages would step down" in text
    done = aged("--json", "age", "--policy", aged.policy).json
    assert [s["fidelity"] for s in done["steps"]] == [s["fidelity"] for s in dry["steps"]]
    assert done["vision_tokens"] == aged("--json", "stats").json["vision_tokens"] == dry["vision_tokens"]
    back = aged("--json", "promote", "1", "2").json["steps"]
    assert [step["to"] for step in back] == ["tiny", "tiny"]
    assert aged("--json", "promote", "1", code=2).error["code"] == "invalid_argument"
    assert aged("--json", "promote", "9", code=3).error["code"] == "not_found"


def test_a_budget_is_kept(aged):
    policy = aged.file("budget.json", '{"bands": [{"floor": 1}], "budget": 110}')
    done = aged("--json", "age", "--policy", policy).json
    assert done["vision_tokens"] <= 110 and done["steps"][0]["reason"] == "for the budget"


def test_the_store_keeps_the_policy_that_compact_was_given(memctl):
    assert memctl("--json", "policy").json == memctl("--json", "policy", "balanced").json  # no store yet
    memctl.file("some.txt", prose(PAGE_LINES))
    memctl("compact", "some.txt", "--policy", "lean")
    assert memctl("--json", "policy").json == memctl("--json", "policy", "lean").json
    assert "scope default/default/default" in memctl("policy").err
    memctl("compact", "some.txt")  # without one it stays
    assert memctl("--json", "policy").json == memctl("--json", "policy", "lean").json
    assert memctl("--json", "--scope", "bob", "policy").json == memctl("--json", "policy", "balanced").json


def test_careful_without_an_archive_reads_back_exactly_and_says_how(memctl):
    text = "".join(f"job {i} wrote /var/log/run-{7919 * i % 99991:05d}.log as c0ffee{104729 * i % 99991:05d} "
                   "and the keeper of the harbour went home.\n" for i in range(70))
    memctl.file("log.txt", text)
    memctl("compact", "log.txt", "--archive", "drop", "--policy", "careful", "--level", "tiny", "--finish")
    items = memctl("--json", "recall", "--all").json["items"]
    assert "".join(item["text"] for item in items) == text
    for item in items:
        assert item["source"] == "corrected" and item["confidence"] == 1
        spans = item["spans"]
        assert "".join(item["text"][s["begin"]:s["begin"] + s["length"]] for s in spans) == item["text"]
        assert {s["source"] for s in spans} <= {"decoded", "anchor", "corrected"}
    anchors = [items[0]["text"][s["begin"]:][:s["length"]] for s in items[0]["spans"] if s["source"] == "anchor"]
    assert "/var/log/run-00000.log" in anchors or "/var/log/run-07919.log" in anchors
    honest = memctl("--json", "recall", "1", "--source", "tokens").json["items"][0]
    assert honest["source"] == "tokens" and {s["source"] for s in honest["spans"]} == {"decoded"}
    stats = memctl("--json", "stats").json
    assert stats["anchor_bytes"] > 0 and stats["correction_bytes"] > 0 and stats["archive_bytes"] == 0
    rows = memctl("--json", "erase", "--all").json["rows"]
    assert rows["anchors"] == len(items) and rows["corrections"] == len(items)
