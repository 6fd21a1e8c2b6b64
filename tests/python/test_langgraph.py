"""FoveaStore and FoveaSaver in real graphs, and LangGraph's own conformance suite for checkpointers."""

from __future__ import annotations

import asyncio
import operator
import random
from typing import Annotated, TypedDict

import pytest

pytest.importorskip("fovea._core", reason="built without FOVEA_BUILD_PYTHON")
pytest.importorskip("langgraph.graph", reason="pip install langgraph")
pytest.importorskip("langgraph.store.sqlite", reason="pip install langgraph-checkpoint-sqlite")

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage  # noqa: E402
from langgraph.graph import START, StateGraph  # noqa: E402
from langgraph.graph.message import add_messages  # noqa: E402
from langgraph.store.base import BaseStore  # noqa: E402
from langgraph.store.memory import InMemoryStore  # noqa: E402

from fovea.agents.langgraph import FoveaSaver, FoveaStore  # noqa: E402


@pytest.fixture
def store(tmp_path):
    store = FoveaStore(tmp_path / "memory.db", level="tiny")
    yield store
    store.close()


def test_items_are_kept_exactly_and_found_by_what_they_say(store):
    store.put(("ann", "facts"), "boat", {"text": "Her boat is called Albatross.", "year": 1998})
    store.put(("ann", "facts"), "cat", {"text": "The cat sleeps on the almanac."})
    store.put(("bob", "facts"), "boat", {"text": "Bob has a boat, too."})
    store.put(("ann", "keys"), "pin", {"text": "the boat's pin"}, index=False)
    assert store.get(("ann", "facts"), "boat").value == {"text": "Her boat is called Albatross.", "year": 1998}
    found = store.search(("ann",), query="boat", limit=2)
    assert (found[0].key, found[0].namespace) == ("boat", ("ann", "facts")) and found[0].score > 0
    assert {item.namespace[0] for item in found} == {"ann"} and "pin" not in {item.key for item in found}
    assert [item.key for item in store.search(("ann",), query="boat", filter={"year": 1998})] == ["boat"]
    assert sorted(store.list_namespaces(max_depth=1)) == [("ann",), ("bob",)]


def test_an_item_is_found_by_the_paths_that_its_index_names(store):
    store.put(("a",), "k", {"notes": [{"text": "a red lamp"}, {"text": "a green one"}], "secret": "almanac"},
              index=["notes[*].text"])
    store.put(("a",), "other", {"text": "nothing to see"}, index=["title"])
    assert store.memory.stats().pages == 1
    assert [item.key for item in store.search(("a",), query="green")] == ["k"]
    assert store.memory.search("almanac").note.startswith("no page has these words")


def test_it_answers_as_langgraphs_own_store_does(store):
    """Everything but `query`, which ranks by other means."""
    own = InMemoryStore()
    asked = random.Random(0)
    for step in range(40):
        namespace = ("ann", asked.choice(["facts", "notes"]))[:asked.randint(1, 2)]
        key = asked.choice("abc")
        for each in (store, own):
            if step % 5 == 4:
                each.delete(namespace, key)
            else:
                each.put(namespace, key, {"number": step % 7, "kind": "odd" if step % 2 else "even"}, index=False)
        here, there = (each.get(namespace, key) for each in (store, own))
        assert (here and here.value) == (there and there.value)
    for options in ({}, {"filter": {"kind": "odd"}}, {"filter": {"number": {"$gte": 3}}}, {"limit": 2}):
        found, expected = (each.search(("ann",), **options) for each in (store, own))
        assert len(found) == len(expected)
        if "limit" not in options:
            assert {(item.namespace, item.key): item.value for item in found} == \
                {(item.namespace, item.key): item.value for item in expected}
    for options in ({}, {"prefix": ("ann",)}, {"suffix": ("notes",)}, {"max_depth": 1}):
        assert sorted(store.list_namespaces(**options)) == sorted(own.list_namespaces(**options))


def test_what_is_put_anew_or_deleted_leaves_no_page_behind(store):
    store.put(("a",), "k", {"text": "first"})
    store.put(("a",), "k", {"text": "second"})
    assert store.memory.stats().pages == 1 and "second" in store.search(("a",), query="second")[0].value["text"]
    store.delete(("a",), "k")
    assert store.memory.stats().pages == 0 and store.get(("a",), "k") is None and store.search(("a",), query="x") == []


def test_a_graph_uses_the_store_in_its_nodes(store):
    class State(TypedDict):
        found: Annotated[list[str], operator.add]

    async def look(state: State, *, store: BaseStore) -> State:
        await store.aput(("notes",), "n", {"text": "the lamp is red"})
        return {"found": [item.key for item in await store.asearch(("notes",), query="lamp")]}

    graph = StateGraph(State).add_node("look", look).add_edge(START, "look").compile(store=store)
    assert asyncio.run(graph.ainvoke({"found": []}))["found"] == ["n"]


class Chat(TypedDict):
    messages: Annotated[list[AnyMessage], add_messages]


def test_a_checkpointer_remembers_the_messages_of_its_threads(tmp_path):
    saver = FoveaSaver(tmp_path / "memory.db")
    answer = lambda state: {"messages": [AIMessage(f"I heard {len(state['messages'])} messages.")]}  # noqa: E731
    graph = StateGraph(Chat).add_node("answer", answer).add_edge(START, "answer").compile(checkpointer=saver)
    for text in ("The lamp is red.", "And green?"):
        graph.invoke({"messages": [HumanMessage(text)]}, {"configurable": {"thread_id": "t1"}})
    graph.invoke({"messages": [HumanMessage("Another thread.")]}, {"configurable": {"thread_id": "t2"}})
    assert len(graph.get_state({"configurable": {"thread_id": "t1"}}).values["messages"]) == 4
    assert saver.memory("t1").verbatim() == ("user:\nThe lamp is red.\n\nassistant:\nI heard 1 messages.\n\n"
                                             "user:\nAnd green?\n\nassistant:\nI heard 3 messages.\n\n")
    saver.delete_thread("t1")
    assert saver.memory("t1").stats().messages == 0 and saver.memory("t2").stats().messages == 2
    saver.close()


def test_the_conformance_suite_of_langgraph_passes(tmp_path):
    conformance = pytest.importorskip("langgraph.checkpoint.conformance",
                                      reason="pip install langgraph-checkpoint-conformance")
    folders = iter(range(1000))

    @conformance.checkpointer_test(name="FoveaSaver")
    async def made():
        saver = FoveaSaver(tmp_path / f"{next(folders)}.db")
        yield saver
        saver.close()

    report = asyncio.run(conformance.validate(made))
    assert report.passed_all_base(), report
