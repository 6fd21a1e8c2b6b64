"""memctl: filters and explanations of a search, runs, receipts, expiry, keys, export, backup, migrate, events."""

from __future__ import annotations

import hashlib
import json
import sqlite3

import pytest

from harbour import prose
from memctl_program import pytestmark  # noqa: F401


def search(memctl, *arguments, **options) -> dict:
    return memctl("--json", "search", *arguments, **options).json


# Searching


def test_a_search_explains_its_scores(filled):
    first, *_ = search(filled, "00120 harbour", "--explain", "--recency", "0.5")["hits"]
    explain = first["explain"]
    assert explain["words"]["rank"] == 1 and explain["bm25"] is not None
    adds = sum(place["adds"] for key in ("words", "likeness", "recency") if (place := explain[key]))
    assert first["score"] == pytest.approx(adds)
    assert explain["recency"]["adds"] == pytest.approx(0.5 / (60 + explain["recency"]["rank"]))
    text = filled("search", "00120 harbour", "--explain").out.decode()
    assert "words     rank 1" in text and "likeness  not in this list" in text and "bm25" in text


def test_the_same_question_has_the_same_answer(filled):
    assert search(filled, "noon book", "--explain") == search(filled, "noon book", "--explain")


def test_a_search_is_narrowed_by_conditions(filled):
    everything = {hit["id"] for hit in search(filled, "harbour")["hits"]}
    assert {hit["id"] for hit in search(filled, "harbour", "--where", "level = small")["hits"]} == everything
    assert {hit["id"] for hit in search(filled, "harbour", "--where", "source ~ harbour.txt*",
                                        "--where", "role = text")["hits"]} == everything


@pytest.mark.parametrize("condition, reason", [("role = user", "the conditions leave none of the 3 pages"),
                                               ("time < 2001-01-01", "the conditions leave none of the 3 pages")])
def test_nothing_found_says_why(filled, condition, reason):
    found = search(filled, "harbour", "--where", condition, code=1)
    assert found["hits"] == [] and reason in found["note"]


def test_a_scope_that_is_not_there_or_has_no_page_says_so(filled, memctl):
    assert "has nothing in scope ann/" in filled("search", "harbour", "--scope", "ann", code=3).err
    memctl.file("short.txt", "The heron waits by the water.")
    memctl("compact", "short.txt")
    found = search(memctl, "heron")
    assert found["hits"] == [] and "its text does not fill one" in found["note"]
    assert found["verbatim_snippet"] == "The heron waits by the water."


def test_a_query_that_shares_no_word_finds_nothing_and_is_told_why(filled):
    why = "no text here shares a word with the query; an embedder"
    found = search(filled, "zeppelin", code=1)
    assert found["hits"] == [] and found["note"].startswith(why)
    for arguments in (["search", "zeppelin"], ["recall", "--query", "zeppelin"],
                      ["recall", "--query", "zeppelin", "--piece"]):
        done = filled(*arguments, code=1)
        assert done.out == b"" and f"nothing found: {why}" in done.err, arguments
    made = filled("--json", "context", "--budget", "300", "--query", "zeppelin", "--target", "text")
    assert made.json["notes"] == [made.json["notes"][0]] and made.json["notes"][0].startswith(why)


@pytest.mark.parametrize("condition", ["colour = red", "role", "level < tiny", "time > yesterday"])
def test_a_condition_that_cannot_be_is_refused(filled, condition):
    assert "condition" in filled("--json", "search", "x", "--where", condition, code=2).error["message"]


def test_runs_of_a_session_are_apart_unless_they_are_asked_for(memctl):
    for run in ("first", "second"):
        memctl.file("day.txt", f"The {run} heron waits. " + prose(3))
        memctl("--scope", f"ann/coder/monday/{run}", "compact", "day.txt", "--finish", "--level", "trace",
               "--measure", "0")
    scope = ("--scope", "ann/coder/monday/first")
    assert [hit["scope"] for hit in search(memctl, "heron", *scope)["hits"]] == ["ann/coder/monday/first"]
    both = search(memctl, "heron", *scope, "--where", "run in first, second")["hits"]
    assert {hit["scope"] for hit in both} == {"ann/coder/monday/first", "ann/coder/monday/second"}
    bob = search(memctl, "heron", "--scope", "bob/coder/monday/first", "--where", "session = monday", code=1)
    assert bob["hits"] == [] and "ann" not in bob["note"]
    memctl(*scope, "erase", "--all")
    assert search(memctl, "heron", "--scope", "ann/coder/monday/second")["hits"]


# Erasing


def test_a_receipt_can_be_proved(copied):
    copied("erase", "2", "--receipt", "erased.json")
    receipt = json.loads((copied.folder / "erased.json").read_text())
    assert hashlib.sha256(receipt["receipt"].encode()).hexdigest() == receipt["sha256"]
    assert "\npage 2\n" in receipt["receipt"] and receipt["bytes_gone"]


