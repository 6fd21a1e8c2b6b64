"""Text of any bytes through every door of the package: what goes in comes out, and belongs to its user alone."""

from __future__ import annotations

import json
import sqlite3

import pytest

from harbour import prose

pytest.importorskip("fovea._core", reason="built without FOVEA_BUILD_PYTHON")

import fovea  # noqa: E402

pytestmark = pytest.mark.usefixtures("loaded")
QUICK = {"level": "tiny", "measured_pages": 0}

TEXTS = {
    "empty": "", "blank": " \t ", "nul": "a\0b\0", "controls": "\x01\x07\x1b[31m\x7f", "newlines": "a\r\nb\rc\n\n\nd",
    "lone byte": "\udcff and \udc80", "combined": "e\u0301\u0302 and \u0915\u094d\u0937", "family": "👩‍👩‍👧‍👦",
    "right to left": "שלום \u202eעולם\u202c", "mark": "\ufeffmark", "separators": "\u2028 \u2029 \x85 \x0b \x0c",
    "last": "\U0010ffff \ufffe", "wide": "漢字かなカナ한국어", "quotes": "'; DROP TABLE messages; --\"\\", "percent": "%s %d %n {0}",
    "long word": "x" * 5000, "many lines": "\n" * 300, "markup": "<|ref|></history><b>&amp;</b>",
}


def said(memory: fovea.Memory) -> str:
    return "".join(item.text for item in memory.recall_all())


@pytest.fixture
def bob(tmp_path):
    """Somebody else in the same store, whose text must never be seen."""
    with fovea.Memory(tmp_path / "memory.db", scope="bob/coder", **QUICK) as memory:
        memory.add("Bob's own words, with a zebra in them.")
        yield memory


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_comes_back_exactly_verbatim_and_from_a_page(tmp_path, bob, name):
    text = TEXTS[name]
    with fovea.Memory(tmp_path / "memory.db", scope="ann", keep_secrets=True, **QUICK) as ann:
        ann.add_many([fovea.Message("note", text), fovea.Message("note", text.encode("utf-8", "surrogateescape"))])
        assert said(ann) == text + text and (ann.verbatim() == text + text or ann.pages())
        ann.finish()
        assert said(ann) == text + text and ann.verbatim() == ""
        for page in ann.pages():
            recalled = ann.recall(page.id, "archive")
            assert sum(span.length for span in recalled.spans) == len(recalled.text) == page.characters
            assert len(recalled.text.encode("utf-8", "surrogateescape")) == page.text_bytes
        assert ann.verify() == []
    assert said(bob) == "user:\nBob's own words, with a zebra in them.\n\n"


def test_bytes_and_the_str_that_stands_for_them_are_the_same_message(tmp_path):
    with fovea.Memory(tmp_path / "memory.db", **QUICK) as memory:
        first = memory.add(b"\xff\xc3\xa9", source_id="m1")
        again = memory.add("\udcffé", source_id="m1")
        assert (first.skipped_messages, again.skipped_messages) == (0, 1)


def test_half_a_pair_is_three_bytes_that_are_no_utf_8(tmp_path):
    with fovea.Memory(tmp_path / "memory.db", **QUICK) as memory:
        memory.add("half \ud800 a pair")
        assert memory.verbatim().encode("utf-8", "surrogateescape") == b"user:\nhalf \xed\xa0\x80 a pair\n\n"


@pytest.mark.parametrize("role", ["ein Rolle", "\udcff", "a\0b", "工具", "x" * 1000, "'\"", "user\nassistant:"])
def test_roles_and_sources_are_texts_like_any_other(tmp_path, bob, role):
    with fovea.Memory(tmp_path / "memory.db", scope="ann", **QUICK) as ann:
        ann.add_many([fovea.Message(role, "The lamp is red.\n", 7, source_id=role)])
        listed, = ann.messages()
        assert (listed.role, listed.source_id, listed.time) == (role, role, 7)
        assert ann.add_many([fovea.Message(role, "The lamp is red.\n", 7, source_id=role)]).skipped_messages == 1
        assert ann.erase(source_ids=[role], dry_run=True).messages == 1
        assert ann.erase(source_ids=[role[:-1] + "?"], dry_run=True).messages == 0
        assert ann.erase(source_ids=[role]).messages == 1 and ann.messages() == [] and ann.verify() == []
    assert bob.stats().messages == 1


@pytest.mark.parametrize("one, other", [("ann", "ann\0bob"), ("ann", "ANN"), ("ann", "ann "), ("é", "e\u0301"), ("ann", "an%"),
                                        ("ann", "an_"), ("ann", "*"), ("\udcff", "\udcfe"), ("a.b", "a?b"), ("ann", "ann'--")])
def test_names_of_users_that_look_alike_are_of_two_users(tmp_path, one, other):
    with fovea.Memory(tmp_path / "memory.db", scope=one, **QUICK) as first, \
            fovea.Memory(tmp_path / "memory.db", scope=other, **QUICK) as second:
        first.add_many(["The zebra's PIN is 4711."])
        first.finish()
        assert second.stats().messages == 0 and second.search("zebra").hits == [] and second.recall_all() == []
        assert second.scopes() == [] and second.pages(where=["agent ~ *"]) == [] and second.messages(where=["session ~ *"]) == []
        with pytest.raises(KeyError):
            second.recall(1)
        assert (first.scope.user, second.scope.user) == (one, other)
        with pytest.raises(KeyError, match="has nothing in scope"):
            second.erase_scope()
        assert "4711" in said(first) and first.verify() == []


