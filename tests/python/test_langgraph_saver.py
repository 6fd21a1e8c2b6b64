"""FoveaSaver in real graphs, and LangGraph's own conformance suite for checkpointers."""

from __future__ import annotations

import asyncio
from typing import Annotated, TypedDict

import pytest

pytest.importorskip("fovea._core", reason="built without FOVEA_BUILD_PYTHON")
pytest.importorskip("langgraph.graph", reason="pip install langgraph")
pytest.importorskip("langgraph.store.sqlite", reason="pip install langgraph-checkpoint-sqlite")

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, RemoveMessage  # noqa: E402
from langgraph.graph import START, StateGraph  # noqa: E402
from langgraph.graph.message import REMOVE_ALL_MESSAGES, add_messages  # noqa: E402

from fovea.agents.langgraph import FoveaSaver  # noqa: E402


class Chat(TypedDict):
    messages: Annotated[list[AnyMessage], add_messages]


@pytest.fixture
def saver(tmp_path):
    saver = FoveaSaver(tmp_path / "memory.db")
    yield saver
    saver.close()


def graph_of(saver, answer=lambda state: {"messages": [AIMessage(f"I heard {len(state['messages'])} messages.")]}):
    return StateGraph(Chat).add_node("answer", answer).add_edge(START, "answer").compile(checkpointer=saver)


def thread(name: str) -> dict:
    return {"configurable": {"thread_id": name}}


def remembered(saver, name: str) -> str:
    with saver.memory(name) as memory:
        return "".join(item.text for item in memory.recall_all())


def test_a_checkpointer_remembers_the_messages_of_its_threads(saver):
    graph = graph_of(saver)
    for text in ("The lamp is red.", "And green?"):
        graph.invoke({"messages": [HumanMessage(text)]}, thread("t1"))
    graph.invoke({"messages": [HumanMessage("Another thread.")]}, thread("t2"))
    assert len(graph.get_state(thread("t1")).values["messages"]) == 4
    assert remembered(saver, "t1") == ("user:\nThe lamp is red.\n\nassistant:\nI heard 1 messages.\n\n"
                                       "user:\nAnd green?\n\nassistant:\nI heard 3 messages.\n\n")


def test_threads_of_one_checkpointer_never_meet(saver):
    graph = graph_of(saver)
    for name in ("ann", "bob", "cy"):
        graph.invoke({"messages": [HumanMessage(f"I am {name}, my PIN is {name}-4711.")]}, thread(name))
    for name in ("ann", "bob", "cy"):
        with saver.memory(name) as memory:
            shown = remembered(saver, name) + "".join(part.text for part in memory.context(2000, query="PIN").parts)
        assert [other for other in ("ann", "bob", "cy") if f"{other}-4711" in shown] == [name]


def test_a_deleted_thread_is_nowhere(saver, tmp_path):
    graph = graph_of(saver)
    graph.invoke({"messages": [HumanMessage("The key is under the walrus.")]}, thread("t1"))
    graph.invoke({"messages": [HumanMessage("Another thread.")]}, thread("t2"))
    saver.delete_thread("t1")
    assert remembered(saver, "t1") == "" and "Another" in remembered(saver, "t2")
    assert all(b"walrus" not in path.read_bytes() for path in tmp_path.iterdir())


@pytest.mark.parametrize("given", [HumanMessage("The key is under the walrus."), {"role": "user", "content":
                                                                                  "The key is under the walrus."},
                                   ("user", "The key is under the walrus.")])
def test_a_removed_message_is_nowhere_and_the_others_stay(saver, tmp_path, given):
    graph = graph_of(saver)
    graph.invoke({"messages": [HumanMessage("The lamp is red.")]}, thread("t"))
    graph.invoke({"messages": [given]}, thread("t"))
    secret = next(message for message in graph.get_state(thread("t")).values["messages"] if "walrus" in message.content)
    graph.invoke({"messages": [RemoveMessage(secret.id), HumanMessage("And green?")]}, thread("t"))
    assert "walrus" not in remembered(saver, "t") and "red" in remembered(saver, "t") and "green" in remembered(saver, "t")
    assert all("walrus" not in str(state.values) for state in graph.get_state_history(thread("t")))
    assert len(graph.get_state(thread("t")).values["messages"]) == 5
    assert all(b"walrus" not in path.read_bytes() for path in tmp_path.iterdir())


def test_a_state_that_is_cleared_is_forgotten_unless_that_only_shortens_it(tmp_path):
    for keep, left in ((False, False), (True, True)):
        saver = FoveaSaver(tmp_path / f"{keep}.db", keep_removed=keep)
        graph = graph_of(saver)
        graph.invoke({"messages": [HumanMessage("The lamp is red.")]}, thread("t"))
        graph.invoke({"messages": [RemoveMessage(REMOVE_ALL_MESSAGES), HumanMessage("Anew.")]}, thread("t"))
        assert ("lamp" in remembered(saver, "t")) == left and "Anew" in remembered(saver, "t")
        saver.close()


def test_a_message_that_is_changed_is_remembered_as_it_is_now(saver):
    graph = graph_of(saver)
    graph.invoke({"messages": [HumanMessage("The lamp is red.", id="m1")]}, thread("t"))
    graph.invoke({"messages": [HumanMessage("The lamp is blue.", id="m1")]}, thread("t"))
    assert "red" not in remembered(saver, "t") and "The lamp is blue." in remembered(saver, "t")


def test_a_step_adds_only_what_is_new(saver):
    added = []
    use = saver._memories.use

    class Counting:
        def __init__(self, memory):
            self._memory = memory

        def add_many(self, messages):
            given = list(messages)
            added.append(len(given))
            return self._memory.add_many(given)

    import contextlib

    @contextlib.contextmanager
    def counting(scope):
        with use(scope) as memory:
            yield Counting(memory)

    saver._memories.use = counting
    graph = graph_of(saver)
    for number in range(6):
        graph.invoke({"messages": [HumanMessage(f"Message {number}.")]}, thread("t"))
    assert set(added) == {1}
    saver._memories.use = use


def test_it_opens_as_langgraphs_own_checkpointers_do(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with FoveaSaver.from_conn_string(":memory:") as saver:
        for name in ("ann", "bob"):
            graph_of(saver).invoke({"messages": [HumanMessage(f"I am {name}.")]}, thread(name))
        assert "I am ann." in remembered(saver, "ann") and "I am bob." not in remembered(saver, "ann")
    assert list(tmp_path.iterdir()) == []
    for _ in range(2):
        with FoveaSaver.from_conn_string(str(tmp_path / "memory.db")) as saver:
            graph_of(saver).invoke({"messages": [HumanMessage("Again.")]}, thread("t"))
    with FoveaSaver.from_conn_string(str(tmp_path / "memory.db")) as saver:
        assert remembered(saver, "t").count("Again.") == 2


def test_a_key_is_refused_for_what_it_would_not_seal(tmp_path):
    with pytest.raises(ValueError, match="would not be encrypted"):
        FoveaSaver(tmp_path / "memory.db", key=bytes(32))


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
