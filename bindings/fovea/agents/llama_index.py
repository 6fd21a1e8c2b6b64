"""A memory block of LlamaIndex: what leaves the short-term memory goes onto pages.

    memory = Memory.from_defaults(session_id="ann", token_limit=8000,
                                  memory_blocks=[FoveaMemoryBlock("agent.db")])
"""

from __future__ import annotations

import asyncio
import os
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

try:
    from llama_index.core.base.llms.types import ChatMessage
    from llama_index.core.memory import BaseMemoryBlock
    from pydantic import PrivateAttr
except ImportError as error:
    raise ModuleNotFoundError(f"fovea.agents.llama_index needs {error.name}: pip install 'fovea[llama-index]'",
                              name=error.name) from error

import fovea
from fovea.agents._beside import Memories


class FoveaMemoryBlock(BaseMemoryBlock[str]):
    """Gives what is worth knowing of a session's older messages, within `budget` tokens, as text.

    One block may serve many memories: each `session_id` has a scope of its own, and sees nothing else.
    """

    budget: int = 4000
    _scope: fovea.Scope = PrivateAttr()
    _memories: Memories = PrivateAttr()
    # By what was given last: the session and the question that it answered, for `atruncate`; None where
    # two sessions were given the same.
    _given: OrderedDict[str, tuple[str | None, str] | None] = PrivateAttr(default_factory=OrderedDict)

    def __init__(self, path: str | os.PathLike[str], *, scope: str | fovea.Scope = "default/llama-index",
                 name: str = "fovea", budget: int = 4000, priority: int = 1,
                 memory_options: dict[str, Any] | None = None, **fields: Any) -> None:
        """scope: whose memory; its session is that of calls without a session_id. memory_options: of
        fovea.Memory; fields: of BaseMemoryBlock.
        """
        super().__init__(name=name, priority=priority, **fields)
        self.budget = budget
        with fovea.Memory(path, scope=scope, **(memory_options or {})) as memory:
            self._scope = memory.scope
        self._memories = Memories(path, memory_options or {})

    def memory(self, session_id: str | None = None) -> fovea.Memory:
        """What a session remembers; the caller closes it."""
        return self._memories.opened(self._scope_of(session_id))

    def erase(self, session_id: str | None = None) -> None:
        """Removes what a session remembers, for good."""
        with self._memories.use(self._scope_of(session_id)) as memory:
            if memory.stats().messages:
                memory.erase_scope()

    def close(self) -> None:
        self._memories.close()

    async def _aget(self, messages: list[ChatMessage] | None = None, session_id: str | None = None, **_: Any) -> str:
        questions = [message.content for message in messages or [] if message.role == "user" and message.content]
        return await asyncio.to_thread(self._text, session_id, self.budget, questions[-1] if questions else "")

    async def _aput(self, messages: list[ChatMessage]) -> None:
        await asyncio.to_thread(self._add, messages)

    async def atruncate(self, content: str, tokens_to_truncate: int) -> str | None:
        """The same with a smaller budget; None where nothing would be left."""
        budget = fovea.count_text_tokens(content) - tokens_to_truncate
        given = self._given.get(content)
        if budget <= 0 or given is None:
            return None
        session, question = given
        try:
            return await asyncio.to_thread(self._text, session, budget, question) or None
        except fovea.InvalidArgument:  # not even the newest message fits
            return None

    def _scope_of(self, session_id: str | None) -> fovea.Scope:
        own = self._scope
        return own if session_id is None else fovea.Scope(own.user, own.agent, session_id, own.run)

    def _add(self, messages: Iterable[ChatMessage]) -> None:
        """LlamaIndex notes the session at each message."""
        by_session: dict[str | None, list[dict[str, Any]]] = {}
        for message in messages:
            if said := _said(message):
                by_session.setdefault(message.additional_kwargs.get("session_id"), []).append(said)
        for session, said_there in by_session.items():
            with self._memories.use(self._scope_of(session)) as memory:
                memory.add_many(said_there)

    def _text(self, session_id: str | None, budget: int, question: str) -> str:
        with self._memories.use(self._scope_of(session_id)) as memory:
            made = memory.context(budget, query=question, recent=0.25, target="text")
        text = "\n".join(part.text for part in made.parts)
        self._note(text, session_id, question)
        return text

    def _note(self, text: str, session_id: str | None, question: str) -> None:
        known = self._given.pop(text, (session_id, question))
        self._given[text] = (session_id, question) if known and known[0] == session_id else None
        if len(self._given) > 64:
            self._given.popitem(last=False)


def _said(message: ChatMessage) -> dict[str, Any] | None:
    """In OpenAI's form; None for what has neither text nor calls of tools, such as a picture alone."""
    calls = [{"id": block.tool_call_id, "function": {"name": block.tool_name, "arguments": block.tool_kwargs}}
             for block in message.blocks if block.block_type == "tool_call"]
    for call in () if calls else message.additional_kwargs.get("tool_calls") or ():
        calls.append(call if isinstance(call, dict) else call.model_dump())  # OpenAI's own objects
    said: dict[str, Any] = {"role": message.role.value, "content": message.content}
    if calls:
        said["tool_calls"] = calls
    if answered := message.additional_kwargs.get("tool_call_id"):
        said["tool_call_id"] = answered
    return said if message.content or calls else None
