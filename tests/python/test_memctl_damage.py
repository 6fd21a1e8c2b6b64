"""memctl with what is broken: transcripts, checkpoints, stores; full disks, readers that go away, interruptions."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import resource
import signal
import sqlite3
import struct
import subprocess
import time
import zlib

import pytest

from harbour import PAGE_LINES, prose
from memctl_program import environment, interrupt, pytestmark  # noqa: F401


# Transcripts that are broken


def test_broken_lines_are_reported_and_the_rest_is_kept(memctl):
    good = '{"role": "user", "content": "%s"}\n'
    memctl.file("chat.jsonl", good % "a" + "{cut\n" + good % "b")
    done = memctl("--json", "compact", "chat.jsonl")
    assert done.json["broken_lines"] == 1 and done.json["messages"] == 2
    assert "memctl: chat.jsonl:2: not JSON" in done.err
    assert memctl.archive() == "user:\na\n\nuser:\nb\n\n"


def test_a_file_without_one_whole_line_is_corruption(memctl):
    memctl.file("chat.jsonl", "{cut\n{cut\n")
    assert "chat.jsonl" in memctl("--json", "compact", "chat.jsonl", "--format", "openai", code=4).error["message"]


@pytest.mark.parametrize("name, code", [("missing.txt", 3), (".", 3)])
def test_a_file_that_cannot_be_read_stops_before_anything_is_stored(memctl, name, code):
    memctl.file("good.txt", prose(100))
    assert name in memctl("--json", "compact", "good.txt", name, code=code).error["message"]
    assert not memctl.store.exists()


def test_unknown_names_are_invalid_arguments(memctl):
    memctl.file("a.txt", "a")
    for option, value in [("--level", "huge"), ("--density", "90"), ("--format", "word")]:
        message = memctl("--json", "compact", "a.txt", option, value, code=2).error["message"]
        assert value in message
    assert "older_than" in memctl("--json", "compact", "a.txt", "--policy",
                                  memctl.file("p.json", '{"bands": [{"older_than": "x", "level": "tiny"}]}'),
                                  code=2).error["message"]


def test_compact_refuses_a_level_that_the_checkpoint_does_not_read(memctl, lesser_checkpoint):
    memctl.file("a.txt", "a")
    message = memctl("--json", "--model", lesser_checkpoint, "compact", "a.txt", "--level", "trace",
                     code=2).error["message"]
    assert "trace" in message


# Checkpoints, token files and stores that are damaged or foreign


def test_a_cut_checkpoint_is_corruption_and_the_store_stays(copied, checkpoint):
    weights = checkpoint / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1000])
    done = copied("--json", "--model", checkpoint, "recall", "1", "--source", "tokens", code=4)
    assert "model.safetensors" in done.error["message"]
    assert copied("--json", "--model", checkpoint, "doctor", code=1).json["ok"] is False
    assert copied.archive() == copied.text


def test_an_edited_checkpoint_is_another_one(copied, checkpoint):
    weights = checkpoint / "model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    message = copied("--json", "--model", checkpoint, "recall", "1", "--source", "tokens", code=2).error["message"]
    assert "checkpoint" in message
    findings = copied("--json", "--model", checkpoint, "verify", code=4).json["findings"]
    assert len(findings) == 3 and "checkpoint" in findings[0]


def test_a_missing_checkpoint_is_not_found(memctl):
    memctl.file("a.txt", prose(100))
    message = memctl("--json", "--model", "/nowhere", "compact", "a.txt", code=3).error["message"]
    assert "/nowhere" in message


def test_a_token_file_of_another_checkpoint_is_refused(memctl):
    memctl.file("note.txt", "A short note.")
    memctl("encode", "note.txt", "-o", "note.fvt")
    data = (memctl.folder / "note.fvt").read_bytes()
    at = data.index(b'"fingerprint":"') + len(b'"fingerprint":"')
    foreign = data[:at] + b"0" * 8 + data[at + 8:-4]
    memctl.file("foreign.fvt", foreign + struct.pack("<I", zlib.crc32(foreign)))
    assert "00000000" in memctl("--json", "decode", "foreign.fvt", code=2).error["message"]
    memctl.file("cut.fvt", data[:-10])
    assert "cut.fvt" in memctl("--json", "decode", "cut.fvt", code=4).error["message"]
    memctl("--json", "decode", "none.fvt", code=3)


def test_a_store_of_a_newer_version_is_left_alone(copied):
    with sqlite3.connect(copied.store) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    before = copied.store.read_bytes()
    assert "99" in copied("--json", "stats", code=1).error["message"]
    assert copied.store.read_bytes() == before


def test_a_file_that_is_no_store(memctl):
    memctl.file("memory.db", b"this is not a database, but a text " * 100)
    assert "memory.db" in memctl("--json", "stats", code=4).error["message"]


def test_no_store_is_not_found_and_none_is_made(memctl):
    for verb in (["stats"], ["recall", "--all"], ["search", "x"], ["verify"], ["age"]):
        memctl("--json", *verb, code=3)
    assert not memctl.store.exists()


# Locked, full, interrupted


@pytest.fixture(scope="module", autouse=True)
def locked_out(filled, tmp_path_factory):
    """A memctl that waits for a store that another one writes: a minute, in which other tests run."""
    memctl = filled.copy(tmp_path_factory.mktemp("locked") / "store")
    with contextlib.closing(sqlite3.connect(memctl.store, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        memctl.waiting = memctl.start("--json", "pin", "1")
        yield memctl
    memctl.waiting.kill()
    memctl.waiting.communicate()


def limited_to(size: int):
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write beyond it fails as on a full disk
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    return limit


def test_a_full_disk_keeps_what_was_stored_and_the_same_command_goes_on(own):
    own.text += prose(10 * PAGE_LINES, 1000)
    own.file("harbour.txt", own.text)
    command = ["--json", "compact", "harbour.txt", "--level", "tiny", "--measure", "0"]
    size = sum(path.stat().st_size for path in own.folder.glob("memory.db*"))
    done = own(*command, code=1, preexec_fn=limited_to(size + 150_000))
    assert done.error["code"] == "io" and "memory.db" in done.error["message"]
    assert own("--json", "verify").json["ok"] is True
    assert own.text.startswith(own.archive())
    own(*command)
    assert own.archive() == own.text


def test_a_full_output_is_an_error(filled):
    with open("/dev/full", "wb") as full:
        process = subprocess.run(filled.command("stats"), stdout=full, stderr=subprocess.PIPE,
                                 env=environment(), check=False)
    assert process.returncode == 1 and b"stdout" in process.stderr


def test_a_reader_that_goes_away_ends_it_quietly(filled):
    process = filled.start("recall", "--all", "--source", "tokens")
    process.stdout.close()
    assert process.wait(timeout=120) == 141 and process.stderr.read() == b""


def pages_in(store: pathlib.Path) -> int:
    try:
        with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as database:
            return database.execute("SELECT count(*) FROM pages").fetchone()[0]
    except sqlite3.OperationalError:
        return 0


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_interrupted_it_leaves_a_sound_store_and_the_same_command_goes_on(memctl, how):
    pages = min(4 * len(os.sched_getaffinity(0)), 64) + 6  # more than are encoded at once
    text = prose(pages * PAGE_LINES)
    memctl.file("harbour.txt", text)
    command = ["--json", "compact", "harbour.txt", "--level", "tiny", "--measure", "0", "--finish"]
    process = memctl.start(*command)
    while pages_in(memctl.store) < 2:
        time.sleep(0.002)
    with contextlib.closing(sqlite3.connect(memctl.store, isolation_level=None, timeout=120)) as holder:
        holder.execute("BEGIN IMMEDIATE")  # it stores no page before it has heard the signal
        process.send_signal(how)
        if how == signal.SIGKILL:
            process.wait()
    out, err = process.communicate(timeout=240)
    done = 0
    if how == signal.SIGKILL:
        assert process.returncode == -signal.SIGKILL
        done = pages_in(memctl.store)
    else:
        assert process.returncode == 130 and b"resumes from here" in err
        assert json.loads(out)["stopped"] is True
        done = json.loads(out)["pages"]
    assert 0 < done < pages
    assert memctl("--json", "verify").json["ok"] is True
    rest = memctl(*command).json
    assert rest["pages"] + done == memctl("--json", "stats").json["pages"]
    assert memctl.archive() == text


def test_ctrl_c_while_stdin_is_silent(memctl):
    process = memctl.start("compact", "-", stdin=subprocess.PIPE)
    interrupt(process)
    process.stdin.flush()
    assert process.wait(timeout=120) == 130
    process.communicate()


def test_a_locked_store_is_an_error_after_a_while(locked_out):
    out, _ = locked_out.waiting.communicate(timeout=300)
    error = json.loads(out)["error"]
    assert locked_out.waiting.returncode == 1 and error["code"] == "io" and "lock" in error["message"]


def change_a_byte(store, table, column, page):
    with contextlib.closing(sqlite3.connect(store)) as database:
        (value,) = database.execute(f"SELECT {column} FROM {table} WHERE page = ?", (page,)).fetchone()
        changed = value[:-1] + bytes([value[-1] ^ 1])
        database.execute(f"UPDATE {table} SET {column} = ? WHERE page = ?", (changed, page))
        database.commit()


def test_vision_tokens_with_a_changed_byte_are_named_and_made_anew(copied):
    change_a_byte(copied.store, "tokens", "vals", 2)
    assert copied("--json", "verify", code=4).json["findings"] == [
        "page 2 has vision tokens that do not match their checksum"]
    error = copied("--json", "recall", "2", "--source", "tokens", code=4).error
    assert error["code"] == "corruption" and "page 2" in error["message"] and "migrate" in error["message"]
    assert copied("recall", "1", "--source", "tokens").out and copied("recall", "2").out
    assert copied("--json", "migrate").json["pages"] == 1
    assert copied("--json", "verify").json["ok"] and copied("recall", "2", "--source", "tokens").out


def test_an_embedding_with_a_changed_byte_is_left_out_and_made_anew(copied):
    copied.store.with_name(copied.store.name + ".faiss").unlink(missing_ok=True)
    change_a_byte(copied.store, "embeddings", "vector", 2)
    assert copied("--json", "verify", code=4).json["findings"] == [
        "page 2 has an embedding that does not match its checksum"]
    # Words find the page all the same, and nothing is said of what was not looked at.
    done = copied("--json", "search", "lighthouse keeper")
    assert done.json["hits"] and not done.json["note"]
    copied("migrate")
    assert copied("--json", "verify").json["ok"]
