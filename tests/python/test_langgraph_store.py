"""FoveaStore: what LangGraph asks of a store, whose items are found by words, and in real graphs."""

from __future__ import annotations

import asyncio
import datetime
import math
import operator
import os
import random
import stat
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, TypedDict

import pytest

pytest.importorskip("fovea._core", reason="built without FOVEA_BUILD_PYTHON")
pytest.importorskip("langgraph.graph", reason="pip install langgraph")
pytest.importorskip("langgraph.store.sqlite", reason="pip install langgraph-checkpoint-sqlite")

import fovea  # noqa: E402
from langchain_core.embeddings import Embeddings  # noqa: E402
from langgraph.graph import START, StateGraph  # noqa: E402
from langgraph.store.base import BaseStore, GetOp, ListNamespacesOp, PutOp, SearchOp  # noqa: E402
from langgraph.store.memory import InMemoryStore  # noqa: E402
from langgraph.store.sqlite import SqliteStore  # noqa: E402

from fovea.agents.langgraph import FoveaStore  # noqa: E402

pytestmark = pytest.mark.usefixtures("loaded")


@pytest.fixture
def store(tmp_path):
    store = FoveaStore(tmp_path / "memory.db")
    yield store
    store.close()


def keys(found) -> list[str]:
    return [item.key for item in found]


# What an item is found by


def test_items_are_kept_exactly_and_found_by_what_they_say(store):
    store.put(("ann", "facts"), "boat", {"text": "Her boat is called Albatross.", "year": 1998})
    store.put(("ann", "facts"), "cat", {"text": "The cat sleeps on the almanac."})
    store.put(("ann", "keys"), "pin", {"text": "the boat's pin"}, index=False)
    assert store.get(("ann", "facts"), "boat").value == {"text": "Her boat is called Albatross.", "year": 1998}
    found = store.search(("ann",), query="boats")
    assert keys(found) == ["boat"] and found[0].namespace == ("ann", "facts") and found[0].score > 0
    assert store.search(("ann",), query="submarine") == [] and store.search(("ann",), query="?!") == []


def test_an_item_is_found_by_the_paths_that_its_index_names(store):
    store.put(("a",), "k", {"notes": [{"text": "a red lamp"}, {"text": "a green one"}], "secret": "almanac"},
              index=["notes[*].text"])
    store.put(("a",), "other", {"text": "nothing to see"}, index=["title"])
    assert keys(store.search(("a",), query="green")) == ["k"] and store.search(("a",), query="almanac") == []


def test_a_rare_word_counts_more_than_common_ones_and_a_short_item_more_than_a_long_one(store):
    for number in range(20):
        store.put(("a",), f"day{number}", {"text": f"The keeper wrote names into his book on day {number}."})
    store.put(("a",), "storm", {"text": "The keeper wrote of a storm."})
    store.put(("a",), "long", {"text": "A storm. " + "The keeper wrote and wrote of other things. " * 20})
    assert keys(store.search(("a",), query="what the keeper wrote of the storm", limit=2)) == ["storm", "long"]


def test_words_of_scripts_without_spaces_are_found(store):
    texts = {"zh": "我的猫叫雪花，它喜欢睡在书上。", "ja": "これは日本語の文章です", "ko": "이건 한국어야", "th": "แมวของฉันชื่อหิมะ",
             "ru": "Это русский текст", "hi": "यह हिन्दी है"}
    for key, text in texts.items():
        store.put(("a",), key, {"text": text})
    for key, query in [("zh", "雪花"), ("ja", "日本語"), ("ko", "한국어"), ("th", "หิมะ"), ("ru", "Русский"), ("hi", "हिन्दी")]:
        assert keys(store.search(("a",), query=query))[:1] == [key]


def test_texts_with_any_character_are_kept_and_searched(store):
    store.put(("a",), "k", {"text": "a nul \0 and a quote ' \" and \U0001f680"})
    assert store.get(("a",), "k").value["text"].endswith("\U0001f680") and keys(store.search((), query="quote")) == ["k"]


# Users


