"""How LangGraph's items are ranked: BM25 and vectors in SQL, beside both written out in Python."""

from __future__ import annotations

import math
import random
import re
import sqlite3

import numpy as np
import pytest

pytest.importorskip("fovea._core", reason="built without FOVEA_BUILD_PYTHON")
pytest.importorskip("langgraph.store.sqlite", reason="pip install langgraph-checkpoint-sqlite")

from fovea.agents.langgraph import FoveaStore  # noqa: E402
from fovea.agents.langgraph.filters import Condition  # noqa: E402
from fovea.agents.langgraph.ranking import by_vectors, by_words  # noqa: E402
from fovea.agents.langgraph.words import Words  # noqa: E402

pytestmark = pytest.mark.usefixtures("loaded")

VOCABULARY = ["ship", "harbour", "keeper", "name", "book", "noon", "lamp", "gale"]
DIMENSIONS = 8


@pytest.fixture
def store(tmp_path):
    store = FoveaStore(tmp_path / "memory.db", index={"dims": DIMENSIONS, "embed": lambda texts: [[1.0] * DIMENSIONS] * len(texts)})
    yield store
    store.close()


def everything() -> Condition:
    return Condition()


def below(*namespace: str) -> Condition:
    condition = Condition()
    condition.below(namespace)
    return condition


def put(store: FoveaStore, rng: random.Random, namespace: str, count: int) -> dict[int, list[str]]:
    """By item the words that it was given."""
    words = {}
    for number in range(count):
        given = [rng.choice(VOCABULARY) for _ in range(rng.randint(1, 30))]
        store.put((namespace,), str(number), {"text": " ".join(given)}, index=["text"])
        item, = store.conn.execute("SELECT id FROM fovea_items WHERE prefix = ? AND key = ?", (namespace, str(number))).fetchone()
        words[item] = given
    return words


def bm25(items: dict[int, list[str]], query: list[str]) -> dict[int, float]:
    """By its definition, with k1 = 1.2 and b = 0.75."""
    mean = sum(map(len, items.values())) / len(items)
    scores: dict[int, float] = {}
    for word in query:
        have = [item for item, words in items.items() if word in words]
        rarity = math.log(1 + (len(items) - len(have) + 0.5) / (len(have) + 0.5))
        for item in have:
            count, length = items[item].count(word), len(items[item])
            part = rarity * count * 2.2 / (count + 1.2 * (0.25 + 0.75 * length / mean))
            scores[item] = scores.get(item, 0.0) + part
    return scores


def test_words_rank_as_bm25_has_it_over_the_allowed_items_alone(store):
    rng = random.Random(1)
    ann, bob = put(store, rng, "ann", 40), put(store, rng, "bob", 60)
    for query in (["gale"], ["ship", "harbour"], ["lamp", "noon", "book"]):
        for allowed, items in ((below("ann"), ann), (below("bob"), bob), (everything(), {**ann, **bob})):
            found = by_words(store.conn.cursor(), allowed, Words().of_query(" ".join(query)))
            expected = bm25(items, query)
            assert dict(found).keys() == expected.keys()
            assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)
            for item, score in found:
                assert score == pytest.approx(expected[item])


def test_what_nobody_has_and_an_empty_query_find_nothing(store):
    put(store, random.Random(2), "ann", 5)
    cursor = store.conn.cursor()
    assert by_words(cursor, everything(), []) == by_words(cursor, everything(), ["walrus"]) == []
    assert by_words(cursor, below("nobody"), ["ship"]) == []


