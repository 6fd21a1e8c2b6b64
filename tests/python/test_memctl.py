"""memctl from outside: verbs, JSON, exit codes, interruption, and what bad input gets."""

from __future__ import annotations

import json
import os
import pathlib
import resource
import shutil
import signal
import sqlite3
import struct
import subprocess
import time
import zlib

import pytest

from harbour import PAGE_LINES, prose

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("FOVEA_BUILD_DIR", REPOSITORY / "build"))
MEMCTL = BUILD / "memctl"
MODEL = REPOSITORY / "models" / "fovea-nano"
VERBS = ["compact", "recall", "search", "context", "age", "promote", "policy", "show", "pin", "unpin", "erase",
         "stats", "verify", "export", "import", "backup", "migrate", "new-key", "rekey",
         "encode", "decode", "ocr", "experiment", "bench", "doctor", "model"]

pytestmark = pytest.mark.skipif(not (MEMCTL.exists() and (MODEL / "model.safetensors").exists()),
                                reason="memctl or the shipped checkpoint is missing")


@pytest.fixture
def checkpoint(tmp_path):
    return pathlib.Path(shutil.copytree(MODEL, tmp_path / "checkpoint"))


@pytest.fixture
def lesser_checkpoint(checkpoint):
    """The shipped checkpoint, as if it read only the first four levels."""
    config = json.loads((checkpoint / "config.json").read_text())
    config["fovea"]["levels"] = ["large", "base", "small", "tiny"]
    (checkpoint / "config.json").write_text(json.dumps(config))
    return checkpoint


class Done:
    def __init__(self, process: subprocess.CompletedProcess):
        self.code, self.out, self.err = process.returncode, process.stdout, process.stderr.decode()

    @property
    def json(self) -> dict:
        return json.loads(self.out)

    @property
    def error(self) -> dict:
        return self.json["error"]


class Memctl:
    """Runs memctl on one store; fails the test when the exit code is another than `code`."""

    def __init__(self, folder: pathlib.Path):
        self.folder, self.store = folder, folder / "memory.db"

    def command(self, *arguments, store=None) -> list[str]:
        return [str(MEMCTL), "--store", str(store or self.store), *map(str, arguments)]

    def __call__(self, *arguments, code=0, store=None, **options) -> Done:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("FOVEA_")}
        environment.update(FOVEA_MODEL=str(MODEL), **options.pop("env", {}))
        done = Done(subprocess.run(self.command(*arguments, store=store), capture_output=True, env=environment,
                                   cwd=self.folder, timeout=300, **options))
        assert done.code == code, f"exit {done.code}: {done.err}"
        return done

    def file(self, name: str, content: str | bytes) -> pathlib.Path:
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def archive(self, **options) -> str:
        items = self("--json", "recall", "--all", "--source", "archive", **options).json["items"]
        return "".join(item["text"] for item in items)