def test_users_never_meet_whatever_the_others_hold(store):
    for user in range(70):
        store.put((f"user{user}", "facts"), "pin", {"text": f"The PIN of the boat is {1000 + user}.", "kind": "secret"})
        store.put((f"user{user}", "facts"), "boat", {"text": f"The boat {user} is red.", "kind": "plain"})
    for user in range(70):
        namespace = (f"user{user}",)
        assert [item.value["text"] for item in store.search(namespace, query="the boat's PIN", limit=1)] == \
            [f"The PIN of the boat is {1000 + user}."]
        assert {item.namespace[0] for item in store.search(namespace, query="boat", limit=100)} == {f"user{user}"}
        assert keys(store.search(namespace, query="boat", filter={"kind": "plain"}, limit=1)) == ["boat"]
    assert store.search(("user",), query="boat") == [] and len(store.search((), query="boat", limit=200)) == 140


def test_what_others_hold_moves_no_score(store):
    store.put(("ann",), "a", {"text": "a red lamp and a green one"})
    store.put(("ann",), "b", {"text": "a red boat"})
    before = [(item.key, item.score) for item in store.search(("ann",), query="red lamp")]
    for number in range(50):
        store.put(("bob",), str(number), {"text": "lamp " * number})
    assert [(item.key, item.score) for item in store.search(("ann",), query="red lamp")] == before


def test_names_of_users_are_taken_by_the_letter(store):
    for name in ("foo", "Foo", "foobar", "f*", "f?o", "[foo]", "foo_", "foo%"):
        store.put((name, "notes"), "k", {"text": name})
    for name in ("foo", "Foo", "foobar", "f*", "f?o", "[foo]", "foo_", "foo%"):
        assert {item.namespace for item in store.search((name,), limit=99)} == {(name, "notes")}
        assert store.list_namespaces(prefix=(name,)) == [(name, "notes")]


# What a put costs


def test_a_put_costs_the_same_however_much_there_is_and_an_update_rewrites_nothing(store, tmp_path):
    def written(count: int, begin: int) -> int:
        """Pages of SQLite that puts write, all of them in the log."""
        store.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        for number in range(begin, begin + count):
            store.put(("a",), str(number % 40), {"text": f"Item {number}: sixty characters, which is what an item has."})
        return (tmp_path / "memory.db.items-wal").stat().st_size

    store.conn.execute("PRAGMA wal_autocheckpoint = 0")
    first = written(40, 0)
    for number in range(400):
        store.put(("other",), str(number), {"text": f"Another item {number} of another user."})
    assert written(40, 40) < 4 * first  # updates


def test_a_failed_batch_changes_nothing(store):
    store.put(("a",), "k", {"text": "first"})
    with pytest.raises(TypeError):
        store.batch([PutOp(("a",), "k", {"text": "second"}), PutOp(("a",), "l", {"text": object()})])
    assert store.get(("a",), "k").value == {"text": "first"} and store.get(("a",), "l") is None


def test_what_is_put_anew_or_deleted_is_found_no_more_and_leaves_no_byte(store, tmp_path):
    store.put(("a",), "k", {"text": "the zebra sleeps"})
    created = store.get(("a",), "k").created_at
    store.put(("a",), "k", {"text": "the walrus sleeps"})
    item = store.get(("a",), "k")
    assert item.created_at == created and item.updated_at > created
    assert store.search(("a",), query="zebra") == [] and keys(store.search(("a",), query="walrus")) == ["k"]
    store.delete(("a",), "k")
    assert store.get(("a",), "k") is None and store.search(("a",), query="walrus") == []
    assert all(word not in path.read_bytes() for path in tmp_path.iterdir() for word in (b"walrus", b"zebra"))


def test_its_files_are_the_owners_alone_and_a_key_is_refused_for_what_it_would_not_seal(store, tmp_path):
    before = os.umask(0o022)
    try:
        FoveaStore(tmp_path / "other.db").close()
    finally:
        os.umask(before)
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in tmp_path.iterdir())
    with pytest.raises(ValueError, match="would not be encrypted"):
        FoveaStore(tmp_path / "sealed.db", key=bytes(32))
    assert not list(tmp_path.glob("sealed*"))


# As LangGraph's own stores


