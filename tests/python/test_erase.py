"""Erasing messages wherever they are, what keeps them away, and what is served no more."""

from __future__ import annotations

import os
import stat

import pytest

from harbour import prose

pytest.importorskip("fovea._core", reason="built without FOVEA_BUILD_PYTHON")

import fovea  # noqa: E402

pytestmark = pytest.mark.usefixtures("loaded")

QUICK = {"measured_pages": 0, "level": "tiny"}


def message(number: int, text: str, role: str = "user", time: int = 0) -> fovea.Message:
    return fovea.Message(role, text, time, f"m{number}")


HISTORY = [message(1, prose(30)), message(2, "The zebra's PIN is 4711.\n"), message(3, prose(40, 100), "tool"),
           message(4, "The lamp is red; the walrus sleeps.\n"), message(5, prose(40, 200)),
           message(6, "A late zebra in the harbour.\n", "assistant")]


@pytest.fixture
def memory(tmp_path):
    """Two pages and a rest: message 3 is on both pages, message 6 on none."""
    with fovea.Memory(tmp_path / "memory.db", **QUICK) as memory:
        memory.add_many(HISTORY)
        assert memory.stats().pages == 1 and "late zebra" in memory.verbatim()
        yield memory


def text_of(memory: fovea.Memory) -> str:
    return "".join(item.text for item in memory.recall_all())


def files_have(memory: fovea.Memory, word: str) -> bool:
    folder = os.path.dirname(memory.path)
    memory.close()
    return any(word.encode() in open(os.path.join(folder, name), "rb").read() for name in os.listdir(folder))


def without(*numbers: int) -> str:
    return "".join(m.text for m in HISTORY if int(m.source_id[1:]) not in numbers)


def test_messages_of_a_source_go_from_pages_and_from_the_rest(memory):
    receipt = memory.erase(source_ids=["m2", "m6"])
    assert (receipt.messages, receipt.pages, receipt.rewritten) == (2, [], [1]) and len(receipt.sha256) == 64
    assert receipt.characters == len(HISTORY[1].text + HISTORY[5].text)
    assert text_of(memory) == without(2, 6) and memory.verify() == []
    assert not memory.search("zebra").verbatim_snippet and "zebra" not in str([hit.snippet for hit in memory.search("4711")])
    assert fovea.accuracy(memory.recall(1, "archive").text, memory.recall(1, "tokens").text) > 0.9
    assert not files_have(memory, "zebra")


def test_a_message_that_lies_on_a_page_and_in_the_rest_goes_from_both(memory):
    receipt = memory.erase(source_ids=["m3"])
    assert text_of(memory) == without(3) and receipt.messages == 1 and memory.verify() == []


@pytest.mark.parametrize("query", ['"pin zebra"', "zeb*"])
def test_what_would_be_a_phrase_or_a_prefix_in_a_search_erases_nothing(memory, query):
    with pytest.raises(ValueError, match="whole words in any order"):
        memory.erase(query=query)


@pytest.mark.parametrize("asked, gone", [
    ({"where": ["role = tool"]}, [3]), ({"query": "zebra"}, [2, 6]), ({"query": "zebra pin"}, [2]),
    ({"query": "ZEBRA", "where": ["role = assistant"]}, [6]), ({"where": ["source in m4, m5"]}, [4, 5]),
    ({"query": "submarine"}, []), ({"where": ["role != tool"], "query": "walrus"}, [4])])
def test_messages_are_chosen_by_what_is_said_and_by_whom(memory, asked, gone):
    planned = memory.erase(**asked, dry_run=True)
    assert planned.messages == len(gone) and planned.receipt == "" and text_of(memory) == without()
    done = memory.erase(**asked)
    assert (done.messages, done.characters, done.pages, done.rewritten) == \
        (planned.messages, planned.characters, planned.pages, planned.rewritten)
    assert text_of(memory) == without(*gone) and memory.verify() == []