def test_what_has_expired_goes_when_memory_ages(memctl):
    memctl.file("kept.txt", "The heron stays. " + prose(2))
    memctl.file("gone.txt", "The password was xyzzysecret. " + prose(2))
    memctl("compact", "gone.txt", "--expires", "1h", "--level", "tiny", "--measure", "0")
    memctl("compact", "kept.txt", "--finish", "--level", "tiny", "--measure", "0")
    assert memctl("--json", "stats").json["pages"] == 2, "a page holds messages of one date of expiry only"
    assert "expired" not in memctl("--json", "age").json
    aged = memctl("--json", "age", "--now", "2099-01-01").json
    assert aged["expired"]["pages"] == [1]
    left = memctl("--json", "recall", "--all", "--source", "archive").json["items"]
    assert "xyzzysecret" not in "".join(item["text"] for item in left) and "heron" in left[0]["text"]
    for path in memctl.folder.glob("memory.db*"):
        assert b"xyzzysecret" not in path.read_bytes()
    memctl("--json", "compact", "kept.txt", "--expires", "yesterday", code=2)


# Keys


def test_an_encrypted_store_opens_with_its_key_alone(memctl):
    key = memctl("new-key").out.decode()
    assert len(key.strip()) == 64
    memctl.file("key", key).chmod(0o600)
    memctl.file("other", memctl("new-key").out).chmod(0o600)
    memctl.file("day.txt", "The word is xyzzysecret. " + prose(2)).chmod(0o600)
    memctl("--key-file", "key", "compact", "day.txt", "--finish", "--level", "tiny", "--measure", "0")
    assert search(memctl, "xyzzysecret", "--key-file", "key")["hits"]
    for path in memctl.folder.glob("memory.db*"):
        assert b"xyzzysecret" not in path.read_bytes()
    assert "give its key" in memctl("--json", "stats", code=2).error["message"]
    assert "does not open with this key" in memctl("--json", "--key-file", "other", "stats", code=2).error["message"]
    assert "key file" in memctl("--json", "--key-file", "day.txt", "stats", code=2).error["message"]
    memctl("--key-file", "key", "rekey", "--to", "other")
    memctl("--key-file", "key", "stats", code=2)
    assert memctl("--json", "stats", env={"FOVEA_KEY": (memctl.folder / "other").read_text()}).json["pages"] == 1


# Carrying


def test_a_scope_is_exported_and_imported_whole(copied):
    assert copied("--json", "export", "harbour.fovea").json["pages"] == 3
    other = copied.folder / "other.db"
    copied("--scope", "moved", "import", "harbour.fovea", store=other)
    moved = copied("--scope", "moved", "recall", "--all", "--source", "archive", store=other).out
    assert moved == copied("recall", "--all", "--source", "archive").out != b""
    assert copied("--json", "verify", store=other).json["ok"]
    copied("--scope", "moved", "import", "harbour.fovea", store=other, code=2)
    copied("export", "harbour.fovea", code=2)
    copied("--scope", "nobody", "export", "x.fovea", code=3)
    copied.file("notes.txt", "no store")
    message = copied("--json", "--scope", "other", "import", "notes.txt", code=4).error["message"]
    assert message.startswith("store notes.txt is not a Fovea store")


def test_a_backup_is_a_store(copied):
    copied("backup", "copy.db")
    assert copied("--json", "stats", store=copied.folder / "copy.db").json["pages"] == 3
    copied("backup", "copy.db", code=2)


def test_clean_leaves_no_bytes_of_what_another_reader_kept_from_going(copied):
    copied("--scope", "bob", "compact", copied.file("bob.txt", "Bob saw the quagga."), "--archive", "drop")
    before = copied.archive()
    reader = sqlite3.connect(copied.store)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM pages").fetchone()
    assert not copied("--json", "--scope", "bob", "erase", "--all").json["bytes_gone"]
    assert "another process uses it" in copied("--json", "clean", code=1).err
    reader.close()
    assert copied("--json", "clean").json == {"store": str(copied.store), "bytes_gone": True}
    assert b"quagga" not in copied.store.read_bytes() and copied.archive() == before


def test_migrate_encodes_anew_what_another_checkpoint_made(copied, checkpoint):
    config = json.loads((checkpoint / "config.json").read_text())
    config["fovea"]["remark"] = "another fingerprint"
    (checkpoint / "config.json").write_text(json.dumps(config))
    model = ("--model", checkpoint)
    copied(*model, "recall", "1", "--source", "tokens", code=2)
    assert copied("--json", *model, "migrate").json == {
        "pages": 3, "known": 0, "corrected": 0, "uncorrected": [], "refused": [], "stopped": False}
    assert copied("--json", *model, "migrate").json["known"] == 3
    assert copied("--json", *model, "recall", "1", "--source", "tokens").json["items"][0]["confidence"] > 0.5
    assert copied("--json", *model, "verify").json["ok"]


def test_events_are_added_as_json_lines(copied):
    copied("--events", "events.jsonl", "search", "harbour")
    copied("--events", "events.jsonl", "erase", "3")
    first, second = map(json.loads, (copied.folder / "events.jsonl").read_text().splitlines())
    assert first["event"] == "search" and first["pages"] == 3 and first["seconds"] > 0
    assert second["event"] == "erase" and second["levels"] == {"small": {"pages": 2, "vision_tokens": 200}}
    copied("--events", "no/such/folder/x", "stats", code=1)
