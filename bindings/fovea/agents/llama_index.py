"""A memory block of LlamaIndex: what leaves the short-term memory goes onto pages.

    memory = Memory.from_defaults(token_limit=8000, memory_blocks=[FoveaMemoryBlock("agent.db")])
"""

from __future__ import annotations

import asyncio
import os
from typing import Any

from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.memory import BaseMemoryBlock
from pydantic import PrivateAttr

import fovea


class FoveaMemoryBlock(BaseMemoryBlock[str]):
    """Gives what is worth knowing of older messages, within `budget` tokens, as text."""

    budget: int = 4000
    _memory: fovea.Memory = PrivateAttr()

    def __init__(self, path: str | os.PathLike[str], *, scope: str | fovea.Scope = "default/llama-index",
                 name: str = "fovea", budget: int = 4000, priority: int = 1,
                 memory_options: dict[str, Any] | None = None, **fields: Any) -> None:
        """memory_options: of fovea.Memory; fields: of BaseMemoryBlock."""
        super().__init__(name=name, priority=priority, **fields)
        self.budget = budget
        self._memory = fovea.Memory(path, scope=scope, **{"measured_pages": 0, **(memory_options or {})})

    @property
    def memory(self) -> fovea.Memory:
        return self._memory

    async def _aget(self, messages: list[ChatMessage] | None = None, **_: Any) -> str:
        questions = [message.content for message in messages or [] if message.role == "user" and message.content]
        return await asyncio.to_thread(self._text, self.budget, questions[-1] if questions else "")

    async def _aput(self, messages: list[ChatMessage]) -> None:
        given = [{"role": message.role.value, "content": message.content} for message in messages if message.content]
        await asyncio.to_thread(self._memory.add_many, given)

    async def atruncate(self, content: str, tokens_to_truncate: int) -> str | None:
        """The same with a smaller budget; None where nothing would be left."""
        budget = fovea.count_text_tokens(content) - tokens_to_truncate
        try:
            return await asyncio.to_thread(self._text, budget, "") or None if budget > 0 else None
        except fovea.InvalidArgument:  # not even the newest message fits
            return None

    def _text(self, budget: int, query: str) -> str:
        made = self._memory.context(budget, query=query, target="text")
        return "\n".join(part.text for part in made.parts)