def test_it_answers_as_langgraphs_own_store_does(store):
    """Everything but `query`, which ranks by other means."""
    own = InMemoryStore()
    asked = random.Random(0)
    for step in range(120):
        namespace = ("ann", asked.choice(["facts", "notes"]))[:asked.randint(1, 2)]
        key = asked.choice("abc")
        value = {"number": step % 7, "kind": "odd" if step % 2 else "even", "deep": {"flag": step % 3 == 0}}
        for each in (store, own):
            if step % 5 == 4:
                each.delete(namespace, key)
            else:
                each.put(namespace, key, value)
        here, there = (each.get(namespace, key) for each in (store, own))
        assert (here and here.value) == (there and there.value)
    for options in ({}, {"filter": {"kind": "odd"}}, {"filter": {"number": {"$gte": 3}}}, {"filter": {"number": 2}},
                    {"filter": {"number": {"$ne": 2}}}, {"filter": {"number": {"$gt": 1, "$lt": 5}, "kind": "even"}},
                    {"filter": {"deep": {"flag": True}}}, {"limit": 2}, {"limit": 2, "offset": 1}):
        found, expected = (each.search(("ann",), **options) for each in (store, own))
        assert len(found) == len(expected)
        if "limit" not in options:
            assert {(item.namespace, item.key): item.value for item in found} == \
                {(item.namespace, item.key): item.value for item in expected}
    for options in ({}, {"prefix": ("ann",)}, {"suffix": ("notes",)}, {"max_depth": 1}, {"prefix": ("*", "notes")},
                    {"limit": 1}, {"prefix": ("nobody",)}):
        assert sorted(store.list_namespaces(**options)) == sorted(own.list_namespaces(**options))


def test_a_batch_answers_in_its_order_reading_before_it_writes(store):
    store.put(("t", "foo"), "one", {"data": 1})
    got, put, found, named, missing = store.batch([
        GetOp(("t", "foo"), "one"), PutOp(("t", "bar"), "two", {"data": 2}), SearchOp(("t",), filter={"data": 1}),
        ListNamespacesOp(), GetOp(("t",), "three")])
    assert got.value == {"data": 1} and put is None and keys(found) == ["one"]
    assert named == [("t", "foo")] and missing is None and store.get(("t", "bar"), "two").value == {"data": 2}
    with pytest.raises(ValueError):
        store.batch([PutOp(("with.dot",), "k", {"a": 1})])


def test_filters_compare_by_kind_and_take_no_sql(store):
    for key, price in [("a", 2), ("b", 9), ("c", 10), ("d", 9.5), ("e", "cheap"), ("f", None), ("g", True)]:
        store.put(("shop",), key, {"price": price, "user": {"access-level": key}, "1st": key, "tags": [key]})

    def fitting(**wanted) -> str:
        return "".join(sorted(keys(store.search(("shop",), filter=wanted, limit=99))))

    assert fitting(price={"$gt": 9}) == "cd" and fitting(price={"$lte": 9}) == "abg" and fitting(price={"$gt": "a"}) == "e"
    assert fitting(price=True) == "g" and fitting(price=None) == "f" and fitting(price=9) == "b"
    assert fitting(price={"$lt": math.inf}) == "abcdg" and fitting(price=math.nan) == "" and fitting(price={"$lt": 10**100}) \
        == "abcdg"
    assert fitting(**{"user.access-level": "b"}) == "b" and fitting(**{"1st": "c"}) == "c" and fitting(tags=["d"]) == "d"
    assert fitting(price="x' OR '1'='1") == ""
    for wrong in ({"price') = 1 OR ('1": 1}, {"": 1}):
        with pytest.raises(ValueError, match="Invalid filter key"):
            store.search(("shop",), filter=wrong)
    with pytest.raises(fovea.InvalidArgument, match="unsupported operator \\$near"):
        store.search(("shop",), filter={"price": {"$near": 1}})


def test_what_langgraphs_own_store_wrote_is_found_too(tmp_path):
    with SqliteStore.from_conn_string(str(tmp_path / "memory.db.items")) as own:
        own.setup()
        own.put(("a",), "k", {"text": "the lamp is red"})
    with FoveaStore.from_conn_string(str(tmp_path / "memory.db")) as store:
        assert keys(store.search(("a",), query="lamp")) == ["k"]