def test_a_stretch_of_a_page_or_of_the_rest_goes_by_its_characters(memory):
    page = memory.recall(1).text
    begin = page.index("4711")
    receipt = memory.erase(span=(1, begin, begin + 4))
    assert receipt.characters == 4 and receipt.rewritten == [1]
    assert memory.recall(1).text == page.replace("4711", "", 1)
    rest = memory.verbatim()
    at = rest.index("late ")
    memory.erase(span=(0, at, at + 5))
    assert memory.verbatim() == rest.replace("late ", "", 1) and memory.verify() == []
    assert not files_have(memory, "4711")


def test_what_fills_no_page_yet_is_page_0(memory):
    assert memory.recall(0).text == memory.verbatim() and memory.recall([0, 1])[1].source == "verbatim"
    page = memory.recall(1).text
    memory.erase([0])
    assert memory.verbatim() == "" and text_of(memory) == page


def test_a_page_of_which_nothing_is_left_goes(tmp_path):
    with fovea.Memory(tmp_path / "memory.db", **QUICK) as memory:
        memory.add_many([message(1, prose(70)), message(2, "The rest.\n")])
        memory.finish()
        receipt = memory.erase(source_ids=["m1"])
        assert receipt.pages == [1] and text_of(memory) == "The rest.\n"


def test_without_its_exact_text_a_page_goes_whole_and_is_named(tmp_path):
    with fovea.Memory(tmp_path / "memory.db", archive="drop", policy="lean", **QUICK) as memory:
        memory.add_many(HISTORY[:4])
        memory.finish()
        pages = [page.id for page in memory.pages()]
        planned = memory.erase(source_ids=["m2"], dry_run=True)
        assert planned.pages == planned.without_text == [1] and planned.rewritten == []
        assert memory.erase(query="zebra", dry_run=True).not_searched == pages
        memory.erase(source_ids=["m2"])
        assert [page.id for page in memory.pages()] == pages[1:] and memory.verify() == []


@pytest.mark.parametrize("asked, message", [
    ({}, "nothing to erase"), ({"ids": [1], "query": "zebra"}, "not both"), ({"query": "?!"}, "no word"),
    ({"where": ["level = tiny"]}, "role, source and time"), ({"span": (1, 5, 5)}, "begin < end"),
    ({"span": (1, 0, 10**6)}, "of a text of"), ({"where": ["mood = good"]}, "mood")])
def test_what_cannot_be_erased_is_refused(memory, asked, message):
    with pytest.raises(ValueError, match=message):
        memory.erase(**asked)
    with pytest.raises(KeyError, match="no page 99"):
        memory.erase([99])
    assert text_of(memory) == without()


# Staying away


def test_what_was_erased_stays_away_until_it_is_let_in(memory):
    memory.erase(source_ids=["m2"])
    again = memory.add_many(HISTORY)
    assert (again.erased_messages, again.skipped_messages) == (1, 6) and text_of(memory) == without(2)
    let_in = memory.add_many(HISTORY, restore=True)
    assert (let_in.erased_messages, let_in.skipped_messages) == (0, 5) and text_of(memory) == without(2) + HISTORY[1].text
    assert memory.add_many(HISTORY).skipped_messages == 6


def test_a_scope_that_was_erased_stays_empty_and_others_know_nothing_of_it(memory, tmp_path):
    memory.erase_scope()
    assert memory.add_many(HISTORY).erased_messages == 6 and text_of(memory) == ""
    with fovea.Memory(memory.path, scope="other", **QUICK) as other:
        assert other.add_many(HISTORY).erased_messages == 0
    memory.add("The lamp is red.")  # of no source: always new
    assert "lamp" in memory.verbatim()


def test_a_file_that_grows_brings_only_what_is_new(tmp_path):
    log = tmp_path / "log.txt"
    log.write_text("first line, of a zebra\n")
    with fovea.Memory(tmp_path / "memory.db", **QUICK) as memory:
        memory.add_file(log)
        memory.erase(query="zebra")
        log.write_text("first line, of a zebra\nsecond line\n")
        memory.add_file(log)
        assert memory.verbatim() == "second line\n"


