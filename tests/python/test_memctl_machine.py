"""memctl looking after the machine: doctor, bench, experiment."""

from __future__ import annotations

import json

from harbour import PAGE_LINES, prose
from memctl_program import pytestmark  # noqa: F401


def test_doctor_checks_everything(filled):
    done = filled("--json", "doctor").json
    assert done["ok"] is True
    assert {check["name"] for check in done["checks"]} == {
        "processor", "checkpoint", "glyph atlas", "fonts", "store"}


def test_doctor_names_a_fault_and_goes_on(filled):
    done = filled("--json", "doctor", env={"FOVEA_CPU": "fast"}, code=1).json
    checks = {check["name"]: check for check in done["checks"]}
    assert "FOVEA_CPU" in checks["processor"]["found"] and not checks["processor"]["ok"]
    assert checks["glyph atlas"]["ok"] and checks["store"]["ok"]


def test_bench_compares_every_stage_with_what_the_machine_can_do(memctl):
    done = memctl("--json", "bench", "--levels", "tiny").json
    assert {stage["stage"] for stage in done["stages"]} == {
        "layout and draw", "shrink", "encode", "read", "store insert", "search among 200"}
    assert all(stage["rate"] > 0 and 0 < stage["share"] for stage in done["stages"])
    assert done["open_and_load_seconds"] > 0
    assert list(memctl.folder.iterdir()) == []


def test_experiment_measures_each_text_beside_a_random_control(memctl):
    memctl.file("ships.txt", prose(PAGE_LINES))
    found = memctl("--json", "experiment", "ships.txt", "--levels", "tiny", "--pages", "1", "--out", "out").json
    ships, control = found["curves"]
    assert (ships["domain"], control["domain"]) == ("ships", "random")
    assert {"level", "density", "characters", "text_tokens", "vision_tokens", "compression", "accuracy", "exact_rows",
            "word_precision"} <= set(ships)
    assert ships["level"] == "tiny" and ships["density"] == 106 and ships["vision_tokens"] == 64
    assert 0.9 < ships["accuracy"] <= 1 and ships["compression"] > 10
    assert sum(b["rows"] for b in found["calibration"]) == 106
    out = memctl.folder / "out"
    assert json.loads((out / "experiment.json").read_text())["curves"] == found["curves"]
    assert "\n| ships | " in (out / "experiment.md").read_text()
    assert len((out / "rows.csv").read_text().splitlines()) == 107


def test_experiment_refuses_what_it_cannot_measure(memctl):
    memctl.file("empty.txt", "")
    assert "is empty" in memctl("experiment", "empty.txt", code=2).err
    memctl("experiment", "no-such.txt", code=3)
    memctl.file("short.txt", "a few words\n")
    assert "no level is called" in memctl("experiment", "short.txt", "--levels", "huge", code=2).err
    memctl("experiment", "short.txt", "--densities", "100", code=2)
