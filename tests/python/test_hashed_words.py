"""Pages whose text is not kept, found by their words: kept hashed, or not at all."""

from __future__ import annotations

import json

import pytest

from harbour import PAGE_LINES, prose
from memctl_program import Memctl, pytestmark  # noqa: F401

QUESTIONS = ["00010 ships", "harbour keeper", "00075 names", "\"left the harbour before noon\" 00100", "lighthouse"]


def stored(memctl) -> bytes:
    return b"".join(path.read_bytes() for path in memctl.folder.glob("memory.db*"))


def pages_of(memctl, question: str) -> list[int]:
    return [hit["id"] for hit in memctl("--json", "search", question).json["hits"]]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Three pages of Ann's without text, found by words, and one of Bob's."""
    memctl = Memctl(tmp_path_factory.mktemp("made"))
    memctl.file("notes.txt", prose(3 * PAGE_LINES))
    memctl("--scope", "ann", "compact", "notes.txt", "--archive", "drop", "--level", "small", "--finish", "--measure", "0")
    memctl.file("bob.txt", "Bob's ships are paper. " + prose(2))
    memctl("--scope", "bob", "compact", "bob.txt", "--archive", "drop", "--level", "small", "--finish", "--measure", "0")
    return memctl


@pytest.fixture
def dropped(made, tmp_path):
    """The same, for tests that change it."""
    return made.copy(tmp_path)


def ann(memctl, *arguments, **options):
    return memctl("--json", "--scope", "ann", *arguments, **options).json


def test_the_same_pages_are_found_as_with_their_text(dropped, tmp_path):
    kept = Memctl(tmp_path / "kept")
    kept.folder.mkdir()
    kept.file("notes.txt", prose(3 * PAGE_LINES))
    kept("--scope", "ann", "compact", "notes.txt", "--level", "small", "--finish", "--measure", "0")
    for question in QUESTIONS[:4]:
        with_text, without = (ann(memctl, "search", question, "--explain")["hits"] for memctl in (kept, dropped))
        assert {hit["id"] for hit in with_text} == {hit["id"] for hit in without}
        if "00" in question:  # the others' words are on every page alike
            assert with_text[0]["id"] == without[0]["id"]
        assert without[0]["explain"]["words"]["rank"] == 1 and without[0]["snippet"]
    assert {hit["scope"] for hit in ann(dropped, "search", "ships")["hits"]} == {"ann/default/default"}
    assert len(dropped("--json", "--scope", "bob", "search", "ships").json["hits"]) == 1


def test_no_word_of_the_text_is_in_the_files(dropped):
    for word in (b"harbour", b"keeper", b"ships", b"before noon", b"paper"):
        assert word not in stored(dropped)
    assert dropped("--json", "verify").json["ok"]


def test_without_words_likeness_alone_finds_pages(memctl):
    memctl.file("notes.txt", prose(PAGE_LINES))
    memctl("compact", "notes.txt", "--archive", "drop", "--no-words", "--level", "small", "--finish", "--measure", "0")
    found = memctl("--json", "search", "harbour", "--explain").json
    assert found["note"].startswith("no stored text has these words") and found["hits"][0]["explain"]["words"] is None


def test_a_context_reads_the_pages_that_its_words_name(dropped):
    made = dropped("--json", "--scope", "ann", "context", "--budget", "2000", "--target", "text", "--query", "00075").json
    assert "00075 The" in json.dumps(made)


def test_erased_pages_take_their_words_along(dropped):
    gone = ann(dropped, "search", "00010 ships")["hits"][0]["id"]
    ann(dropped, "erase", gone)
    assert all(hit["id"] != gone for hit in ann(dropped, "search", "00010 ships")["hits"])
    assert dropped("--json", "verify").json["ok"]
    assert len(dropped("--json", "--scope", "bob", "search", "ships").json["hits"]) == 1


@pytest.mark.parametrize("keeps", [True, False])
def test_when_the_text_grows_too_old_its_words_stay_unless_told_otherwise(memctl, keeps):
    memctl.file("notes.txt", prose(PAGE_LINES))
    policy = memctl.file("short.json", json.dumps({**json.loads(memctl("policy", "balanced").out), "archive_for": "1h"}))
    memctl("compact", "notes.txt", "--level", "small", "--finish", "--measure", "0", "--policy", policy)
    later = ("age", "--now", "2100-01-01", *([] if keeps else ["--no-words"]))
    assert memctl("--json", *later).json["archives"] == [1]
    assert memctl("--json", "recall", "1", "--source", "archive", code=3)
    found = memctl("--json", "search", "00017", "--explain", code=0 if keeps else 1).json["hits"]
    assert [hit["explain"]["words"]["rank"] for hit in found] == ([1] if keeps else [])  # too coarse to show the word
    assert b"harbour" not in stored(memctl) and memctl("--json", "verify").json["ok"]


def test_an_export_takes_them_along(dropped):
    ann(dropped, "export", "ann.fovea")
    dropped("--scope", "carl", "import", "ann.fovea", store="other.db")
    hits = dropped("--json", "--scope", "carl", "search", "00075", "--explain", store="other.db").json["hits"]
    assert hits[0]["explain"]["words"]["rank"] == 1
    assert dropped("--json", "verify", store="other.db").json["ok"]
