"""The parts of fovea.fleet by themselves, without Ray: whose a file is, where it lies, what is done, what a report says."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import sys

import pytest

pytest.importorskip("ray", reason="Ray is not installed: pip install 'fovea[fleet]'")
fovea = pytest.importorskip("fovea")
pyarrow_fs = pytest.importorskip("pyarrow.fs")

from memctl_program import REPOSITORY  # noqa: E402

from fovea.fleet import opening, sources  # noqa: E402
from fovea.fleet.command import _parser, main  # noqa: E402
from fovea.fleet.journal import Journal  # noqa: E402
from fovea.fleet.opening import Opening, ScopeSession, Stop  # noqa: E402
from fovea.fleet.progress import Progress, duration  # noqa: E402
from fovea.fleet.report import Report  # noqa: E402
from fovea.fleet.results import FileDone  # noqa: E402
from fovea.fleet.scope_pattern import ScopePattern, scope_name, scope_parts  # noqa: E402
from fovea.fleet.sources import Found, fetched, found_in, shown  # noqa: E402
from fovea.fleet.stores import FolderStore, ServerStore  # noqa: E402


# Whose a file is


@pytest.mark.parametrize(("pattern", "path", "scope"), [
    ("{user}/{agent}/{session}.jsonl", "ann/coder/s1.jsonl", "ann/coder/s1"),
    ("{user}/{agent}/{session}.jsonl", "ann/coder/more/s1.jsonl", None),
    ("{user}/{agent}/{session}.jsonl", "ann/coder/s1.jsonl.gz", None),
    ("{user}/**/{session}.jsonl", "ann/a/b/s1.jsonl", "ann/default/s1"),
    ("{user}/**/{session}.jsonl", "ann/s1.jsonl", "ann/default/s1"),
    ("20*/{user}-{agent}.*", "2026/ann-coder.log", "ann/coder/default"),
    ("{user}/{user}.txt", "ann/bob.txt", None),
    ("{user}/{user}.txt", "ann/ann.txt", "ann/default/default"),
    ("{user}/{run}.txt", "a%/r.txt", "a%25/default/default/r"),
    ("{user}/x[1].txt", "ann/x[1].txt", "ann/default/default"),
    ("{user}.txt", "ann\n.txt", "ann\n/default/default"),
])
def test_a_pattern_reads_the_scope_from_the_path(pattern, path, scope):
    assert ScopePattern(pattern).scope_of(path) == scope


def test_parts_that_a_pattern_lacks_are_those_of_the_scope():
    assert ScopePattern("{session}.jsonl", "ann/coder").scope_of("s1.jsonl") == "ann/coder/s1"


@pytest.mark.parametrize(("pattern", "said"), [
    ("{team}/{session}.jsonl", "there is no field {team}; there are {user}, {agent}, {session}, {run}"),
    ("logs/*.jsonl", "it has no field"), ("{user/x.jsonl", "a brace is not closed"),
])
def test_a_wrong_pattern_is_an_error_that_says_what_there_is(pattern, said):
    with pytest.raises(fovea.InvalidArgument) as caught:
        ScopePattern(pattern)
    assert said in str(caught.value)


def test_scopes_are_written_as_fovea_writes_them():
    for parts in (["ann", "default", "default", "default"], ["a/b", "c%2F", "é", "r"]):
        assert scope_parts(scope_name(parts)) == parts
    assert scope_name(["ann", "coder", "s", "default"]) == "ann/coder/s"
    with pytest.raises(fovea.InvalidArgument):
        scope_parts("a/b/c/d/e")


# Where files lie


def test_files_of_folders_and_urls_have_one_name(tmp_path):
    (tmp_path / "logs" / "ann").mkdir(parents=True)
    (tmp_path / "logs" / "ann" / "s1.jsonl").write_text("hello")
    (tmp_path / "link").symlink_to(tmp_path / "logs")
    names = {(file.name, file.inner, file.size) for source in ("logs", "link", "file")
             for file in found_in(f"file://{tmp_path}/logs" if source == "file" else str(tmp_path / source))}
    assert names == {(str(tmp_path / "logs" / "ann" / "s1.jsonl"), "ann/s1.jsonl", 5)}
    alone, = found_in(str(tmp_path / "logs" / "ann" / "s1.jsonl"))
    assert alone.name == str(tmp_path / "logs" / "ann" / "s1.jsonl") and alone.inner == "s1.jsonl"


def test_a_file_of_another_filesystem_is_copied_for_as_long_as_it_is_read(tmp_path, monkeypatch):
    (tmp_path / "bucket").mkdir()
    (tmp_path / "bucket" / "s1.jsonl").write_bytes(b"hello")
    remote = pyarrow_fs.SubTreeFileSystem(str(tmp_path), pyarrow_fs.LocalFileSystem())
    monkeypatch.setattr(sources, "opened", lambda source: (remote, "bucket"))
    file, = found_in("s3://key:secret@bucket?region=x")
    assert (file.name, file.path) == ("s3://bucket/s1.jsonl", "bucket/s1.jsonl")
    with fetched(file.source, file.path) as copy:
        assert os.path.basename(copy.path) == "s1.jsonl" and open(copy.path, "rb").read() == b"hello"
        assert copy.sha256 == "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
    assert not os.path.exists(copy.path)


def test_what_cannot_be_listed_says_why():
    with pytest.raises(fovea.NotFound, match="/nowhere/logs: no such file or folder"):
        list(found_in("/nowhere/logs"))
    with pytest.raises(fovea.InvalidArgument, match="^ftp://host/logs: no filesystem of pyarrow opens this"):
        list(found_in("ftp://me:secret@host/logs"))
    assert shown("s3://key:secret@bucket/a/?endpoint_override=x") == "s3://bucket/a"


# Stores


def test_a_scope_has_a_file_of_its_own_whatever_its_name(tmp_path):
    store = FolderStore(str(tmp_path / "store"), create=True)
    scopes = ["ann/coder/s1", "..", "a%2Fb/./.hidden", "é/ü/%25", "ann/coder/s1/r2", "ann/coder/s1+r2", "ANN/a~b/c d"]
    paths = [store.path_of(scope) for scope in scopes]
    assert len(set(paths)) == len(scopes)
    for path in paths:
        assert os.path.realpath(path).startswith(str(tmp_path / "store") + "/")
        open(path, "w").close()
    assert sorted(store.scopes()) == sorted(scope_name(scope_parts(scope)) for scope in scopes)


def test_machines_that_see_another_folder_are_told_so(tmp_path):
    store = FolderStore(str(tmp_path / "store"), create=True)
    store.check()
    os.rename(tmp_path / "store", tmp_path / "elsewhere")
    with pytest.raises(fovea.NotFound, match="does not see the folder"):
        store.check()


def test_a_servers_password_is_not_shown():
    store = ServerStore("postgresql://ann:secret@db/memory?sslmode=require&password=secret", None)
    assert store.name == "postgresql://ann@db/memory?sslmode=require"


# What is done


def found(name: str, size: int = 10, modified: int = 1) -> Found:
    return Found("/logs", f"/logs/{name}", name, f"/logs/{name}", size, modified)


def journal(path, *listed, options="o", present=("ann",), finish=False):
    made = Journal(path, "store", options, finish)
    made.list(listed)
    made.list_present(present)
    return contextlib.closing(made)


def test_a_journal_gives_what_is_not_done_scope_by_scope_from_old_to_new(tmp_path):
    files = [("bob", found("b")), ("ann", found("new", modified=5)), ("ann", found("old", modified=2)), ("ann", found("old"))]
    with journal(tmp_path / "j.db", *files) as notes:
        jobs = list(notes.jobs())
        assert [(job.scope, [file.name for file in job.files]) for job in jobs] == [
            ("ann", ["/logs/old", "/logs/new"]), ("bob", ["/logs/b"])]
        done = vars(jobs[0].files[0])
        notes.note_begun("ann", "hash of new", "/logs/new")
        notes.note_done(FileDone("ann", done, content="hash of old", name="/logs/old"))
        notes.note_done(FileDone("bob", vars(jobs[1].files[0]), content="hash of b", name="/logs/b"))
    with journal(tmp_path / "j.db", *files) as notes:  # the store has nothing of bob any more
        job, bob = notes.jobs()
        assert [file.name for file in job.files] == ["/logs/new"] and [file.name for file in bob.files] == ["/logs/b"]
        assert job.known == {"hash of new": ("/logs/new", False), "hash of old": ("/logs/old", True)} and bob.known == {}
    for other in (found("old", size=11, modified=2), found("old", modified=3)):
        with journal(tmp_path / "j.db", ("ann", other)) as notes:
            assert notes.pending().files == 1
    with journal(tmp_path / "j.db", *files, options="other") as notes:
        assert notes.pending().files == 3 and next(notes.jobs()).known == {}


def test_a_journal_knows_which_scopes_are_to_be_finished(tmp_path):
    """A run with --finish after one without it had made no page of the ends."""
    path, files = tmp_path / "j.db", [("ann", found("a")), ("bob", found("b"))]

    def jobs(*listed, **more) -> dict[str, int]:
        with journal(path, *listed, **{"present": ("ann", "bob"), **more}) as notes:
            jobs = list(notes.jobs())
            assert (notes.pending().scopes, notes.pending().files) == (len(jobs), sum(len(job.files) for job in jobs))
            for job in jobs:
                for file in job.files:
                    notes.note_done(FileDone(job.scope, vars(file), content=file.name, name=file.name))
                if job.scope == "ann" and more.get("finish"):
                    notes.note_finished(job.scope)
            return {job.scope: len(job.files) for job in jobs}

    assert jobs(*files) == {"ann": 1, "bob": 1} and jobs(*files) == {}
    assert jobs(*files, finish=True) == {"ann": 0, "bob": 0}     # of which bob's could not be
    assert jobs(*files, finish=True) == {"bob": 0} and jobs(*files) == {}
    assert jobs(*files, finish=True, options="other") == {"ann": 1, "bob": 1}
    assert jobs(("ann", found("a", size=11))) == {"ann": 1}      # it has grown
    assert jobs(*files[1:], ("ann", found("a", size=11)), finish=True) == {"ann": 0, "bob": 0}
    assert jobs(*files, finish=True, present=("bob",)) == {"ann": 1, "bob": 0}  # it was removed


def test_a_journal_of_the_version_before_goes_on_and_is_refused_by_that_version(tmp_path):
    with journal(tmp_path / "j.db", ("ann", found("a"))) as notes:
        notes.note_done(FileDone("ann", vars(found("a")), content="a", name="a"))
        notes._base.executescript("DROP TABLE finished; UPDATE about SET version = 1")
    with journal(tmp_path / "j.db", ("ann", found("a")), finish=True) as notes:
        assert [job.files for job in notes.jobs()] == [[]]
        assert notes._base.execute("SELECT version FROM about").fetchone() == (2,)


def test_a_journal_that_is_no_journal_is_an_error(tmp_path):
    (tmp_path / "j.db").write_text("no database, but a text of some length\n" * 99)
    with pytest.raises(fovea.Corruption, match="j.db is damaged"):
        Journal(tmp_path / "j.db", "store", "o")
    with journal(tmp_path / "full.db") as notes, pytest.raises(fovea.IOFailure, match="full.db cannot be used: .*full"):
        notes._base.execute("PRAGMA max_page_count = 1")  # as on a full disk
        for number in range(500):
            notes.note_begun("ann", f"content {number}" * 20, "/logs/old")
    (tmp_path / "file").write_text("")
    with pytest.raises(fovea.IOFailure, match="cannot be used"):
        Journal(tmp_path / "file" / "j.db", "store", "o")


# A store that cannot be written


class Away:
    name, reached = "postgresql://db/memory", False

    def check(self):
        if not self.reached:
            raise fovea.IOFailure("connection refused")


def session(monkeypatch, error: str, server: bool, patience: float = 0.05) -> ScopeSession:
    monkeypatch.setattr(opening, "_FIRST_WAIT", 0.01)
    store = Away()
    if server:
        monkeypatch.setattr(opening, "ServerStore", Away)

    def refuse():
        refuse.tries += 1
        raise fovea.IOFailure(error)

    refuse.tries = 0
    made = ScopeSession(refuse, Opening(store, None, None, None, {}, patience))
    made.refuse = refuse
    return made


def test_a_server_that_is_away_is_asked_again_and_then_ends_the_run(monkeypatch):
    away = session(monkeypatch, "server closed the connection", server=True)
    with pytest.raises(Stop, match="could not be reached for 0.05 s: connection refused; the same command goes on"):
        away.do(lambda memory: None)
    assert away.refuse.tries > 2


def test_a_full_disk_ends_the_run_at_once(monkeypatch):
    full = session(monkeypatch, "database or disk is full", server=False)
    with pytest.raises(Stop, match="disk is full; make room"):
        full.do(lambda memory: None)
    assert full.refuse.tries == 1


def test_a_scope_that_is_refused_is_not_asked_again_and_one_that_is_locked_is(monkeypatch):
    refused = session(monkeypatch, "Permission denied", server=False)
    with pytest.raises(fovea.IOFailure, match="Permission denied"):
        refused.do(lambda memory: None)
    assert refused.refuse.tries == 1
    locked = session(monkeypatch, "is locked", server=False)
    monkeypatch.setattr(Away, "reached", True)
    with pytest.raises(fovea.IOFailure, match="is locked"):
        locked.do(lambda memory: None)
    assert locked.refuse.tries > 2


# What is said


def test_a_line_of_progress_says_how_long_it_takes(capsys):
    progress = Progress(1000, "files", 4)
    progress.add(250, 3)
    assert progress.line(60) == "1 of 4 files, 25%, 3 pages, 0.1 a second, 3 min left"
    assert (duration(5), duration(7200)) == ("5 s", "2.0 h")


def test_a_report_names_the_first_failures_and_counts_all():
    report = Report("compact", "store", scopes=1, files=40, bytes=1_500_000)
    for number in range(30):
        report.take_file(FileDone("ann", {"name": f"f{number}"}, failure="no line is a message"))
    report.take_file(FileDone("ann", {"name": "good"}, messages=2, pages=1, text_tokens=1200, vision_tokens=64, add_seconds=1))
    told = report.as_text()
    assert "1 scopes, 40 files, 1.5 MB: 1 added" in told and "(18.8 to 1)" in told
    assert "failed: 30" in told and told.count("no line is a message") == 20 and report.exit_code == 1
    assert json.loads(json.dumps(report.as_json()))["failures"][29]["name"] == "f29"


@pytest.mark.parametrize(("arguments", "code", "said"), [
    (["compact", "logs", "--store", "s"], 2, "whose memory is it? --scope-pattern"),
    (["compact", "nowhere", "--store", "s", "--scope", "ann"], 3, "nowhere: no such file or folder"),
    (["compact", "empty", "--store", "s", "--scope", "ann"], 3, "empty: there are no files"),
    (["compact", "ftp://x/y", "--store", "s", "--scope", "ann"], 2, "no filesystem of pyarrow opens this"),
    (["compact", "logs", "--store", "s", "--scope-pattern", "{team}.txt"], 2, "there is no field {team}"),
    (["compact", "logs", "--store", "s", "--scope-pattern", "{user}.md"], 3, "none of 1 files fits --scope-pattern {user}.md"),
    (["compact", "logs", "--store", "s", "--scope", "ann"], 3, "none of 1 files fits the endings .jsonl, .ndjson, .json"),
    (["compact", "logs", "--store", "file.db", "--scope", "ann"], 2, "a file is a store of memctl's"),
    (["compact", "logs", "--store", "logs", "--scope", "ann"], 2, "is no store of the fleet's"),
    (["compact", "logs", "--store", "s3://bucket", "--scope", "ann"], 2, "expected a folder or postgresql://"),
    (["compact", "logs", "--store", "postgresql://127.0.0.1:1/x", "--scope-pattern", "{user}.txt"], 1, "127.0.0.1"),
    (["compact", "logs", "--store", "s", "--scope", "ann", "--policy", "lenient"], 2, "lenient"),
    (["age", "--store", "nowhere"], 3, "nowhere: no such folder"),
    (["age", "--store", "empty"], 3, "the folder is empty"),
    (["experiment", "--store", "empty", "--out", "o", "--memctl", "no-such-program"], 3, "the folder is empty"),
])
def test_what_cannot_be_done_is_an_error_that_says_so(tmp_path, monkeypatch, capsys, arguments, code, said):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for folder in ("logs", "empty"):
        (tmp_path / folder).mkdir()
    (tmp_path / "logs" / "ann.txt").write_text("hello")
    (tmp_path / "file.db").write_text("")
    assert main(arguments) == code
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("verb", [[], ["compact"], ["age"], ["migrate"], ["experiment"]])
def test_help_has_examples_and_needs_no_ray(verb, capsys):
    with pytest.raises(SystemExit):
        main([*verb, "--help"])
    out = capsys.readouterr().out
    assert "examples:" in out and "python -m fovea.fleet compact /var/log/agents" in out


def test_the_commands_of_the_guide_are_commands():
    guide = (REPOSITORY / "doc" / "fleet.md").read_text().replace("\\\n", " ")
    lines = re.findall(r"python -m fovea.fleet (.*?)(?: {2,}#.*)?$", "".join(re.findall(r"```sh\n(.*?)```", guide, re.DOTALL)),
                       re.MULTILINE)
    assert [_parser().parse_args(shlex.split(line)).verb for line in lines] == ["compact", "age", "migrate", "experiment"]


def test_without_ray_the_extra_is_named(monkeypatch):
    import importlib

    import fovea.fleet.command as command

    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ModuleNotFoundError, match="pip install 'fovea.fleet.'"):
        importlib.reload(command)
    monkeypatch.undo()
    importlib.reload(command)