def test_a_store_whose_steps_nobody_noted_or_that_two_open_at_once_opens(tmp_path):
    with FoveaStore.from_conn_string(str(tmp_path / "memory.db")) as store:
        store.put(("ann",), "k", {"text": "the lamp is red"})
        store.conn.execute("DROP TABLE store_migrations")
    with FoveaStore.from_conn_string(str(tmp_path / "memory.db")) as store:
        store.put(("bob",), "k", {"text": "the lamp is blue"})
        assert [item.value["text"] for item in store.search(("ann",), query="lamp")] == ["the lamp is red"]
    with ThreadPoolExecutor(8) as threads:
        for number in range(10):
            together = threading.Barrier(8)

            def opened(path=str(tmp_path / f"new{number}.db"), together=together) -> None:
                together.wait(60)
                FoveaStore(path).close()

            for done in [threads.submit(opened) for _ in range(8)]:
                done.result(60)


def test_a_store_in_memory_leaves_no_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with FoveaStore.from_conn_string(":memory:") as store, FoveaStore.from_conn_string(":memory:") as other:
        store.put(("a",), "k", {"text": "the lamp is red"})
        assert keys(store.search(("a",), query="lamp")) == ["k"] and other.search(()) == []
    assert list(tmp_path.iterdir()) == []


# Time of life


def expire(store: FoveaStore, key: str, written_as: str) -> None:
    """An hour ago, as LangGraph's stores write times and as SQLite does."""
    then = datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=1)
    store.conn.execute("UPDATE store SET expires_at = ? WHERE key = ?", (then.strftime(written_as), key))


@pytest.mark.parametrize("written_as", ["%Y-%m-%d %H:%M:%S.%f+00:00", "%Y-%m-%d %H:%M:%S"])
def test_an_item_whose_time_is_over_is_not_served_and_goes_with_the_next_sweep(tmp_path, written_as):
    store = FoveaStore(tmp_path / "memory.db", ttl={"default_ttl": 60})
    for key in ("old", "new"):
        store.put(("a", key), key, {"text": "the lamp is red"})
    expire(store, "old", written_as)
    assert store.get(("a", "old"), "old") is None and keys(store.search(("a",))) == ["new"]
    assert keys(store.search(("a",), query="lamp")) == ["new"] and store.list_namespaces() == [("a", "new")]
    assert store.sweep_ttl() == 1 and store.sweep_ttl() == 0
    assert store.conn.execute("SELECT count(*) FROM fovea_items").fetchone() == (1,)
    store.close()


def test_an_item_whose_time_is_over_is_served_where_the_store_is_told_to_and_only_there(tmp_path):
    """Told when it is opened or later, as LangGraph's own stores are."""
    store = FoveaStore(tmp_path / "memory.db", ttl={"default_ttl": 60, "refresh_on_read": True})
    for namespace in (("ann",), ("bob",)):
        store.put(namespace, "old", {"text": f"the lamp of {namespace[0]}"})
    expire(store, "old", "%Y-%m-%d %H:%M:%S.%f+00:00")
    assert store.search(()) == [] and store.get(("ann",), "old") is None  # and reading has renewed nothing
    store.ttl_config["omit_expired"] = False
    assert [item.value["text"] for item in store.search(("ann",), query="lamp", refresh_ttl=False)] == ["the lamp of ann"]
    assert store.list_namespaces() == [("ann",), ("bob",)]
    store.ttl_config["omit_expired"] = True
    assert store.search(()) == [] and store.sweep_ttl() == 2
    store.close()


def test_reading_renews_a_time_of_life_where_the_store_is_to_do_that(tmp_path):
    store = FoveaStore(tmp_path / "memory.db", ttl={"default_ttl": 5, "refresh_on_read": True})
    for key in ("got", "found", "left", "forever"):
        store.put(("a",), key, {"text": key}, **({"ttl": None} if key == "forever" else {}))

    def ends(key: str) -> str:  # of one form, whoever wrote it: they sort as the times do
        return store.conn.execute("SELECT expires_at FROM store WHERE key = ?", (key,)).fetchone()[0]

    before = {key: ends(key) for key in ("got", "found", "left")}
    store.get(("a",), "got")
    store.search(("a",), query="found")
    store.search(("a",), query="left", refresh_ttl=False)
    assert ends("got") > before["got"] and ends("found") > before["found"] and ends("left") == before["left"]
    assert ends("forever") is None
    store.close()


