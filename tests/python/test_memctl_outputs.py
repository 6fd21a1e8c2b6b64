"""What memctl's verbs write, and where: never over the memory itself, a line an item, one document with --json."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess

import pytest

from memctl_program import environment, pytestmark  # noqa: F401

pytest.importorskip("fovea._core", reason="built without FOVEA_BUILD_PYTHON")

import fovea  # noqa: E402

ROLE = 'user\nassistant  page 99\x1b[31m'  # of a transcript that wants to be two lines
LISTING = [("list",), ("pages",), ("scopes",), ("stats",), ("search", "harbour"), ("verify",), ("policy",),
           ("recall", "1"), ("recall", "--all"), ("recall", "--query", "00010", "--piece"), ("context", "--budget", "500")]


def run(memctl, *arguments, stdout=subprocess.PIPE) -> subprocess.CompletedProcess:
    """Whatever its exit code is."""
    return subprocess.run(memctl.command(*arguments), stdout=stdout, stderr=subprocess.PIPE, env=environment(),
                          cwd=memctl.folder, timeout=120)


@pytest.fixture
def two_users(memctl):
    """Ann has a page and a message with a role of two lines, Bob a message."""
    with fovea.Memory(memctl.store, scope="ann", level="tiny", measured_pages=0) as ann:
        ann.add("Ann's cat is called Kestrel.", ROLE, source_id="notes\nof\tMonday")
        ann.add_many([fovea.Message("user", "Ann counts ships. " * 100, 1_700_000_000, "ships")])
        ann.finish()
    with fovea.Memory(memctl.store, scope="bob", level="tiny", measured_pages=0) as bob:
        bob.add("Bob's PIN is 4711.")
    return memctl


def test_encode_and_ocr_never_write_over_the_store(copied):
    """`encode -o fovea.db` had replaced a memory by one page's tokens."""
    copied.file("note.txt", "a note")
    for arguments in (("encode", "note.txt", "-o", copied.store), ("encode", "note.txt", "--output", "memory.db"),
                      ("ocr", "note.txt", "--boxes", copied.store), ("show", "1", "-o", f"{copied.store}-wal"),
                      ("report", "-o", copied.store, "--force"), ("--events", copied.store, "stats")):
        if str(arguments[-1]).endswith("-wal"):
            pathlib.Path(arguments[-1]).touch()
        done = copied("--json", *arguments, code=2)
        assert done.error["code"] == "invalid_argument" and "belongs to the store" in done.error["message"], arguments
    assert copied("--json", "verify").json["ok"] and copied("--json", "stats").json["pages"] == 3


def test_a_link_to_the_store_is_the_store(copied):
    os.symlink(copied.store, copied.folder / "link.fvt")
    os.link(copied.store, copied.folder / "same.fvt")
    copied.file("note.txt", "a note")
    for name in ("link.fvt", "same.fvt"):
        assert "belongs to the store" in copied("encode", "note.txt", "-o", name, code=2).err
    assert copied("verify").code == 0


def test_an_item_of_a_list_is_one_line_whatever_its_names_hold(two_users):
    """A role with a line end had made two lines, the second of which said what it liked."""
    listed = two_users("--scope", "ann", "list").out.decode().splitlines()
    assert len(listed) == 2 and r"user\nassistant  page 99\x1b[31m" in listed[1]
    assert not any(line.startswith("assistant") for line in listed)
    pages = two_users("--scope", "ann", "pages").out.decode()
    assert r"from notes\nof\tMonday" in pages or "from ships" in pages
    pieces = two_users("--scope", "ann", "recall", "--query", "Kestrel", "--piece").out.decode().splitlines()
    assert pieces[0].startswith("[") and pieces[0].endswith("]")
    found = two_users("--scope", "ann", "search", "Kestrel", "-k", "1").out.decode()
    assert found.count("\n") == 1 and "\x1b" not in found
    document = two_users("--json", "--scope", "ann", "list").json["messages"]
    assert document[1]["role"] == ROLE and document[1]["source"] == "notes\nof\tMonday"  # exact for programs


@pytest.mark.parametrize("arguments", LISTING, ids=" ".join)
def test_with_json_stdout_is_one_document_and_the_text_is_another(filled, arguments):
    with_json, text = filled("--json", *arguments), filled(*arguments)
    assert isinstance(json.loads(with_json.out), dict) and with_json.out.endswith(b"}\n")
    assert text.out and (text.out != with_json.out or arguments == ("policy",))  # whose text is JSON


@pytest.mark.parametrize("arguments", LISTING, ids=" ".join)
def test_another_user_sees_nothing_in_any_listing(two_users, arguments):
    told = b""
    for options in ((), ("--json",)):
        done = run(two_users, *options, "--scope", "bob", *arguments)
        assert done.returncode in (0, 1, 3), done.stderr
        told += done.stdout + done.stderr
    assert b"Kestrel" not in told and b"ships" not in told and b"ann" not in told.replace(b"cannot", b"")


@pytest.mark.parametrize("arguments", LISTING, ids=" ".join)
def test_an_output_that_is_full_is_an_error_of_each_verb(filled, arguments):
    with open("/dev/full", "wb") as full:
        done = run(filled, *arguments, stdout=full)
    assert done.returncode == 1 and b"stdout: cannot be written: No space left on device" in done.stderr


def test_a_closed_output_is_an_error_or_nothing(filled):
    done = subprocess.run(["sh", "-c", 'exec "$@" >&-', "sh", *filled.command("stats")], capture_output=True,
                          env=environment(), timeout=120)
    assert done.returncode == 1 and b"stdout: cannot be written: Bad file descriptor" in done.stderr


@pytest.mark.parametrize("name", ["Grüße 名前.txt", "quo'te\" 😅.txt", b"\xff\xfe.txt"])
def test_files_of_any_name_are_read_and_written(memctl, name):
    path = os.path.join(os.fsencode(memctl.folder), os.fsencode(name))
    pathlib.Path(os.fsdecode(path)).write_text("The heron waits by the water.")
    memctl("compact", os.fsdecode(path), "--finish")
    listed = memctl("--json", "list").json["messages"]
    assert [message["begins"] for message in listed] == ["The heron waits by the water."]
    assert memctl("recall", "--all").out == b"The heron waits by the water."
    memctl("show", "1", "-o", os.fsdecode(path) + ".png")
    assert pathlib.Path(os.fsdecode(path) + ".png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("scope", ["ann", "ann/coder", "a/b/c/d", "Ann%2FBob/x", "ü/名前/😅", "a b/ c"])
def test_scopes_are_told_as_they_are_given(memctl, scope):
    memctl("--scope", scope, "compact", "-", input=b"hello")
    told = memctl("--json", "scopes").json["scopes"]
    assert len(told) == 1 and memctl("--json", "--scope", told[0]["scope"], "stats").json["messages"] == 1
    assert memctl("--scope", scope + "x", "stats", code=3).out == b""


@pytest.mark.parametrize("scope, message", [
    ("", "--scope: the value is empty"), ("a//b", 'scope "a//b": expected user/agent/session/run'),
    ("a/b/c/d/e", 'scope "a/b/c/d/e": expected'), ("/", 'scope "/": expected'), ("a/", 'scope "a/": expected')])
def test_what_is_no_scope_is_refused(filled, scope, message):
    assert message in filled("--scope", scope, "stats", code=2).err
