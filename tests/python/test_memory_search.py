"""fovea.Memory.search: conditions, why a page stands where it does, and why none was found."""

from __future__ import annotations

import pytest

from harbour import prose

pytest.importorskip("fovea._core", reason="built without FOVEA_BUILD_PYTHON")

import fovea  # noqa: E402

PAGE = 60  # lines: a page and a little more


@pytest.fixture(scope="module")
def memory(tmp_path_factory):
    """Two pages at tiny and a line that fills none."""
    with fovea.Memory(tmp_path_factory.mktemp("search") / "memory.db", level="tiny", measured_pages=0) as memory:
        memory.add_many([prose(2 * PAGE)])
        memory.finish()
        memory.add("The heron waits by the water.")
        yield memory


def test_a_result_is_a_sequence_of_hits(memory):
    found = memory.search("00010 ships")
    assert len(found) == len(found.hits) >= 2 and found[0].id == 1 and found[-1].id == found.hits[-1].id
    assert [hit.id for hit in found] == [hit.id for hit in found.hits] and bool(found)
    with pytest.raises(IndexError, match="hit 99 of"):
        found[99]


def test_a_hit_says_why_it_stands_where_it_does(memory):
    first = memory.search("00010 ships", k=1, recency=0.5)[0]
    assert first.words.rank == 1 and first.likeness is None and first.bm25 is not None
    assert first.recency.adds == pytest.approx(0.5 / (60 + first.recency.rank))
    assert first.score == pytest.approx(first.words.adds + first.recency.adds)
    assert str(first.scope) == "default/default/default"


def test_a_search_is_narrowed_by_conditions(memory):
    assert memory.search("00010", k=1, where=["role = user", "level in small, tiny"])[0].id == 1
    with pytest.raises(ValueError, match="mood"):
        memory.search("00010", where=["mood = good"])


def test_nothing_found_says_why(memory, tmp_path):
    none = memory.search("00010", where=["level = trace"])
    assert not none and "the conditions leave none of the" in none.note
    assert "no text here shares a word with the query" in memory.search("zeppelin").note
    assert memory.search("zeppelin").hits == [] and memory.recall("zeppelin") == []
    with fovea.Memory(memory.path, scope="nobody") as nobody:
        assert "the store has nothing of scope nobody/" in nobody.search("ships").note


def test_text_that_fills_no_page_yet_is_found_as_a_snippet(memory):
    found = memory.search("heron")
    assert found.verbatim_snippet == "The heron waits by the water." and "heron" in repr(found)
    assert memory.search("ships").verbatim_snippet == ""


def test_a_hit_shows_the_piece_that_won(memory):
    hit = memory.search("00010 ships", k=1)[0]
    assert "00010 The" in hit.snippet and len(hit.snippet) <= 400 and hit.piece > 0 and hit.speaker == "user"


def test_the_pieces_that_answer_come_with_what_is_around_them(memory):
    first, *rest = memory.recall_pieces("00010", k=2)
    assert "00010 The" in first.text and first.page == 1 and len(first.text) <= 400
    assert first.text.strip() in first.around and len(first.around) > len(first.text)
    assert memory.recall_pieces("heron")[0].page == 0
    assert memory.recall_pieces("zeppelin") == []
    with pytest.raises(ValueError, match="empty"):
        memory.recall_pieces(" ")
