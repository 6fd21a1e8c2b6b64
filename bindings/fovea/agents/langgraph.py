"""LangGraph: a BaseStore whose items are found by what they say, and a checkpointer that remembers messages.

Both keep exactly what LangGraph gives them in SQLite, through langgraph-checkpoint-sqlite (PATH.items,
PATH.checkpoints), and beside it the text in a Fovea store.
"""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from langchain_core.messages import BaseMessage, convert_to_openai_messages
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import ChannelVersions, Checkpoint, CheckpointMetadata
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.store.base import BaseStore, Op, PutOp, Result, SearchItem, SearchOp
from langgraph.store.base.embed import get_text_at_path
from langgraph.store.sqlite import SqliteStore

import fovea

_PAGES = """CREATE TABLE IF NOT EXISTS fovea_pages (
  page INTEGER PRIMARY KEY, namespace TEXT NOT NULL, key TEXT NOT NULL)"""


class FoveaStore(BaseStore):
    """Long-term memory of a graph. `search(namespace, query=...)` ranks by words and by vision tokens.

    Each item lies on pages of its own; putting it anew or deleting it erases them. Several threads.
    """

    def __init__(self, path: str | os.PathLike[str], **options: Any) -> None:
        """options: of fovea.Memory."""
        self._connection = sqlite3.connect(f"{os.fspath(path)}.items", check_same_thread=False, isolation_level=None)
        self._exact = SqliteStore(self._connection)
        self._exact.setup()
        self._connection.execute(_PAGES)
        scope = options.pop("scope", "default/langgraph/store")
        self.memory = fovea.Memory(path, scope=scope, **{"measured_pages": 0, "level": "small", **options})
        self._turn = threading.RLock()

    def batch(self, ops: Iterable[Op]) -> list[Result]:
        with self._turn:
            return [self._one(op) for op in ops]

    async def abatch(self, ops: Iterable[Op]) -> list[Result]:
        return await asyncio.to_thread(self.batch, list(ops))

    def close(self) -> None:
        with self._turn:
            self.memory.close()
            self._connection.close()

    def _one(self, op: Op) -> Result:
        if isinstance(op, SearchOp) and op.query:
            return self._search(op, op.query)
        if isinstance(op, PutOp):
            self._put_pages(op)
        return self._exact.batch([op])[0]

    def _put_pages(self, op: PutOp) -> None:
        namespace = json.dumps(op.namespace)
        rows = self._connection.execute("SELECT page FROM fovea_pages WHERE namespace = ? AND key = ?",
                                        (namespace, op.key)).fetchall()
        old = [page for page, in rows]
        known = {page.id for page in self.memory.pages()}
        text = _text_of(op.value, op.index) if op.value is not None else ""
        if text:
            self.memory.add_many([fovea.Message("item", text)])
            self.memory.finish()
            new = [page.id for page in self.memory.pages() if page.id not in known]
            self._connection.executemany("INSERT INTO fovea_pages VALUES (?, ?, ?)",
                                         [(page, namespace, op.key) for page in new])
        if gone := [page for page in old if page in known]:
            self.memory.erase(gone)
        self._connection.executemany("DELETE FROM fovea_pages WHERE page = ?", [(page,) for page in old])

    def _search(self, op: SearchOp, query: str) -> list[SearchItem]:
        """The items that prefix and filter allow, in the order in which their pages match."""
        every = self._exact.search(op.namespace_prefix, filter=op.filter, limit=100_000)
        allowed = {(item.namespace, item.key): item for item in every}
        if not allowed:
            return []
        owners = {page: (tuple(json.loads(namespace)), key) for page, namespace, key in
                  self._connection.execute("SELECT page, namespace, key FROM fovea_pages")}
        found: dict[tuple[tuple[str, ...], str], SearchItem] = {}
        for hit in self.memory.search(query, k=max(50, 4 * (op.limit + op.offset))):
            owner = owners.get(hit.id)
            if owner is not None and owner in allowed and owner not in found:
                item = allowed[owner]
                found[owner] = SearchItem(item.namespace, item.key, item.value, item.created_at, item.updated_at,
                                          hit.score)
        return list(found.values())[op.offset:op.offset + op.limit]


class FoveaSaver(SqliteSaver):
    """A checkpointer that also remembers the channel `messages`, each thread in a scope of its own.

    `memory(thread_id)` is what a thread remembers, for `context` in a node of the graph. Deleting a thread
    erases it. options: of fovea.Memory.
    """

    def __init__(self, path: str | os.PathLike[str], **options: Any) -> None:
        connection = sqlite3.connect(f"{os.fspath(path)}.checkpoints", check_same_thread=False)
        super().__init__(connection)
        self._path, self._options = path, {"measured_pages": 0, **options}
        self._memories: dict[str, fovea.Memory] = {}

    def memory(self, thread_id: str) -> fovea.Memory:
        with self.lock:
            if thread_id not in self._memories:
                scope = fovea.Scope("default", "langgraph", thread_id)
                self._memories[thread_id] = fovea.Memory(self._path, scope=scope, **self._options)
            return self._memories[thread_id]

    def put(self, config: RunnableConfig, checkpoint: Checkpoint, metadata: CheckpointMetadata,
            new_versions: ChannelVersions) -> RunnableConfig:
        kept = super().put(config, checkpoint, metadata, new_versions)
        messages = checkpoint["channel_values"].get("messages")
        if messages and "messages" in new_versions:
            self._remember(str(config["configurable"]["thread_id"]), messages)
        return kept

    def delete_thread(self, thread_id: str) -> None:
        super().delete_thread(thread_id)
        memory = self.memory(thread_id)
        if memory.stats().messages:
            memory.erase_scope()

    def close(self) -> None:
        for memory in self._memories.values():
            memory.close()
        self.conn.close()

    def _remember(self, thread_id: str, messages: Sequence[Any]) -> None:
        """Messages with an id are known again by it, so that each is added once."""
        named = [message for message in messages if isinstance(message, BaseMessage) and message.id]
        self.memory(thread_id).add_many({**convert_to_openai_messages(message), "id": message.id}
                                        for message in named)

    async def aget_tuple(self, config: RunnableConfig) -> Any:
        return await asyncio.to_thread(self.get_tuple, config)

    async def alist(self, config: RunnableConfig | None, **options: Any) -> Any:
        for found in await asyncio.to_thread(lambda: list(self.list(config, **options))):
            yield found

    async def aput(self, config: RunnableConfig, checkpoint: Checkpoint, metadata: CheckpointMetadata,
                   new_versions: ChannelVersions) -> RunnableConfig:
        return await asyncio.to_thread(self.put, config, checkpoint, metadata, new_versions)

    async def aput_writes(self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str,
                          task_path: str = "") -> None:
        await asyncio.to_thread(self.put_writes, config, writes, task_id, task_path)

    async def adelete_thread(self, thread_id: str) -> None:
        await asyncio.to_thread(self.delete_thread, thread_id)


def _text_of(value: Mapping[str, Any], index: Literal[False] | list[str] | None) -> str:
    """What an item is found by: what stands at the paths of `index`, without one all of it."""
    if index is False:
        return ""
    if index is not None:
        lines = [text for path in index for text in get_text_at_path(value, path)]
    else:
        lines = [f"{name}: {field if isinstance(field, str) else json.dumps(field, ensure_ascii=False)}"
                 for name, field in value.items()]
    return "".join(f"{line}\n" for line in lines)