def test_a_sweeper_deletes_by_itself(tmp_path):
    store = FoveaStore(tmp_path / "memory.db", ttl={"default_ttl": 0.001, "sweep_interval_minutes": 0.001})
    store.put(("a",), "k", {"text": "soon over"})
    store.start_ttl_sweeper()
    until = time.monotonic() + 120
    while store.conn.execute("SELECT count(*) FROM store").fetchone() != (0,):
        assert time.monotonic() < until
        time.sleep(0.05)
    assert store.stop_ttl_sweeper(120)
    store.close()


# Embeddings


class Letters(Embeddings):
    """By how often each letter is there."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        return [float(text.lower().count(letter)) for letter in "abcdefghijklmnopqrstuvwxyz"]


def with_index(tmp_path, **index) -> FoveaStore:
    return FoveaStore(tmp_path / "memory.db", index={"dims": 26, "embed": Letters(), **index})


def test_with_an_index_items_are_ranked_by_embeddings_with_every_filter(tmp_path):
    store = with_index(tmp_path, fields=["text"])
    for number in range(60):
        store.put(("other",), str(number), {"text": "zzzz", "color": "blue"})
    store.put(("a",), "zebra", {"text": "zzz", "color": "red"})
    store.put(("a",), "apple", {"text": "az", "color": "red"})
    store.put(("a",), "plum", {"text": "plum", "color": "blue"})
    store.put(("a",), "hidden", {"text": "zzzz"}, index=False)
    assert keys(store.search(("a",), query="zzz")) == ["zebra", "apple", "plum"]
    assert keys(store.search(("a",), query="zzz", filter={"color": "blue"})) == ["plum"]
    assert keys(store.search(("a",), query="zzz", limit=1, offset=1)) == ["apple"]
    store.put(("a",), "zebra", {"text": "owl", "color": "red"})
    assert store.search(("a",), query="zzz")[0].key == "apple"
    store.delete(("a",), "apple")
    store.put(("a",), "apple", {"text": "apple"}, index=False)
    assert "apple" not in keys(store.search(("a",), query="az"))
    store.close()


@pytest.mark.parametrize("distance, expected", [
    ("cosine", [("a", 1), ("ab", 1 / math.sqrt(2)), ("bbb", 0)]),
    ("l2", [("a", 0), ("ab", -1), ("bbb", -math.sqrt(10))]),
    ("inner_product", [("ab", 1), ("a", 1), ("bbb", 0)])])
def test_every_distance_ranks_the_nearest_first(tmp_path, distance, expected):
    store = with_index(tmp_path, text_fields=["text"], distance_type=distance)
    for key in ("a", "ab", "bbb"):
        store.put(("a",), key, {"text": key})
    found = [(item.key, item.score) for item in store.search(("a",), query="a")]
    assert [key for key, _ in found] == [key for key, _ in expected]
    assert [score for _, score in found] == pytest.approx([score for _, score in expected], abs=1e-6)
    store.close()


def test_an_item_with_several_texts_is_found_once_by_its_nearest(tmp_path):
    store = with_index(tmp_path, fields=["notes[*]"])
    store.put(("a",), "many", {"notes": ["xxx", "aaa", "yyy"]})
    store.put(("a",), "one", {"notes": ["aab"]})
    found = store.search(("a",), query="aaa")
    assert keys(found) == ["many", "one"] and found[0].score == pytest.approx(1)
    store.close()


# Graphs


def test_a_graph_uses_the_store_in_its_nodes(store):
    class State(TypedDict):
        found: Annotated[list[str], operator.add]

    async def look(state: State, *, store: BaseStore) -> State:
        await store.aput(("notes",), "n", {"text": "the lamp is red"})
        return {"found": keys(await store.asearch(("notes",), query="lamp"))}

    graph = StateGraph(State).add_node("look", look).add_edge(START, "look").compile(store=store)
    assert asyncio.run(graph.ainvoke({"found": []}))["found"] == ["n"]
