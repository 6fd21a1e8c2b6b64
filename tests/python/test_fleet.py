"""Bulk work on Ray: many scopes at once, nothing twice, whatever is killed in the middle."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3

import pytest

pytest.importorskip("ray", reason="Ray is not installed: pip install 'fovea[fleet]'")
fovea = pytest.importorskip("fovea")

from fleet_runs import PATTERN, fleet, machines, said, say, start, texts, wait_until, write_logs  # noqa: E402, F401
from memctl_program import MEMCTL  # noqa: E402

pytestmark = [pytest.mark.filterwarnings("ignore::DeprecationWarning:ray"), pytest.mark.usefixtures("loaded")]

QUICK = ("--level", "tiny", "--scope-pattern", PATTERN)


def file_of(store, user: str, session: str):
    return store / user / "coder" / f"{session}.db"


@pytest.fixture(scope="module")
def compacted(machines, tmp_path_factory):  # noqa: F811
    """Two users with two sessions each, for tests that change nothing."""
    folder = tmp_path_factory.mktemp("compacted")
    write_logs(folder / "logs", ["ann", "bob"], sessions=2, lines=30)
    (folder / "logs" / "README").write_text("not a transcript")
    return folder, fleet("compact", folder / "logs", "--store", folder / "store", *QUICK)


@pytest.fixture
def again(compacted, tmp_path):
    """The same in another folder, for tests that change it."""
    shutil.copytree(compacted[0], tmp_path, dirs_exist_ok=True)
    return tmp_path


def test_each_file_is_put_into_the_memory_that_its_path_names(compacted):
    folder, report = compacted
    assert (report["scopes"], report["files"], report["added"], report["failed"]) == (4, 4, 4, 0)
    assert report["messages"] == 120 and report["pages"] > 0 and report["left_out"] == 1
    assert report["text_tokens"] > report["vision_tokens"] > 0 and report["token_bytes"] > 0
    assert set(report["seconds"]) == {"list", "run", "fetch", "add", "finish"}
    for user in ("ann", "bob"):
        for session in ("s0", "s1"):
            scope = f"{user}/coder/{session}"
            assert texts(file_of(folder / "store", user, session), scope) == said(user, session, 30)


def test_one_user_sees_nothing_of_another(compacted):
    store = compacted[0] / "store"
    with fovea.Memory(file_of(store, "ann", "s0"), scope="ann/coder/s0", measured_pages=0) as memory:
        assert memory.search("ships of ann").hits
        assert [str(held.scope.user) for held in memory.scopes(everyone=True)] == ["ann"]
    with fovea.Memory(file_of(store, "ann", "s0"), scope="bob/coder/s0", measured_pages=0) as memory:
        assert memory.search("ships").hits == []


def test_what_is_done_is_not_read_again(machines, tmp_path):  # noqa: F811
    logs = write_logs(tmp_path / "logs", ["ann", "bob"], sessions=2, lines=12)
    command = ("compact", logs, "--store", tmp_path / "store", *QUICK, "--scope-pattern", PATTERN + ".copy")
    fleet(*command)
    ann, bob = logs / "ann" / "coder", logs / "bob" / "coder"
    os.rename(ann / "s0.jsonl", tmp_path / "moved")
    os.utime(bob / "s0.jsonl", ns=(1, 1))                       # touched
    (bob / "s1.jsonl").write_text(say("bob", "s1", 20))         # grown
    shutil.copy(bob / "s1.jsonl", bob / "s1.jsonl.copy")
    write_logs(logs, ["cay"], sessions=1, lines=5)              # new
    report = fleet(*command)
    assert (report["files"], report["unchanged"], report["added"], report["copies"]) == (5, 1, 4, 2)
    assert report["messages"] == 8 + 5 and report["known"] == 12
    assert texts(file_of(tmp_path / "store", "bob", "s1"), "bob/coder/s1") == said("bob", "s1", 20)
    # The file that was moved is known by its content; what is gone from the store comes again.
    os.rename(tmp_path / "moved", ann / "s0.jsonl.copy")
    file_of(tmp_path / "store", "ann", "s1").unlink()
    report = fleet(*command)
    assert (report["unchanged"], report["copies"], report["messages"]) == (4, 1, 12)
    assert texts(file_of(tmp_path / "store", "ann", "s0"), "ann/coder/s0") == said("ann", "s0", 12)


def test_a_file_that_fails_is_named_and_the_others_go_on(machines, tmp_path):  # noqa: F811
    logs = write_logs(tmp_path / "logs", ["ann"], sessions=2, lines=5)
    (logs / "ann" / "coder" / "s0.jsonl").write_text("{broken\n")
    (logs / ("u" * 130) / "coder").mkdir(parents=True)
    (logs / ("u" * 130) / "coder" / ("é" * 100 + ".jsonl")).write_text(say("u", "s", 1))
    report = fleet("compact", logs, "--store", tmp_path / "store", *QUICK, "--format", "openai", code=1)
    assert report["added"] == 1 and report["failed"] == 2
    reasons = {one["scope"].split("/")[0]: one["reason"] for one in report["failures"]}
    assert "s0.jsonl: no line is a message of format openai" in reasons["ann"]
    assert "too long for a file of its own" in reasons["u" * 130]
    assert texts(file_of(tmp_path / "store", "ann", "s1"), "ann/coder/s1") == said("ann", "s1", 5)
    (logs / "ann" / "coder" / "s0.jsonl").write_text(say("ann", "s0", 5))
    report = fleet("compact", logs / "ann", "--store", tmp_path / "store", "--scope", "ann/coder", "--scope-pattern",
                   "coder/{session}.jsonl", "--format", "openai", "--finish")
    assert report["unchanged"] == 1 and report["messages"] == 5 and report["pages"] == 2  # s1 has an end, too


def test_scopes_whose_files_are_all_there_are_finished_once(again):
    command = ("compact", again / "logs", "--store", again / "store", *QUICK, "--finish")

    def unfinished() -> dict[str, int]:
        rest = {}
        for path in (again / "store").rglob("s?.db"):
            with fovea.Memory(path, scope=f"{path.parent.parent.name}/coder/{path.stem}", measured_pages=0) as memory:
                rest[f"{path.parent.parent.name} {path.stem}"] = memory.stats().verbatim_characters
        return rest

    assert fleet(*command[:-1])["copies"] == 4  # at their new place
    before = unfinished()
    assert len(before) == 4 and all(before.values())
    (again / "logs" / "bob" / "coder" / "s1.jsonl").unlink()  # its scope is not listed
    report = fleet(*command)
    assert (report["unchanged"], report["added"], report["messages"], report["pages"]) == (3, 0, 0, 3)
    assert unfinished() == {**dict.fromkeys(before, 0), "bob s1": before["bob s1"]}
    report = fleet(*command)
    assert report["unchanged"] == 3 and report["pages"] == 0 and "run" not in report["seconds"]
    (again / "logs" / "ann" / "coder" / "s0.jsonl").write_text(say("ann", "s0", 31))
    assert fleet(*command[:-1])["messages"] == 31 and unfinished()["ann s0"] > 0
    report = fleet(*command)
    assert (report["unchanged"], report["pages"]) == (3, 1) and unfinished()["ann s0"] == 0


# Killed in the middle


def test_a_machine_that_is_lost_in_the_middle_costs_nothing(machines, tmp_path):  # noqa: F811
    logs = write_logs(tmp_path / "logs", [f"u{i}" for i in range(5)], sessions=2, lines=40)
    lost = machines.add()
    cut = []

    def cut_off(done):
        if not cut and len(seen) >= 3:
            machines.cut_off(lost)
            cut.append(len(seen))

    from fovea.fleet import driving
    seen = []
    take_file = driving.Report.take_file
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(driving.Report, "take_file", lambda self, done: (seen.append(done), cut_off(done), take_file(self, done)))
        report = fleet("compact", logs, "--store", tmp_path / "store", *QUICK)
    assert cut and report["added"] == 10 and report["failed"] == 0
    for i in range(5):
        for session in ("s0", "s1"):
            assert texts(file_of(tmp_path / "store", f"u{i}", session), f"u{i}/coder/{session}") == said(f"u{i}", session, 40)


@pytest.mark.parametrize("ended", [signal.SIGKILL, signal.SIGINT])
def test_a_driver_that_is_ended_goes_on_with_the_same_command(machines, tmp_path, ended):  # noqa: F811
    # So many that some are in no worker's hands yet when the first one is done.
    logs = write_logs(tmp_path / "logs", ["ann", "bob", "cay"], sessions=12, lines=20)
    command = ("compact", logs, "--store", tmp_path / "store", *QUICK)
    process = start(*command)
    wait_until(lambda: any((tmp_path / "store").rglob("s*.db")), process)
    process.send_signal(ended)
    out, err = process.communicate(timeout=300)
    assert process.returncode == (-ended if ended == signal.SIGKILL else 130), err
    report = fleet(*command)
    assert report["unchanged"] + report["added"] == 36
    for user in ("ann", "bob", "cay"):
        for session in (f"s{i}" for i in range(12)):
            assert texts(file_of(tmp_path / "store", user, session), f"{user}/coder/{session}") == said(user, session, 20)


# Over the scopes of a store


def test_scopes_are_aged_by_a_filter_and_migrated(again):
    aged = fleet("age", "--store", again / "store", "--scope", "ann/*", "--to", "faint")
    assert aged["scopes"] == aged["added"] == 2 and aged["faded"] > 0 and aged["tokens_saved"] > 0
    for user, level in (("ann", "faint"), ("bob", "tiny")):
        with fovea.Memory(file_of(again / "store", user, "s0"), scope=f"{user}/coder/s0", measured_pages=0) as memory:
            assert {page.level.name for page in memory.pages()} == {level}
    migrated = fleet("migrate", "--store", again / "store")
    assert migrated["added"] == 4 and migrated["encoded"] == 0 and migrated["known"] > 0
    with pytest.raises(fovea.NotFound, match="has no scope like eve"):
        fleet("age", "--store", again / "store", "--scope", "eve/*")


@pytest.mark.skipif(not MEMCTL.exists(), reason="memctl is not built")
def test_scopes_are_measured_and_no_text_is_left_behind(again):
    report = fleet("experiment", "--store", again / "store", "--scope", "ann/coder/*", "--out", again / "measured",
                   "--levels", "tiny", "--pages", "1", "--memctl", MEMCTL)
    assert report["measured"] == 2 and {one["scope"] for one in report["figures"]} == {"ann/coder/s0", "ann/coder/s1"}
    level, = report["levels"]
    assert level["level"] == "tiny" and level["pages"] == 2 and level["accuracy"] > 0.9
    assert not list((again / "measured").rglob("scope.txt"))


def test_the_journal_tells_a_second_driver_and_another_store(again):
    used = sqlite3.connect(again / "store" / ".fleet.db", isolation_level=None)
    used.execute("BEGIN EXCLUSIVE")
    with pytest.raises(fovea.IOFailure, match="another fleet works on this store"):
        fleet("compact", again / "logs", "--store", again / "store", *QUICK)
    used.close()
    with pytest.raises(fovea.InvalidArgument, match="belongs to another store"):
        fleet("compact", again / "logs", "--store", again / "other", *QUICK, "--journal", again / "store" / ".fleet.db")
