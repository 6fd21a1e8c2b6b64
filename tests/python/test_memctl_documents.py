"""The whole road with a checkpoint of documents, from outside: a miniature of DeepSeek-OCR, whose random weights read
nonsense and never come to an end."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess

import pytest

from mini_checkpoint import REPOSITORY, write_mini_checkpoint

BUILD = pathlib.Path(os.environ.get("FOVEA_BUILD_DIR", REPOSITORY / "build"))
MEMCTL = BUILD / "memctl"
NANO = REPOSITORY / "models" / "fovea-nano"

pytestmark = pytest.mark.skipif(not MEMCTL.exists(), reason="memctl is missing")


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    # A short context, so that a page which never ends takes no time.
    return write_mini_checkpoint(tmp_path_factory.mktemp("mini"), max_position_embeddings=330)


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    """The beginning of the sample day: prose, shell, code."""
    lines = (REPOSITORY / "examples" / "sample_day.jsonl").read_text().splitlines(keepends=True)
    file = tmp_path_factory.mktemp("history") / "day.jsonl"
    file.write_text("".join(lines[:18]))
    return file


def run(*arguments, code=0, cwd=None):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("FOVEA_")}
    environment["OMP_WAIT_POLICY"] = "passive"
    done = subprocess.run([str(MEMCTL), *map(str, arguments)], capture_output=True, timeout=300, env=environment,
                          cwd=cwd)
    assert done.returncode == code, f"exit {done.returncode}: {done.stderr.decode()}"
    return done


def run_json(*arguments, **keywords) -> dict:
    return json.loads(run("--json", *arguments, **keywords).stdout)


@pytest.fixture(scope="module")
def policy(tmp_path_factory):
    """Fresh for a century, tiny then: pages are drawn for tiny, and stay at base meanwhile."""
    file = tmp_path_factory.mktemp("policy") / "policy.json"
    bands = [{"older_than": "0d", "level": "base"}, {"older_than": "36500d", "level": "tiny"}]
    file.write_text(json.dumps({"kind": "by-age", "bands": bands}))
    return file


@pytest.fixture(scope="module")
def store(checkpoint, history, policy, tmp_path_factory):
    """A store of documents: what compact says, and the options that open it."""
    options = ["--store", tmp_path_factory.mktemp("store") / "m.db", "--model", checkpoint]
    said = run_json(*options, "compact", history, "--finish", "--measure", "1", "--policy", policy)
    return said, options


def test_a_history_becomes_documents_that_hold_what_tiny_can_show(store):
    said, options = store
    assert said["pages"] > 3 and list(said["levels"]) == ["base"]
    assert said["vision_tokens"] == 256 * said["pages"]
    assert said["text_tokens"] / said["pages"] <= 700
    assert said["levels"]["base"]["fidelity"] is not None
    assert run_json(*options, "verify") == {"ok": True, "findings": [], "kept_exact": []}


def test_the_archive_gives_the_exact_history_back(store, history, tmp_path):
    _, options = store
    items = run_json(*options, "recall", "--all", "--source", "archive")["items"]
    cells = ["--store", tmp_path / "cells.db", "--model", NANO]
    if not NANO.joinpath("config.json").exists():
        pytest.skip("the shipped checkpoint is missing")
    run(*cells, "compact", history, "--measure", "0", "--level", "tiny")
    exact = run_json(*cells, "recall", "--all", "--source", "archive")["items"]
    assert "".join(item["text"] for item in items) == "".join(item["text"] for item in exact)


def test_a_page_that_never_ends_keeps_its_text(store):
    _, options = store
    done = run(*options, "recall", "1", "--source", "tokens", code=1)
    assert b"page 1: the model did not reach an end" in done.stderr
    (item,) = run_json(*options, "recall", "1", "--source", "tokens", code=1)["items"]
    assert item["source"] == "tokens" and item["complete"] is False and len(item["text"]) > 10
    assert item["text"] == done.stdout.decode()
    assert run_json(*options, "recall", "1")["items"][0]["complete"] is True  # from the archive


def test_pages_are_found_shown_and_put_into_a_context(store, tmp_path):
    _, options = store
    hits = run_json(*options, "search", "failing test")["hits"]
    assert hits and hits[0]["snippet"]
    shown = run_json(*options, "show", "2", "--level", "tiny", "-o", tmp_path / "page.png")
    assert shown["side"] == 512 and (tmp_path / "page.png").stat().st_size > 10_000
    own = run_json(*options, "context", "--budget", "3000")
    assert 0 < own["tokens"] <= 3000 and own["images"] > 0
    redrawn = run_json(*options, "context", "--budget", "20000", "--target", "anthropic")
    assert redrawn["tokens"] <= 20000


def test_pages_fade_as_far_as_they_can_be_read(checkpoint, history, tmp_path):
    options = ["--store", tmp_path / "m.db", "--model", checkpoint]
    said = run_json(*options, "compact", history, "--level", "small", "--measure", "0")
    assert said["text_tokens"] / said["pages"] <= 1000
    refused = run_json(*options, "age", "--to", "tiny")
    assert refused["steps"] == [] and len(refused["refused"]) == said["pages"]
    assert "is a document in type for small" in refused["refused"][0]["reason"]


def test_a_round_of_forgetting(checkpoint, history, policy, tmp_path):
    options = ["--store", tmp_path / "m.db", "--model", checkpoint]
    said = run_json(*options, "compact", history, "--measure", "0", "--policy", policy)
    aged = run_json(*options, "age", "--to", "tiny")
    assert len(aged["steps"]) == said["pages"] and aged["refused"] == []
    assert run_json(*options, "stats")["vision_tokens"] == 64 * said["pages"]
    assert run_json(*options, "verify")["ok"]


def test_without_an_archive_pages_are_what_was_read(checkpoint, history, tmp_path):
    options = ["--store", tmp_path / "m.db", "--model", checkpoint]
    run(*options, "compact", history, "--archive", "drop", "--measure", "0", "--level", "tiny")
    stats = run_json(*options, "stats")
    assert stats["kept_exact"] == stats["pages"] > 0  # the miniature reads nothing
    assert run_json(*options, "recall", "1")["items"][0]["source"] == "corrected"
    assert run_json(*options, "show", "1", "-o", tmp_path / "page.png")["side"] == 512
    assert run_json(*options, "verify")["ok"]


def test_one_page_as_a_file(checkpoint, tmp_path):
    (tmp_path / "note.md").write_text("# Note\n\nThe *lamp* was lit.\n")
    encoded = run_json("--model", checkpoint, "encode", tmp_path / "note.md", "-o", tmp_path / "n.fvt", "--level",
                       "tiny")
    assert encoded["layout"] == "document" and encoded["vision_tokens"] == 64
    decoded = run_json("--model", checkpoint, "decode", tmp_path / "n.fvt", code=1)
    assert decoded["complete"] is False and decoded["rows"] == [] and decoded["text"]


@pytest.mark.parametrize("model,arguments,words", [
    ("mini", ["compact", "FILE", "--layout", "cells"], "its layout is document"),
    ("mini", ["compact", "FILE", "--density", "106"], "--density applies to layout cells"),
    ("mini", ["compact", "FILE", "--level", "faint"], "cannot read it"),
    ("mini", ["compact", "FILE", "--layout", "scroll"], "use cells or document"),
    ("nano", ["compact", "FILE", "--layout", "document"], "its layout is cells"),
])
def test_a_layout_that_does_not_fit_is_an_error(checkpoint, history, tmp_path, model, arguments, words):
    if model == "nano" and not NANO.joinpath("config.json").exists():
        pytest.skip("the shipped checkpoint is missing")
    arguments = [history if a == "FILE" else a for a in arguments]
    folder = checkpoint if model == "mini" else NANO
    said = run_json("--store", tmp_path / "m.db", "--model", folder, *arguments, code=2)
    assert words in said["error"]["message"]


@pytest.mark.parametrize("verb", ["bench", "experiment", "lifetime"])
def test_what_measures_cells_says_so(checkpoint, history, verb):
    arguments = [verb] + ([] if verb == "bench" else [history])
    said = run_json("--model", checkpoint, *arguments, code=1)
    assert "reads documents" in said["error"]["message"]
