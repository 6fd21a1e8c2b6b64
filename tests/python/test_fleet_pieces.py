"""More parts of fovea.fleet without Ray's processes: what is listed, how work is cut up, what travels, what is reported."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import signal
import stat

import pytest

pytest.importorskip("ray", reason="Ray is not installed: pip install 'fovea[fleet]'")
fovea = pytest.importorskip("fovea")
pyarrow_fs = pytest.importorskip("pyarrow.fs")

from fovea.fleet import driving, engine, results, scope_work, sources  # noqa: E402
from fovea.fleet.command import _above_0, main  # noqa: E402
from fovea.fleet.engine import Job, Jobs, Pool  # noqa: E402
from fovea.fleet.journal import File, Journal, ScopeJob  # noqa: E402
from fovea.fleet.progress import Progress  # noqa: E402
from fovea.fleet.report import INTERRUPTED, Report  # noqa: E402
from fovea.fleet.results import Begun, FileDone, Finished, ScopeDone, Stopped  # noqa: E402
from fovea.fleet.scope_pattern import ScopePattern, scope_name, scope_parts  # noqa: E402
from fovea.fleet.scope_work import ExperimentOptions, memctl_of  # noqa: E402
from fovea.fleet.sources import found_in  # noqa: E402


# What is listed


def taken(source: str, *patterns: str) -> tuple[dict[str, str], int]:
    """By the name of each file that is taken its scope; how many are left out."""
    report = Report("compact", "store")
    chosen = [ScopePattern(pattern) for pattern in patterns]
    found = driving._with_scopes(source, found_in(source), None if patterns else "ann", chosen, report)
    return {file.name: scope for scope, file in found}, report.left_out


@pytest.fixture
def logs(tmp_path, monkeypatch):
    for name in ("notes.txt", "s1.jsonl", "s2.json.gz", "sub/s3.ndjson.zst", "sub/.s4.jsonl", ".hidden/s5.jsonl", "sub/a.md"):
        (tmp_path / "logs" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "logs" / name).write_text("hello")
    (tmp_path / "link.txt").symlink_to(tmp_path / "logs" / "notes.txt")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "logs"


def test_of_a_folder_transcripts_are_taken_and_what_is_hidden_is_not(logs):
    files, left_out = taken("logs")
    assert sorted(files) == [str(logs / name) for name in ("s1.jsonl", "s2.json.gz", "sub/s3.ndjson.zst")] and left_out == 4


def test_a_file_that_is_named_itself_is_taken_by_whatever_name(logs):
    """It was left out as no transcript unless it was named by its whole path."""
    whole = str(logs / "notes.txt")
    for source in (whole, "logs/notes.txt", "./logs/../logs/notes.txt", "link.txt", f"file://{whole}"):
        assert taken(source) == ({whole: "ann"}, 0), source


def test_a_file_of_a_bucket_that_is_named_with_its_key_is_taken_and_shows_no_key(logs, monkeypatch):
    remote = pyarrow_fs.SubTreeFileSystem(str(logs.parent), pyarrow_fs.LocalFileSystem())
    monkeypatch.setattr(sources, "opened", lambda source: (remote, "logs/notes.txt"))
    assert taken("s3://key:secret@bucket/notes.txt?region=x") == ({"s3://bucket/notes.txt": "ann"}, 0)


def test_the_first_pattern_that_fits_names_the_scope(logs):
    files, left_out = taken("logs", "{user}.jsonl", "sub/{user}.*", "{user}/{agent}.jsonl")
    assert {os.path.relpath(name, logs): scope for name, scope in files.items()} == {
        "s1.jsonl": "s1/default/default", "sub/s3.ndjson.zst": "s3/default/default", "sub/a.md": "a/default/default",
        "sub/.s4.jsonl": ".s4/default/default", ".hidden/s5.jsonl": ".hidden/s5/default"} and left_out == 2


def test_folders_of_any_name_lie_under_two_stars():
    for folder in ("a/", "a/b/", "", "a\nb/", "[x]/"):
        assert ScopePattern("**/{user}.txt").scope_of(f"{folder}ann.txt") == "ann/default/default"
    assert ScopePattern("x**{user}.txt").scope_of("x\n/y/ann.txt") == "n/default/default"


@pytest.mark.parametrize(("pattern", "fits"), [
    ("ann/*", True), ("ann/coder/s[[]1]", False), ("ann/coder/s[1]", True), ("ann/coder/s[0-9]", False), ("*s?1?", True),
    ("ANN/*", False), ("ann/coder", False), ("*/s[1]", True)])
def test_of_a_scopes_pattern_stars_and_question_marks_are_special_alone(pattern, fits):
    assert driving._fits("ann/coder/s[1]", pattern) == fits


def test_scopes_are_written_as_the_library_writes_them():
    rng = random.Random(3)
    for _ in range(500):
        parts = ["".join(rng.choice(["a", "/", "%", "2F", "25", "é", " "]) for _ in range(rng.randrange(1, 5)))
                 for _ in range(4)]
        name = scope_name(parts)
        assert name == str(fovea.Scope(*parts)) and scope_parts(name) == parts
    for wrong in ("", "a//b", "/a", "a/", "a/b/c/d/e"):
        with pytest.raises(fovea.InvalidArgument, match="expected user/agent/session/run"):
            scope_parts(wrong)


# How work is cut up


@pytest.mark.parametrize("workers", [1, 3, 64])
def test_every_job_is_in_one_block_and_small_ones_share(workers):
    rng = random.Random(workers)
    for count in (0, 1, 2, 63, 64, 65, 1000):
        sizes = [rng.choice([0, 1, 100, 5000, 40 << 20]) for _ in range(count)]
        jobs = Jobs((Job(str(number), size) for number, size in enumerate(sizes)), count, sum(sizes))
        blocks = list(engine._packed(jobs, workers))
        assert [text for block in blocks for text in block] == [str(number) for number in range(count)]
        for block in blocks:
            of_block = [sizes[int(text)] for text in block]
            assert 1 <= len(block) <= 64 and (len(block) == 1 or sum(of_block) <= 8 << 20)
    alike = Jobs((Job("x", 1) for _ in range(10_000)), 10_000, 10_000)
    assert max(map(len, engine._packed(alike, 1))) == 64


def test_workers_are_as_many_as_find_room(monkeypatch):
    nodes = [{"Alive": True, "Resources": {"CPU": 8, "GPU": 2}}, {"Alive": True, "Resources": {"CPU": 3}},
             {"Alive": False, "Resources": {"CPU": 64}}]
    monkeypatch.setattr(engine.ray, "nodes", lambda: nodes)
    assert engine._size(Pool()) == (2, 1.0)               # a GPU each, as the cluster has some
    assert engine._size(Pool(gpus=0)) == (11, 0)
    assert engine._size(Pool(gpus=0, cores=4)) == (2, 0)
    assert engine._size(Pool(gpus=0.5)) == (4, 0.5)
    assert engine._size(Pool(gpus=0, workers=5)) == (5, 0) and engine._size(Pool(gpus=0, workers=50)) == (11, 0)
    with pytest.raises(fovea.InvalidArgument, match="with 9 cores and 0 GPUs finds room on no machine .*at most 8 cores"):
        engine._size(Pool(cores=9, gpus=0))
    nodes.clear()
    with pytest.raises(fovea.InvalidArgument, match="at most 0 cores"):
        engine._size(Pool())


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "", "x", "٣", " 1"])
def test_a_number_of_workers_is_a_whole_one_above_nothing(text):
    with pytest.raises(argparse.ArgumentTypeError, match="expected a whole number above 0"):
        _above_0(text)
    assert _above_0("17") == 17


# What travels


def test_what_workers_are_told_and_tell_comes_through_as_it_was():
    odd = "é\n\udcff\0 \"x\""
    job = ScopeJob(odd, [File("/logs", odd, odd, 2**60, 2**62)], {"hash": (odd, True), "other": ("b", False)})
    assert ScopeJob.from_json(job.to_json()) == job
    for result in (Begun(odd, "hash", odd), FileDone(odd, {"name": odd}, "hash", failure=odd, add_seconds=0.1),
                   Finished(odd, pages=2), ScopeDone(odd, figures=[{"level": "tiny"}], counts={"faded": 3}), Stopped(odd)):
        assert results.from_json(results.to_json(result)) == result


# What is noted


def test_a_journal_of_a_newer_version_and_one_in_use_are_told(tmp_path):
    notes = Journal(tmp_path / "j.db", "store", "o")
    with pytest.raises(fovea.IOFailure, match="in use: another fleet works on this store"):
        Journal(tmp_path / "j.db", "store", "o")
    notes._base.execute("UPDATE about SET version = 99")
    notes.close()
    with pytest.raises(fovea.Unsupported, match="of a newer version"):
        Journal(tmp_path / "j.db", "store", "o")
    assert (tmp_path / "j.db").stat().st_size > 0


def test_a_file_that_was_read_at_an_unknown_time_is_read_again(tmp_path):
    file = sources.Found("/logs", "/logs/a", "a", "/logs/a", 10, 0)
    for _ in range(2):
        notes = Journal(tmp_path / "j.db", "store", "o")
        notes.list([("ann", file), ("ann", file)])
        notes.list_present(["ann"])
        assert notes.listed().files == notes.pending().files == 1
        job, = notes.jobs()
        notes.note_done(FileDone("ann", vars(job.files[0]), content="hash", name="/logs/a"))
        assert job.known in ({}, {"hash": ("/logs/a", True)})
        notes.close()


# What is measured


def program(folder, body: str) -> str:
    """In the place of memctl."""
    path = folder / "memctl"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


CURVES = json.dumps({"curves": [{"domain": "scope", "level": "tiny"}, {"domain": "random", "level": "tiny"}]})


def test_a_scopes_text_lies_on_disk_only_while_it_is_measured(tmp_path):
    seen = tmp_path / "seen"
    memctl = program(tmp_path, f"ls -l scope.txt > {seen}; cat scope.txt >> {seen}; echo \"$@\" >> {seen}; echo '{CURVES}'")
    options = ExperimentOptions(memctl, str(tmp_path / "out"), ["--pages", "1"], "models/x", 3)
    assert scope_work._experiment("a%2Fb/../s", b"exact \xff text\n", options) == [{"domain": "scope", "level": "tiny"}]
    told = seen.read_bytes()
    assert told.startswith(b"-rw-------") and b"exact \xff text" in told
    assert b"--json --model models/x experiment scope.txt --format text --out measured --pages 1" in told
    folder, = (tmp_path / "out").iterdir()
    assert folder.name == "a%2Fb%2F..%2Fs" and list(folder.iterdir()) == [] and folder.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(("body", "said"), [
    ("echo '{\"error\": {\"message\": \"no page\"}}'; exit 2", "memctl experiment: no page"),
    ("echo 'bad luck' >&2; exit 1", "memctl experiment: bad luck"), ("exit 7", "memctl experiment: exit code 7")])
def test_a_measurement_that_fails_says_why_and_leaves_no_text(tmp_path, body, said):
    options = ExperimentOptions(program(tmp_path, body), str(tmp_path / "out"), [], None, 1)
    with pytest.raises(fovea.Error) as caught:
        scope_work._experiment("ann", b"text", options)
    assert str(caught.value) == said and not list((tmp_path / "out").rglob("scope.txt"))


def test_without_memctl_it_is_said_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setenv("FOVEA_MEMCTL", program(tmp_path, "exit 0"))
    assert memctl_of(None) == str(tmp_path / "memctl")
    with pytest.raises(fovea.NotFound, match="--memctl names its path"):
        memctl_of(str(tmp_path / "nowhere"))


# What is said


def test_scopes_that_were_measured_are_summed_by_level_each_by_its_pages():
    report = Report("experiment", "store", scopes=3)
    for scope, pages, accuracy in (("ann", 1, 0.5), ("bob", 3, 0.9)):
        report.take_scope(ScopeDone(scope, seconds=1.5, counts={"measured": 1}, figures=[
            {"level": "tiny", "density": 106, "pages": pages, "accuracy": accuracy, "text_tokens": 1280 * pages,
             "vision_tokens": 64 * pages}]))
    report.take_scope(ScopeDone("cay", failure="it is locked"))
    data = json.loads(json.dumps(report.as_json()))
    assert data["levels"] == [{"level": "tiny", "density": 106, "pages": 4, "accuracy": pytest.approx(0.8), "compression": 20}]
    assert data["measured"] == 2 and data["seconds"] == {"work": 3.0} and data["failures"][0]["scope"] == "cay"
    text = report.as_text()
    assert "2 of 3 scopes: 2 measured" in text and "tiny, 106 columns: 0.8000 of 4 pages read back, 20.0 to 1" in text
    assert "  cay: it is locked" in text and report.exit_code == 1


@pytest.mark.parametrize(("stopped", "failed", "code"), [("", 0, 0), ("", 1, 1), ("disk is full", 0, 1), (INTERRUPTED, 1, 130)])
def test_the_exit_code_says_how_it_ended(stopped, failed, code):
    assert Report("age", "store", failed=failed, stopped=stopped).exit_code == code


def test_a_line_of_progress_before_anything_and_when_all_is_done():
    assert Progress(0, "files", 0).line(0) == "0 of 0 files, 100%, 0 pages, 0.0 a second"
    progress = Progress(10, "scopes", 1)
    assert progress.line(5) == "0 of 1 scopes, 0%, 0 pages, 0.0 a second"
    progress.add(10, 20)
    assert progress.line(4) == "1 of 1 scopes, 100%, 20 pages, 5.0 a second, 0 s left"


def test_a_policy_that_is_no_text_is_told_by_its_name(tmp_path, monkeypatch, capsys):
    """It had ended in a traceback."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "ann.jsonl").write_text("hello")
    for content, code in ((b"\xff\xfe", 1), (b"{", 2), (b'{"bands": 3}', 2)):
        (tmp_path / "policy.json").write_bytes(content)
        assert main(["compact", "logs", "--store", "s", "--scope", "ann", "--policy", "policy.json"]) == code
        assert "Traceback" not in (said := capsys.readouterr().err) and ("policy.json" in said or code == 2)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_that_a_library_swallows_ends_the_run_after_the_result_at_hand(monkeypatch, number):
    def run(*_):
        for result in range(5):
            if result == 1:
                with contextlib.suppress(KeyboardInterrupt):
                    os.kill(os.getpid(), number)
            yield result

    monkeypatch.setattr(driving.engine, "connected", lambda pool: contextlib.nullcontext())
    monkeypatch.setattr(driving.engine, "run", run)
    before = signal.getsignal(number)
    report, taken = Report("compact", "memory.db"), []
    driving._drive(object, (), Jobs(iter([]), 5, 5), Pool(), report, Progress(5, "files", 5), taken.append)
    assert taken == [0, 1] and report.stopped == INTERRUPTED
    assert signal.getsignal(number) is before
