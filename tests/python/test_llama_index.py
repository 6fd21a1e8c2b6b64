"""FoveaMemoryBlock in a real LlamaIndex memory: what leaves the short-term memory is found again."""

from __future__ import annotations

import asyncio

import pytest

pytest.importorskip("fovea._core", reason="built without FOVEA_BUILD_PYTHON")
pytest.importorskip("llama_index.core", reason="pip install llama-index-core")

import fovea  # noqa: E402
from llama_index.core.base.llms.types import ChatMessage  # noqa: E402
from llama_index.core.memory import Memory  # noqa: E402

from fovea.agents.llama_index import FoveaMemoryBlock  # noqa: E402


def test_messages_that_leave_the_short_term_memory_come_back_within_the_budget(tmp_path):
    async def work() -> None:
        block = FoveaMemoryBlock(tmp_path / "memory.db", budget=400, memory_options={"level": "tiny"})
        memory = Memory.from_defaults(session_id="s", token_limit=600, chat_history_token_ratio=0.5,
                                      token_flush_size=100, memory_blocks=[block], tokenizer_fn=str.split)
        for number in range(130):
            await memory.aput(ChatMessage(role="user", content=f"Day {number}: the keeper wrote {number * 7} names "
                                                               "into his book before the ships left."))
        stats = block.memory.stats()
        assert stats.pages >= 1 and stats.messages > 40
        text = "".join(message.content or "" for message in await memory.aget(input="What was on day 60?"))
        assert "Day 129" in text and "<fovea>" in text

    asyncio.run(work())


def test_it_shrinks_when_asked_to(tmp_path):
    async def work() -> None:
        block = FoveaMemoryBlock(tmp_path / "memory.db")
        await block.aput([ChatMessage(role="user", content=f"Message {n} of many.") for n in range(60)])
        whole = await block.aget([ChatMessage(role="user", content="many")])
        less = await block.atruncate(whole, fovea.count_text_tokens(whole) // 2)
        assert 0 < len(less) < len(whole) and less.endswith(whole[-40:])
        assert await block.atruncate(whole, 10_000) is None

    asyncio.run(work())
