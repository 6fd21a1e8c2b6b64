"""fovea.Memory.search: conditions, why a page stands where it does, and why none was found."""

from __future__ import annotations

import pytest

from harbour import prose

pytest.importorskip("fovea._core", reason="built without FOVEA_BUILD_PYTHON")

import fovea  # noqa: E402

pytestmark = pytest.mark.usefixtures("loaded")

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
    elsewhere = memory.search("00010", where=["agent = nobody"]).note
    assert elsewhere == "the conditions leave no page in any scope of user default"
    assert "no text here shares a word with the query" in memory.search("zeppelin").note
    assert memory.search("zeppelin").hits == [] and memory.recall("zeppelin") == []
    with fovea.Memory(memory.path, scope="nobody") as nobody:
        assert "has nothing in scope nobody/" in nobody.search("ships").note


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


# What is held


def test_messages_and_pages_are_listed_with_what_they_are(memory):
    messages = memory.messages()
    assert messages[-1].begins == "The heron waits by the water." and messages[-1].pages == [] and messages[-1].level is None
    assert messages[0].pages[0] == 1 and messages[0].tokens > 100 and "MessageInfo(" in repr(messages[0])
    assert [message.id for message in memory.messages(limit=1)] == [messages[-1].id]
    assert all(message.role == "user" for message in memory.messages(where=["role = user"]))
    assert memory.messages(where=["role = robot"]) == []
    page = memory.pages(limit=1)[0]
    assert page.id == memory.pages()[-1].id and page.vision_tokens > 0 and page.text_bytes >= page.characters
    assert memory.pages(where=["level = trace"]) == []
    with pytest.raises(ValueError, match="limit"):
        memory.pages(limit=0)
    with pytest.raises(ValueError, match="mood"):
        memory.messages(where=["mood = good"])


def test_scopes_are_the_users_own_unless_all_are_asked_for(memory):
    with fovea.Memory(memory.path, scope="bob/coder") as bob:
        bob.add("Bob's note.")
        assert [str(held.scope) for held in bob.scopes()] == ["bob/coder/default"]
        assert len(bob.scopes(everyone=True)) == 2 and bob.scopes()[0].messages == 1
        bob.erase_scope()


def test_a_scope_that_must_exist_names_near_ones(memory, tmp_path):
    with pytest.raises(fovea.NotFound, match="did you mean default/default/default"):
        fovea.Memory(memory.path, scope="defualt", existing=True)
    with pytest.raises(KeyError, match="does not exist"):
        fovea.Memory(tmp_path / "none.db", existing=True)
    assert not (tmp_path / "none.db").exists()
    with fovea.Memory(memory.path, existing=True) as same:
        assert same.stats().pages


def test_what_a_bound_memory_says_names_no_other_user(memory):
    with fovea.Memory(memory.path, scope="ann/secret-project") as ann:
        ann.add("Ann's note.")
    with fovea.Memory(memory.path, scope="amn/secret-project") as amn:
        assert "ann" not in amn.search("note").note
        with pytest.raises(fovea.NotFound) as error:
            amn.recall(1)
        assert "ann" not in str(error.value)
    with fovea.Memory(memory.path, scope="ann/secret-projekt") as near, pytest.raises(fovea.NotFound, match="secret-project"):
        near.recall(1)
    with fovea.Memory(memory.path, scope="ann/secret-project") as ann:
        ann.erase_scope()


def test_phrases_and_beginnings_of_words(memory):
    assert memory.search('"The eleven ships left"').hits and memory.search("harbo*").hits
    assert memory.search('"ships eleven The"').note.startswith("nothing has the words in quotes")
    assert memory.search('"waits by the"').verbatim_snippet == "The heron waits by the water."
    assert memory.recall_pieces('"heron waits" ships')[0].text.strip() == "The heron waits by the water."
    assert memory.search('"waits by the"').note == "no page has the words in quotes; text that does not fill a page yet has them"
    assert memory.search('a "quote that does not close').note is not None


def test_conditions_on_messages_hold_for_pieces_and_for_text_on_no_page(memory):
    assert memory.recall_pieces("heron", where=["role = user"])[0].role == "user"
    assert memory.recall_pieces("heron", where=["role = tool"]) == []
    assert memory.search("heron", where=["role = tool"]).verbatim_snippet == ""
    assert memory.recall("00010", where=["role = user"], k=1)[0].id == 1


def test_recalled_text_says_which_messages_it_is_of(memory):
    page = memory.recall(1)
    assert sum(part.length for part in page.messages) == len(page.text) and page.messages[0].role == "user"
    assert page.messages[0].begins and page.messages[0].begin == 0