@pytest.fixture
def memctl(tmp_path):
    return Memctl(tmp_path)


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A store with three pages at small and a rest, for tests that change nothing."""
    memctl = Memctl(tmp_path_factory.mktemp("filled"))
    memctl.text = prose(4 * PAGE_LINES - 20)
    memctl.file("harbour.txt", memctl.text)
    memctl.compacted = memctl("--json", "compact", "harbour.txt", "--level", "small", "--measure", "-1").json
    return memctl


@pytest.fixture
def copied(filled, tmp_path):
    """The same store, for tests that change it."""
    memctl = Memctl(tmp_path)
    memctl.text = filled.text
    for name in filled.folder.iterdir():
        shutil.copy(name, tmp_path)
    return memctl


# Help and usage


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_with_an_example(memctl, verb):
    text = memctl(verb, "--help").out.decode()
    assert "Example:\n  memctl " in text and f" {verb}" in text.split("Example:")[1]


def test_the_help_names_every_verb_and_the_exit_codes(memctl):
    text = memctl("--help").out.decode()
    assert all(f"\n  {verb} " in text for verb in VERBS) and "4 corruption" in text


def test_version(memctl):
    assert memctl("--version").out.decode().strip() == "memctl " + (REPOSITORY / "VERSION").read_text().strip()


@pytest.mark.parametrize("arguments", [["remember"], [], ["recall", "--source", "dreams", "--all"],
                                       ["compact", "x.txt", "--archive", "burn"], ["show"],
                                       ["--scope", "a//c", "stats"]])
def test_usage_errors_are_exit_code_2_and_one_json_document(filled, arguments):
    done = filled("--json", *arguments, code=2)
    assert done.error["code"] == "invalid_argument" and done.error["message"]
    assert done.err.startswith("memctl: ") and done.err.count("\n") == 1


# The main road


def test_compact_says_what_came_out(filled):
    done = filled.compacted
    assert done["pages"] == 3 and done["characters"] == 3 * 106 * 53
    assert done["vision_tokens"] == 300 and done["text_tokens"] > 3000
    assert done["compression"] == pytest.approx(done["text_tokens"] / 300)
    assert done["levels"]["small"]["pages"] == 3 and done["levels"]["small"]["vision_tokens"] == 300
    assert done["levels"]["small"]["fidelity"] > 0.98
    assert done["seconds"] > 0
    assert done["verbatim_characters"] == len(filled.text) - 3 * 106 * 53


def test_recall_from_the_archive_is_the_file_byte_for_byte(filled):
    assert filled.archive() == filled.text
    assert filled("recall", "--all").out.decode() == filled.text


def test_recall_from_vision_tokens_reads_the_pages(filled):
    items = filled("--json", "recall", "--all", "--source", "tokens").json["items"]
    assert [item["source"] for item in items] == ["tokens"] * 3 + ["verbatim"]
    assert [item["level"] for item in items] == ["small"] * 3 + [None]
    read = items[0]["text"].splitlines()
    exact = filled.text.splitlines()
    assert sum(a == b for a, b in zip(read, exact)) > 0.8 * len(read)
    assert 0.5 < items[0]["confidence"] <= 1


def test_recall_of_some_pages_is_in_order_and_once(filled):
    items = filled("--json", "recall", "2", "1", "2").json["items"]
    assert [item["id"] for item in items] == [1, 2]
    assert items[0]["text"] + items[1]["text"] == filled.text[: 2 * 106 * 53]


def test_recall_by_a_query(filled):
    items = filled("--json", "recall", "--query", "00090", "-k", "1").json["items"]
    assert len(items) == 1 and "00090" in items[0]["text"]


def test_search_finds_the_page_with_the_words(filled):
    hits = filled("--json", "search", "00120 harbour", "-k", "2").json["hits"]
    assert len(hits) == 2 and hits[0]["id"] == 3 and hits[0]["score"] >= hits[1]["score"]
    assert "00120" in hits[0]["snippet"]


def test_the_same_file_again_adds_nothing(copied):
    done = copied("--json", "compact", "harbour.txt", "--level", "small").json
    assert done["pages"] == 0 and done["skipped_messages"] == done["messages"] == 1
    assert copied.archive() == copied.text


def test_a_grown_file_adds_its_tail(copied):
    for lines in (10, 200):
        copied.text += prose(lines, 500)
        copied.file("harbour.txt", copied.text)
        copied("compact", "harbour.txt", "--level", "tiny", "--measure", "0")
        assert copied.archive() == copied.text


def test_finish_leaves_no_verbatim_text(copied):
    done = copied("--json", "compact", "harbour.txt", "--level", "small", "--finish").json
    assert done["pages"] == 1 and done["verbatim_characters"] == 0
    assert copied.archive() == copied.text


def test_any_bytes_are_text_and_json_stays_json(memctl):
    content = b"caf\xc3\xa9 \xff\xfe \x00 \r\n" * 700
    memctl.file("bytes.bin", content)
    memctl("compact", "bytes.bin", "--level", "tiny", "--finish", "--measure", "0")
    assert memctl("recall", "--all", "--source", "archive").out == content
    assert memctl.archive() == content.decode("utf-8", "replace")


def test_stdin_is_a_history_too(memctl):
    chat = json.dumps({"role": "user", "content": "Where is the lighthouse?"}) + "\n"
    memctl("compact", "-", input=chat.encode())
    assert memctl.archive() == "user:\nWhere is the lighthouse?\n\n"


def test_scopes_do_not_see_each_other(copied):
    copied("--scope", "ann/coder", "compact", "-", input=b"for ann only")
    assert copied.archive() == copied.text
    items = copied("--json", "--scope", "ann/coder/default", "recall", "--all").json["items"]
    assert [item["text"] for item in items] == ["for ann only"]
    copied("--scope", "bob", "recall", "1", code=3)


def test_a_level_follows_from_the_age_of_the_messages(memctl):
    old = json.dumps({"role": "user", "content": prose(60), "timestamp": "2020-01-01T00:00:00Z"})
    memctl.file("chat.jsonl", old + "\n")
    assert list(memctl("--json", "compact", "chat.jsonl").json["levels"]) == ["tiny"]
    policy = memctl.file("policy.json", '{"bands": [{"older_than": 0, "level": "small"}]}')
    done = memctl("--json", "--scope", "b", "compact", "chat.jsonl", "--policy", policy).json
    assert list(done["levels"]) == ["small"]


# Keeping no text


def test_archive_drop_keeps_vision_tokens_and_nothing_else(memctl):
    memctl.file("harbour.txt", prose(2 * PAGE_LINES))
    memctl("compact", "harbour.txt", "--archive", "drop", "--level", "small", "--finish", "--measure", "0")
    stored = b"".join(path.read_bytes() for path in memctl.folder.glob("memory.db*"))
    assert b"harbour before noon" not in stored
    assert "00001 The two ships" in memctl("recall", "1", "--source", "auto").out.decode()
    assert memctl("--json", "recall", "1", "--source", "archive", code=3).error["code"] == "not_found"
    assert memctl("--json", "search", "lighthouse keeper", "-k", "1").json["hits"]


# Forgetting


def test_a_dry_run_measures_and_changes_nothing(filled):
    done = filled("--json", "age", "--to", "tiny", "--dry-run").json
    assert [(step["id"], step["from"], step["to"]) for step in done["steps"]] == [
        (i, "small", "tiny") for i in (1, 2, 3)]
    assert all(0.5 < step["fidelity"] <= 1 and step["tokens_saved"] == 36 for step in done["steps"])
    assert all(isinstance(step["lost_words"], list) for step in done["steps"])
    assert list(filled("--json", "stats").json["levels"]) == ["small"]


def test_pages_step_down_but_for_pinned_ones(copied):
    copied("pin", "2")
    done = copied("--json", "age", "--to", "tiny").json
    assert [step["id"] for step in done["steps"]] == [1, 3] and done["refused"] == []
    levels = copied("--json", "stats").json["levels"]
    assert levels["small"]["pages"] == 1 and levels["tiny"]["pages"] == 2
    copied("unpin", "2")
    assert [step["id"] for step in copied("--json", "age", "--to", "tiny").json["steps"]] == [2]
    assert copied.archive() == copied.text


def test_age_by_policy_uses_the_given_time(copied):
    assert copied("--json", "age").json["steps"] == []
    later = int(time.time()) + 8 * 86400
    assert {s["to"] for s in copied("--json", "age", "--now", later).json["steps"]} == {"tiny"}


def test_a_level_that_the_checkpoint_does_not_read_is_refused(memctl, lesser_checkpoint):
    memctl.file("a.txt", prose(PAGE_LINES))
    model = ("--model", lesser_checkpoint)
    memctl(*model, "compact", "a.txt", "--level", "base", "--measure", "0", "--finish")
    done = memctl("--json", *model, "age", "--to", "trace").json
    assert done["steps"] == [] and done["refused"][0]["id"] == 1
    assert "reads large, base, small, tiny" in done["refused"][0]["reason"]


def test_without_the_archive_a_step_down_redraws_what_the_tokens_say(memctl):
    memctl.file("harbour.txt", prose(PAGE_LINES))
    memctl("compact", "harbour.txt", "--archive", "drop", "--level", "small", "--finish", "--measure", "0")
    step = memctl("--json", "age", "--to", "tiny").json["steps"][0]
    assert step["fidelity"] is None and step["to"] == "tiny"
    assert "ships" in memctl("recall", "1").out.decode()


# Pages


def test_show_writes_the_picture_of_a_level(filled):
    for level, side in [(None, 640), ("tiny", 512), ("large", 1280)]:
        arguments = ["--level", level] if level else []
        assert filled("--json", "show", "1", "-o", "page.png", *arguments).json["side"] == side
        header = (filled.folder / "page.png").read_bytes()[:24]
        assert header.startswith(b"\x89PNG") and struct.unpack(">II", header[16:]) == (side, side)


def test_erase_leaves_no_trace_and_a_receipt(copied):
    marker = copied.text[:40].encode()
    done = copied("--json", "erase", "1", "--receipt", "receipt.json").json
    assert done["pages"] == [1] and done["bytes_gone"] is True
    assert json.loads((copied.folder / "receipt.json").read_text()) == done
    assert marker not in b"".join(path.read_bytes() for path in copied.folder.glob("memory.db*"))
    assert copied("--json", "recall", "1", code=3).error["code"] == "not_found"
    assert copied("--json", "verify").json["ok"] is True
    copied("erase", "--all")
    assert copied("--json", "stats").json["pages"] == 0


def test_stats_and_verify(filled):
    stats = filled("--json", "stats").json
    assert stats["pages"] == 3 and stats["vision_tokens"] == 300 and stats["token_bytes"] > 0
    assert filled("--json", "verify").json == {"ok": True, "findings": []}


# The codec alone


def test_encode_and_decode_files(memctl):
    memctl.file("note.txt", prose(20))
    done = memctl("--json", "encode", "note.txt", "-o", "note.fvt", "--level", "base").json
    assert done["level"] == "base" and done["vision_tokens"] == 256
    assert memctl("decode", "note.fvt").out.decode().startswith("00000 The one ships left the harbour")


def test_encode_a_picture(filled, tmp_path):
    filled("show", "1", "--level", "small", "-o", tmp_path / "page.png")
    done = filled("--json", "encode", tmp_path / "page.png", "-o", tmp_path / "page.fvt").json
    assert done["level"] == "small" and done["vision_tokens"] == 100
    assert "ships left the harbour" in filled("decode", tmp_path / "page.fvt").out.decode()


def test_more_text_than_a_page_is_an_error_that_says_so(memctl):
    memctl.file("long.txt", prose(100))
    message = memctl("--json", "encode", "long.txt", "-o", "x.fvt", code=2).error["message"]
    assert "long.txt" in message and "5,618" in message


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


@pytest.mark.parametrize("name, code", [("missing.txt", 3), (".", 1)])
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


def test_a_locked_store_is_an_error_after_a_while(copied):
    holder = sqlite3.connect(copied.store, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    done = copied("--json", "pin", "1", code=1)
    holder.rollback()
    holder.close()
    assert done.error["code"] == "io" and "lock" in done.error["message"]
    copied("pin", "1")


def limited_to(size: int):
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write beyond it fails as on a full disk
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    return limit


def test_a_full_disk_keeps_what_was_stored_and_the_same_command_goes_on(copied):
    copied.text += prose(10 * PAGE_LINES, 1000)
    copied.file("harbour.txt", copied.text)
    command = ["--json", "compact", "harbour.txt", "--level", "tiny", "--measure", "0"]
    size = sum(path.stat().st_size for path in copied.folder.glob("memory.db*"))
    done = copied(*command, code=1, preexec_fn=limited_to(size + 150_000))
    assert done.error["code"] == "io" and "memory.db" in done.error["message"]
    assert copied("--json", "verify").json["ok"] is True
    assert copied.text.startswith(copied.archive())
    copied(*command)
    assert copied.archive() == copied.text


def test_a_full_output_is_an_error(filled):
    with open("/dev/full", "wb") as full:
        process = subprocess.run(filled.command("stats"), stdout=full, stderr=subprocess.PIPE,
                                 env=dict(os.environ, FOVEA_MODEL=str(MODEL)), check=False)
    assert process.returncode == 1 and b"stdout" in process.stderr


def test_a_reader_that_goes_away_ends_it_quietly(filled):
    process = subprocess.Popen(filled.command("recall", "--all", "--source", "tokens"), stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, env=dict(os.environ, FOVEA_MODEL=str(MODEL)))
    process.stdout.close()
    assert process.wait(timeout=60) == 141 and process.stderr.read() == b""


def pages_in(store: pathlib.Path) -> int:
    try:
        with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as database:
            return database.execute("SELECT count(*) FROM pages").fetchone()[0]
    except sqlite3.OperationalError:
        return 0


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_interrupted_it_leaves_a_sound_store_and_the_same_command_goes_on(memctl, how):
    text = prose(25 * PAGE_LINES)
    memctl.file("harbour.txt", text)
    command = ["--json", "compact", "harbour.txt", "--level", "tiny", "--measure", "0", "--finish"]
    process = subprocess.Popen(memctl.command(*command), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               cwd=memctl.folder, env=dict(os.environ, FOVEA_MODEL=str(MODEL)))
    until = time.monotonic() + 60
    while pages_in(memctl.store) < 2 and time.monotonic() < until:
        time.sleep(0.02)
    process.send_signal(how)
    out, err = process.communicate(timeout=60)
    done = 0
    if how == signal.SIGKILL:
        assert process.returncode == -signal.SIGKILL
        done = pages_in(memctl.store)
    else:
        assert process.returncode == 130 and b"goes on from here" in err
        assert json.loads(out)["stopped"] is True
        done = json.loads(out)["pages"]
    assert 0 < done < 25
    assert memctl("--json", "verify").json["ok"] is True
    rest = memctl(*command).json
    assert rest["pages"] + done == memctl("--json", "stats").json["pages"]
    assert memctl.archive() == text


def test_ctrl_c_while_stdin_is_silent(memctl):
    process = subprocess.Popen(memctl.command("compact", "-"), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, env=dict(os.environ, FOVEA_MODEL=str(MODEL)))
    time.sleep(2)
    process.send_signal(signal.SIGINT)
    process.stdin.flush()
    assert process.wait(timeout=60) == 130
    process.communicate()


# Looking after the machine


def test_doctor_checks_everything(filled):
    done = filled("--json", "doctor").json
    assert done["ok"] is True
    assert {check["name"] for check in done["checks"]} == {
        "processor", "checkpoint", "glyph atlas", "fonts", "store"}


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
    assert "| ships |" in (out / "experiment.md").read_text()
    assert len((out / "rows.csv").read_text().splitlines()) == 107


def test_experiment_refuses_what_it_cannot_measure(memctl):
    memctl.file("empty.txt", "")
    assert "is empty" in memctl("experiment", "empty.txt", code=2).err
    memctl("experiment", "no-such.txt", code=3)
    memctl.file("short.txt", "a few words\n")
    assert "no level is called" in memctl("experiment", "short.txt", "--levels", "huge", code=2).err
    memctl("experiment", "short.txt", "--densities", "100", code=2)
