"""FoveaMemoryBlock in real LlamaIndex memories: what leaves the short-term memory is found again, by its session alone."""

from __future__ import annotations

import asyncio

import pytest

pytest.importorskip("fovea._core", reason="built without FOVEA_BUILD_PYTHON")
pytest.importorskip("llama_index.core", reason="pip install llama-index-core")

import fovea  # noqa: E402
from llama_index.core.base.llms.types import ChatMessage, ImageBlock, TextBlock, ToolCallBlock  # noqa: E402
from llama_index.core.memory import Memory  # noqa: E402

from fovea.agents.llama_index import FoveaMemoryBlock  # noqa: E402


pytestmark = pytest.mark.usefixtures("loaded")


def said(text: str) -> ChatMessage:
    return ChatMessage(role="user", content=text)


def small_memory(session_id: str, block: FoveaMemoryBlock) -> Memory:
    """One that hands messages to its block after a few."""
    return Memory.from_defaults(session_id=session_id, token_limit=600, chat_history_token_ratio=0.5,
                                token_flush_size=100, memory_blocks=[block], tokenizer_fn=str.split)


def test_messages_that_leave_the_short_term_memory_come_back_within_the_budget(tmp_path):
    async def work() -> None:
        block = FoveaMemoryBlock(tmp_path / "memory.db", budget=400, memory_options={"level": "tiny"})
        memory = small_memory("s", block)
        for number in range(130):
            await memory.aput(said(f"Day {number}: the keeper wrote {number * 7} names into his book before the ships "
                                   "left."))
        with block.memory("s") as remembered:
            stats = remembered.stats()
        assert stats.pages >= 1 and stats.messages > 40
        text = "".join(message.content or "" for message in await memory.aget(input="What was on day 60?"))
        assert "Day 129" in text and "<fovea>" in text

    asyncio.run(work())


def test_sessions_of_one_block_never_meet(tmp_path):
    async def work() -> None:
        block = FoveaMemoryBlock(tmp_path / "memory.db", budget=2000)
        memories = {name: small_memory(name, block) for name in ("ann", "bob", "cy")}
        for name, memory in memories.items():
            await memory.aput(said(f"My name is {name} and my PIN is {name}-4711."))
            for number in range(60):
                await memory.aput(said(f"{name} counts to {number} and writes it into the book of the harbour master."))
        for name, memory in memories.items():
            shown = "".join(message.content or "" for message in await memory.aget(input="What is my PIN?"))
            assert [other for other in memories if f"{other}-4711" in shown or f"{other} counts" in shown] == [name]
            block.erase(name)
        assert await block.aget([said("PIN")], session_id="ann") == ""

    asyncio.run(work())


def test_without_a_session_id_a_block_is_a_session_of_its_own(tmp_path):
    async def work() -> None:
        block = FoveaMemoryBlock(tmp_path / "memory.db")
        await block.aput([said("The lamp is red.")])
        assert "lamp" in await block.aget([said("lamp")])
        assert await block.aget([said("lamp")], session_id="ann") == ""

    asyncio.run(work())


def test_it_shrinks_when_asked_to_with_what_its_own_session_knows(tmp_path):
    async def work() -> None:
        block = FoveaMemoryBlock(tmp_path / "memory.db")
        await block.aput([said(f"Message {n} of many.") for n in range(60)], session_id="ann")
        await block.aput([said(f"Bob's message {n}.") for n in range(60)], session_id="bob")
        whole = await block.aget([said("many")], session_id="ann")
        await block.aget([said("many")], session_id="bob")
        less = await block.atruncate(whole, fovea.count_text_tokens(whole) // 2)
        assert less is not None and 0 < len(less) < len(whole) and "Message 59 of many." in less and "Bob" not in less
        assert await block.atruncate(whole, 10_000) is None and await block.atruncate("of nobody", 1) is None

    asyncio.run(work())


def test_where_not_even_the_newest_message_fits_nothing_is_left(tmp_path):
    async def work() -> None:
        block = FoveaMemoryBlock(tmp_path / "memory.db")
        await block.aput([said("The lamp is red. " * 40)], session_id="ann")
        whole = await block.aget([said("lamp")], session_id="ann")
        assert whole and await block.atruncate(whole, fovea.count_text_tokens(whole) - 3) is None

    asyncio.run(work())


def test_a_text_that_two_sessions_were_given_is_shrunk_for_neither(tmp_path):
    async def work() -> None:
        block = FoveaMemoryBlock(tmp_path / "memory.db")
        for session in ("ann", "bob"):
            await block.aput([said("The lamp is red.")], session_id=session)
        first, second = [await block.aget([said("lamp")], session_id=session) for session in ("ann", "bob")]
        assert first == second and await block.atruncate(first, 1) is None  # whose it is, nobody can say

    asyncio.run(work())


def test_a_block_goes_on_after_it_was_closed(tmp_path):
    async def work() -> None:
        block = FoveaMemoryBlock(tmp_path / "memory.db")
        await block.aput([said("The lamp is red.")])
        block.close()
        block.close()
        assert "lamp" in await block.aget([said("lamp")])

    asyncio.run(work())


def test_calls_of_tools_are_remembered_with_their_results(tmp_path):
    """A message that only calls a tool has no text, and was left out without a word."""
    openai = {"id": "c2", "type": "function", "function": {"name": "find", "arguments": '{"what": "the brass zeppelin"}'}}

    async def work() -> None:
        block = FoveaMemoryBlock(tmp_path / "memory.db")
        await block.aput([
            said("Where is it?"),
            ChatMessage(role="assistant", blocks=[ToolCallBlock(tool_call_id="c1", tool_name="look", tool_kwargs={"path": "/hangar"})]),
            ChatMessage(role="tool", content="empty", additional_kwargs={"tool_call_id": "c1"}),
            ChatMessage(role="assistant", content=None, additional_kwargs={"tool_calls": [openai]}),
            ChatMessage(role="tool", content="in the cellar", additional_kwargs={"tool_call_id": "c2"}),
            ChatMessage(role="assistant", content="In the cellar.", additional_kwargs={"tool_calls": None}),
            ChatMessage(role="user", blocks=[ImageBlock(url="http://x/y.png")])], session_id="ann")
        with block.memory("ann") as memory:
            text = memory.verbatim()
            assert memory.stats().messages == 6
        assert "tool call look:\npath: /hangar" in text and "tool result look:\nempty" in text
        assert "tool call find:\nwhat: the brass zeppelin" in text and "tool result find:\nin the cellar" in text
        assert "zeppelin" in await block.aget([said("zeppelin")], session_id="ann")
        assert await block.aget([said("zeppelin")], session_id="bob") == ""

    asyncio.run(work())


def test_a_message_of_several_blocks_is_all_of_its_texts(tmp_path):
    async def work() -> None:
        block = FoveaMemoryBlock(tmp_path / "memory.db")
        await block.aput([ChatMessage(role="user", blocks=[TextBlock(text="one"), ImageBlock(url="http://x/y.png"), TextBlock(text="two")]),
                          ChatMessage(role="system", content=""), ChatMessage(role="user", blocks=[])])
        with block.memory() as memory:
            assert memory.stats().messages == 1 and "one\ntwo" in memory.verbatim()

    asyncio.run(work())