def test_a_tombstone_tells_nothing_without_the_text(memory):
    memory.erase_scope()
    assert not files_have(memory, "m2")


# Time that is over


def test_what_has_expired_is_not_served_whether_or_not_it_was_erased(tmp_path):
    with fovea.Memory(tmp_path / "memory.db", **QUICK) as memory:
        memory.add_many([message(1, prose(60)), message(2, "The zebra's PIN is 4711.\n")], expires=1_000_000)
        memory.finish()
        memory.add("A walrus waits.", expires=1_000_000)
        memory.add("The lamp is red.")
        assert memory.stats().pages > 0 and memory.stats().messages == 4
        assert not memory.search("4711") and memory.pages() == [] and "walrus" not in memory.verbatim()
        assert "walrus" not in memory.search("walrus").verbatim_snippet
        shown = text_of(memory) + "".join(part.text for part in memory.context(4000, query="zebra").parts)
        assert "zebra" not in shown and "walrus" not in shown and "lamp" in shown
        for call in (memory.recall, memory.picture):
            with pytest.raises(KeyError, match="it has expired"):
                call(1)
        assert memory.age().expired.pages and memory.stats().messages == 1


# Secrets


def test_secrets_are_replaced_before_anything_is_written(tmp_path):
    key = "ghp_" + "a1B2" * 9
    said = f"My token is {key}, and <private>the zebra\nsleeps</private> here."
    with fovea.Memory(tmp_path / "memory.db", **QUICK) as memory:
        made = memory.add(said)
        assert made.secrets == {"GitHub token": 1, "private": 1}
        assert "My token is [removed: GitHub token], and [removed: private] here." in memory.verbatim()
        assert not files_have(memory, key)
    with fovea.Memory(tmp_path / "kept.db", keep_secrets=True, **QUICK) as memory:
        assert memory.add(said).secrets == {} and key in memory.verbatim()


# Files


def test_files_are_the_owners_alone(tmp_path):
    before = os.umask(0o022)
    try:
        with fovea.Memory(tmp_path / "memory.db", **QUICK) as memory:
            memory.add_many(HISTORY)
            memory.search("zebra")
            memory.backup(tmp_path / "copy.db")
            memory.export_scope(tmp_path / "scope.fovea")
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    finally:
        os.umask(before)
    assert {"memory.db", "copy.db", "scope.fovea"} <= set(modes) and set(modes.values()) == {0o600}


def test_a_key_file_that_others_can_read_is_refused(tmp_path):
    key = tmp_path / "key"
    key.write_text(fovea.new_key_text())
    key.chmod(0o600)
    assert len(fovea.key_from_file(key)) == 32
    for mode in (0o640, 0o604, 0o644):
        key.chmod(mode)
        with pytest.raises(ValueError, match="can be read by other users"):
            fovea.key_from_file(key)
    with pytest.raises(ValueError, match="key file .* is a folder; give a file"):
        fovea.key_from_file(tmp_path)


# Calls


def test_one_message_is_not_several(tmp_path):
    with fovea.Memory(tmp_path / "memory.db", **QUICK) as memory:
        for given in ("The lamp is red.", b"The lamp is red.", {"role": "user", "content": "The lamp is red."}):
            with pytest.raises(TypeError, match="expected several"):
                memory.add_many(given)
        assert memory.stats().messages == 0


def test_a_dry_run_of_ageing_is_a_plan(memory):
    assert [step.to for step in memory.age(dry_run=True, to="trace").steps] == [fovea.Level.trace]
    assert memory.pages()[0].level == fovea.Level.tiny
    assert fovea.Memory(memory.path, level="auto", layout="auto", policy="lean", model=None).recall(1, "auto").id == 1
