"""FoveaSession with the real OpenAI Agents SDK, a model of its own interface, and no server."""

from __future__ import annotations

import asyncio
import json

import pytest

pytest.importorskip("fovea._core", reason="built without FOVEA_BUILD_PYTHON")
agents = pytest.importorskip("agents", reason="pip install openai-agents")

import fovea  # noqa: E402
from agents import Agent, ModelResponse, Runner, Usage  # noqa: E402
from agents.memory import Session, SessionSettings  # noqa: E402
from agents.models.interface import Model  # noqa: E402
from openai.types.responses import ResponseOutputMessage, ResponseOutputText  # noqa: E402

from fovea.agents.openai_agents import FoveaSession  # noqa: E402

pytestmark = pytest.mark.usefixtures("loaded")


def said(number: int) -> dict:
    return {"role": "user", "content": f"Message {number}: the keeper wrote {number * 7} names."}


def test_it_is_a_session_that_gives_back_what_it_was_given(tmp_path):
    async def work() -> None:
        session = FoveaSession("ann", tmp_path / "a.db")
        assert isinstance(session, Session)
        items = [said(1), {"type": "function_call", "call_id": "c", "name": "ls", "arguments": "{}"},
                 {"type": "function_call_output", "call_id": "c", "output": "log"}]
        await session.add_items(items)
        assert await session.get_items() == items and await session.get_items(limit=2) == items[1:]
        assert await session.pop_item() == items[2] and await session.get_items() == items[:2]
        other = FoveaSession("bob", tmp_path / "a.db", session_settings=SessionSettings(limit=1))
        await other.add_items([said(2), said(3)])
        assert await other.get_items() == [said(3)]
        await session.clear_session()
        assert await session.get_items() == [] and await session.pop_item() is None
        assert await other.get_items(limit=9) == [said(2), said(3)]
        await session.close()

    asyncio.run(work())


def test_older_items_come_as_one_message_within_the_budget(tmp_path):
    async def work() -> None:
        session = FoveaSession("ann", tmp_path / "a.db", recent=4, budget=300, level="tiny")
        for number in range(1, 60):
            await session.add_items([said(number)])
        first, *rest = await session.get_items()
        assert 4 <= len(rest) <= 8 and rest[-1] == said(59)
        text = "".join(part["text"] for part in first["content"])
        assert first["role"] == "user" and "Message 55:" in text and fovea.count_text_tokens(text) <= 300
        again = FoveaSession("ann", tmp_path / "a.db", recent=4, budget=300)  # another process
        assert await again.get_items() == [first, *rest]
        assert session.memory.stats().messages + len(rest) == 59
        await session.clear_session()
        assert session.memory.stats().messages == 0

    asyncio.run(work())


def test_users_never_meet_in_recent_items_or_in_older_ones(tmp_path):
    async def work() -> None:
        sessions = {name: FoveaSession(name, tmp_path / "a.db", recent=2, level="tiny") for name in ("ann", "bob", "cy")}
        for name, session in sessions.items():
            await session.add_items([{"role": "user", "content": f"I am {name}, my PIN is {name}-4711."}])
            for number in range(8):
                await session.add_items([said(number)])
        for name, session in sessions.items():
            await session.add_items([{"role": "user", "content": "What is my PIN?"}])
            shown = json.dumps(await session.get_items())
            assert [other for other in sessions if f"{other}-4711" in shown] == [name]
        await sessions["ann"].clear_session()
        assert "bob-4711" in json.dumps(await sessions["bob"].get_items())
        for session in sessions.values():
            await session.close()
        assert all(b"ann-4711" not in path.read_bytes() for path in tmp_path.iterdir())

    asyncio.run(work())


def test_a_key_is_refused_for_what_it_would_not_seal(tmp_path):
    with pytest.raises(ValueError, match="would not be encrypted"):
        FoveaSession("ann", tmp_path / "a.db", key=bytes(32))


def test_a_call_is_never_parted_from_its_result(tmp_path):
    async def work() -> list[dict]:
        session = FoveaSession("ann", tmp_path / "a.db", recent=1)
        for number in range(3):
            await session.add_items([{"type": "function_call", "call_id": f"c{number}", "name": "ls", "arguments": "{}"}])
        await session.add_items([{"type": "function_call_output", "call_id": f"c{n}", "output": "log"} for n in range(3)])
        return await session.get_items()

    kept = asyncio.run(work())
    assert {item["call_id"] for item in kept if item.get("type") == "function_call_output"} == \
        {item["call_id"] for item in kept if item.get("type") == "function_call"}


def test_a_call_that_was_broken_off_does_not_keep_a_session_from_its_pages(tmp_path):
    """Its result never comes: every later item had stayed with it, and so in every prompt."""

    async def work() -> None:
        session = FoveaSession("ann", tmp_path / "a.db", recent=2, level="tiny")
        await session.add_items([{"type": "function_call", "call_id": "c", "name": "ls", "arguments": "{}"}])
        for number in range(9):
            await session.add_items([said(number)])
        first, *rest = await session.get_items()
        assert 2 <= len(rest) <= 4 and rest[-1] == said(8) and session.memory.stats().messages + len(rest) == 10
        assert "Message 0" in json.dumps(first)

    asyncio.run(work())


def test_an_item_of_an_unknown_kind_is_kept_as_it_stands(tmp_path):
    """It was refused by the memory, and with it every later call."""
    unknown = {"type": "brand_new_item", "words": "the brass zeppelin"}

    async def work() -> None:
        ann, bob = (FoveaSession(name, tmp_path / "a.db", recent=1, level="tiny") for name in ("ann", "bob"))
        await ann.add_items([said(1), unknown, {}])
        for number in range(2, 6):
            await ann.add_items([said(number)])
            await bob.add_items([said(number)])
        assert ann.memory.stats().messages == 6
        text = ann.memory.verbatim()
        assert text.count(json.dumps(unknown)) == 1 and "Message 1" in text and "Message 4" in text
        assert "zeppelin" not in json.dumps(await bob.get_items()) + bob.memory.verbatim()

    asyncio.run(work())


class Parrot(Model):
    """Answers with how much it was given; the agent, the runner and the session are the SDK's."""

    def __init__(self) -> None:
        self.inputs: list = []

    async def get_response(self, system_instructions, input, *args, **kwargs):
        self.inputs.append(input)
        text = ResponseOutputText(text=f"{len(input)} items", type="output_text", annotations=[])
        message = ResponseOutputMessage(id="m", content=[text], role="assistant", status="completed", type="message")
        return ModelResponse(output=[message], usage=Usage(), response_id=None)

    def stream_response(self, *args, **kwargs):
        raise NotImplementedError


def test_a_runner_of_the_sdk_remembers_through_it(tmp_path):
    async def work() -> Parrot:
        model = Parrot()
        agent = Agent(name="keeper", model=model)
        session = FoveaSession("ann", tmp_path / "a.db", recent=2)
        for number in range(4):
            await Runner.run(agent, f"Question {number}", session=session)
        return model

    inputs = asyncio.run(work()).inputs
    assert [item.get("content") for item in inputs[1]][0] == "Question 0" and len(inputs[1]) == 3
    assert "Question 0" in json.dumps(inputs[3][0])


def test_nothing_recent_is_refused(tmp_path):
    with pytest.raises(ValueError, match="recent"):
        FoveaSession("ann", tmp_path / "a.db", recent=0)