@pytest.mark.parametrize("distance", ["cosine", "l2", "inner_product"])
def test_vectors_rank_as_their_distance_has_it_and_another_user_is_not_among_them(store, distance):
    rng = np.random.default_rng(3)
    put(store, random.Random(3), "ann", 30), put(store, random.Random(4), "bob", 30)
    vectors = {}
    for item, prefix, key in store.conn.execute("SELECT id, prefix, key FROM fovea_items").fetchall():
        vectors[item] = rng.normal(size=DIMENSIONS).astype(np.float32) if int(key) % 7 else np.zeros(DIMENSIONS, np.float32)
        store.conn.execute("UPDATE store_vectors SET embedding = ? WHERE prefix = ? AND key = ?",
                           (vectors[item].tobytes(), prefix, key))
    query = rng.normal(size=DIMENSIONS).astype(np.float32)
    own = {item for item, in store.conn.execute("SELECT id FROM fovea_items WHERE prefix = 'ann'")}

    def nearness(vector):
        if distance == "l2":
            return -float(np.linalg.norm(vector - query))
        product = float(vector @ query)
        length = float(np.linalg.norm(vector) * np.linalg.norm(query))
        return product if distance == "inner_product" else product / length if length else product

    found = by_vectors(store.conn.cursor(), below("ann"), list(query), distance)
    assert {item for item, _ in found} == own
    for item, score in found:
        assert score == pytest.approx(nearness(vectors[item]), abs=1e-5)
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)


def test_of_an_item_with_several_vectors_the_nearest_counts(store):
    store.put(("ann",), "both", {"a": "one", "b": "two"}, index=["a", "b"])
    store.put(("ann",), "one", {"a": "one"}, index=["a"])
    far, near = np.array([-1.0] + [0.0] * 7, np.float32), np.array([1.0] + [0.0] * 7, np.float32)
    for key, field, vector in (("both", "a.0", far), ("both", "b.0", near), ("one", "a.0", far)):
        done = store.conn.execute("UPDATE store_vectors SET embedding = ? WHERE key = ? AND field_name = ?",
                                  (vector.tobytes(), key, field))
        assert done.rowcount == 1
    scores = by_vectors(store.conn.cursor(), below("ann"), list(near), "cosine")
    assert [score for _, score in scores] == pytest.approx([1.0, -1.0])


@pytest.mark.parametrize("text, words", [
    ("", {}), ("Ships, ship's SHIP", {"ship": 3, "s": 1}), ("naïve café", {"naiv": 1, "cafe": 1}), ("a\0b", {"a": 1, "b": 1}),
    ("x\udcff y", {"x": 1, "y": 1}), ("...", {}),
    ("東京", {"東": 1, "京": 1, "東京": 1}), ("in 東京都", {"in": 1, "東": 1, "京": 1, "都": 1, "東京": 1, "京都": 1})])
def test_words_are_folded_and_stemmed_and_unspaced_scripts_are_pairs(text, words):
    assert Words().of_text(text) == words


def test_a_query_of_an_unspaced_script_asks_for_its_pairs(store):
    store.put(("ann",), "a", {"text": "東京都"})
    store.put(("ann",), "b", {"text": "京都"})
    assert sorted(Words().of_query("東京")) == ["東京"] and Words().of_query("京") == ["京"]
    words = Words()
    for query, keys in (("東京", {"a"}), ("京都", {"a", "b"}), ("京", {"a", "b"}), ("都京", set())):
        found = by_words(store.conn.cursor(), below("ann"), words.of_query(query))
        assert len(found) == len(keys)


def test_any_text_leaves_the_counter_as_it_was():
    words, rng = Words(), random.Random(5)
    for _ in range(200):
        text = "".join(chr(rng.choice([rng.randrange(128), rng.randrange(0x3000, 0x9fff), rng.randrange(0xd800, 0xdfff)]))
                       for _ in range(rng.randrange(30)))
        counted = words.of_text(text)
        assert counted == words.of_text(text) and all(count > 0 for count in counted.values())
        assert all(not re.search(r"\s", word) for word in counted)
    assert words.of_text("two ships") == {"two": 1, "ship": 1}


def test_a_store_without_an_index_has_no_vectors_to_rank(tmp_path):
    store = FoveaStore(tmp_path / "plain.db")
    store.put(("ann",), "a", {"text": "the ship"})
    assert [item.key for item in store.search(("ann",), query="ships")] == ["a"]
    with pytest.raises(sqlite3.OperationalError, match="store_vectors"):
        by_vectors(store.conn.cursor(), everything(), [1.0], "cosine")
    store.close()