def test_queries_of_any_text_find_or_say_why_not(tmp_path, bob):
    with fovea.Memory(tmp_path / "memory.db", scope="ann", **QUICK) as ann:
        ann.add_many([prose(60) + "zebra crossing\n"])
        ann.finish()
        for query in TEXTS.values():
            if not query.strip(" \t\r\n"):
                with pytest.raises(ValueError, match="query is empty"):
                    ann.search(query)
                continue
            found = ann.search(query)
            assert all(hit.id in (1, 2) for hit in found) and (found.hits or found.note or found.verbatim_snippet)
            assert all("Bob" not in piece.around for piece in ann.recall_pieces(query))
        for query in ("zebra\0crossing", "\udcff zebra", '"zebra crossing', "zebra*", "ZEBRA", "NEAR(zebra, 3)", "zebra OR x"):
            assert "zebra crossing" in ann.search(query, k=1)[0].snippet


def test_dicts_keep_their_text_whatever_it_holds(tmp_path):
    for name, text in TEXTS.items():
        with fovea.Memory(tmp_path / f"{name}.db", keep_secrets=True, **QUICK) as memory:
            memory.add_many([{"role": "user", "content": "before"}, {"role": "user", "content": text}])
            exact = "\ufffd and \ufffd" if name == "lone byte" else text  # JSON has no such bytes
            if text.strip():
                assert exact.rstrip("\n") in said(memory)


def test_a_file_of_any_bytes_is_kept_as_it_is(tmp_path, bob):
    data = bytes(range(256)) * 20
    (tmp_path / "\udcff odd name.bin").write_bytes(data)
    with fovea.Memory(tmp_path / "memory.db", scope="ann", keep_secrets=True, **QUICK) as ann:
        ann.add_file(tmp_path / "\udcff odd name.bin", format="text")
        assert said(ann).encode("utf-8", "surrogateescape") == data
        assert any("odd name.bin" in message.source_id for message in ann.messages())
    assert bob.stats().messages == 1


def test_errors_show_names_of_any_bytes(tmp_path):
    with pytest.raises(KeyError) as caught:
        fovea.read_tokens(tmp_path / "\udcff\n.fvt")
    assert "\\xff" in str(caught.value)
    with fovea.Memory(tmp_path / "memory.db", scope="\udcff") as memory, pytest.raises(KeyError) as caught:
        memory.recall(1)
    str(caught.value).encode()  # can be printed
    with pytest.raises(ValueError, match="no level is called"):
        fovea.side_of("\udcff\0" * 1000)


def test_reprs_of_any_text_can_be_shown(tmp_path):
    with fovea.Memory(tmp_path / "memory.db", scope="\udcff/a\nb", **QUICK) as memory:
        memory.add_many([fovea.Message("\udcff\n", "\udcff\n\0 " * 400, source_id="\ud800")])
        memory.finish()
        shown = [memory, memory.scope, memory.pages()[0], memory.messages()[0], memory.scopes()[0], memory.recall(1),
                 memory.search("x", k=1), memory.stats(), fovea.Message("\udcff", "\udcff" * 100), memory.picture(1),
                 memory.recall(1).spans[0], memory.recall(1).messages[0], *memory.history()]
        for one in shown:
            text = repr(one)
            assert "\n" not in text and len(text) < 400, type(one)
            json.dumps(text)


def test_texts_are_cut_where_a_character_ends():
    for letter in ("x", "é", "漢", "👩"):
        text = repr(fovea.Message("user", letter * 100))
        assert text == f"Message('user', '{letter * 60}'...)"
    assert repr(fovea.Message("user", "x" * 60)) == f"Message('user', '{'x' * 60}')"


def test_estimates_and_distances_take_any_text():
    for text in TEXTS.values():
        data = text.encode("utf-8", "surrogateescape")
        assert fovea.count_text_tokens(text) == fovea.count_text_tokens(data)
        assert fovea.accuracy(text, data) == 1
    assert fovea.count_text_tokens("") == 0 < fovea.count_text_tokens("x") and fovea.accuracy("", "") == 1
    assert fovea.accuracy("", "abc") == fovea.accuracy("abc", "") == fovea.accuracy("abc", "xyz") == 0
    assert fovea.accuracy("abcd", "abcx") == fovea.accuracy("漢字かな", "漢字かx") == 0.75  # characters, not bytes
    assert fovea.accuracy("ab", "ab" + "x" * 50) == 0  # never below


def test_nothing_of_another_user_is_in_what_is_exported(tmp_path, bob):
    with fovea.Memory(tmp_path / "memory.db", scope="ann", **QUICK) as ann:
        ann.add("A walrus.")
        ann.export_scope(tmp_path / "carried.db")
    assert b"zebra" not in (tmp_path / "carried.db").read_bytes()
    with sqlite3.connect(tmp_path / "carried.db") as carried:
        assert carried.execute("SELECT count(*) FROM scopes").fetchone() == (1,)
