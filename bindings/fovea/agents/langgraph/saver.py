"""FoveaSaver: a checkpointer of LangGraph that remembers the messages of its threads."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from langchain_core.messages import BaseMessage, RemoveMessage, convert_to_openai_messages
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import ChannelVersions, Checkpoint, CheckpointMetadata, CheckpointTuple
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph.message import REMOVE_ALL_MESSAGES

import fovea
from fovea.agents._beside import Memories, leave_no_copy, side_file


class FoveaSaver(SqliteSaver):
    """Keeps checkpoints in PATH.checkpoints, and remembers the channel `messages`, each thread in a scope of its own.

    `memory(thread_id)` is what a thread remembers, for `context` in a node of the graph. A `RemoveMessage` takes
    its message from the memory and from every checkpoint of the thread, `delete_thread` all of it. Where
    messages are removed only to shorten the state, `keep_removed=True` leaves them in the memory and in
    earlier checkpoints. options: of fovea.Memory.
    """

    def __init__(self, path: str | os.PathLike[str], *, keep_removed: bool = False, **options: Any) -> None:
        connection = side_file(path, ".checkpoints", options)
        connection.isolation_level = "DEFERRED"  # SqliteSaver ends its transactions by `commit`
        super().__init__(connection)
        self._folder = tempfile.TemporaryDirectory() if os.fspath(path) == ":memory:" else None
        self._memories = Memories(os.path.join(self._folder.name, "memory.db") if self._folder else path, options)
        self._keep_removed = keep_removed

    @classmethod
    @contextlib.contextmanager
    def from_conn_string(cls, conn_string: str) -> Iterator[FoveaSaver]:
        """conn_string: the path; ":memory:" for one that is gone when it is closed. Closes it at the end."""
        saver = cls(conn_string)
        try:
            yield saver
        finally:
            saver.close()

    def memory(self, thread_id: str) -> fovea.Memory:
        """What a thread remembers; the caller closes it."""
        return self._memories.opened(_scope(thread_id))

    def put(self, config: RunnableConfig, checkpoint: Checkpoint, metadata: CheckpointMetadata,
            new_versions: ChannelVersions) -> RunnableConfig:
        """The memory comes first: should this end halfway, the same messages again add nothing."""
        if "messages" not in new_versions:
            return super().put(config, checkpoint, metadata, new_versions)
        thread_id = str(config["configurable"]["thread_id"])
        before = self.get_tuple(config) if _parent(config) else None
        known = _named(before.checkpoint["channel_values"].get("messages") if before else None)
        now = _named(checkpoint["channel_values"].get("messages"))
        removed = set() if self._keep_removed else _removed(before, known) - set(now)
        self._remember(thread_id, known, now, removed)
        kept = super().put(config, checkpoint, metadata, new_versions)
        if removed:
            self._take_from_checkpoints(thread_id, [known[name] for name in removed])
        return kept

    def delete_thread(self, thread_id: str) -> None:
        super().delete_thread(thread_id)
        with self.lock:
            leave_no_copy(self.conn)
        with self._memories.use(_scope(thread_id)) as memory:
            if memory.stats().messages:
                memory.erase_scope()

    def close(self) -> None:
        self._memories.close()
        self.conn.close()
        if self._folder:
            self._folder.cleanup()

    def _remember(self, thread_id: str, known: dict[str, BaseMessage], now: dict[str, BaseMessage],
                  removed: set[str]) -> None:
        """Only what this step changed. Messages without an id are nobody's to name again, and not remembered."""
        changed = {name for name in known.keys() & now.keys() if known[name].content != now[name].content}
        new = [message for name, message in now.items() if name not in known or name in changed]
        with self._memories.use(_scope(thread_id)) as memory:
            if gone := removed | changed:
                with contextlib.suppress(fovea.NotFound):  # of a thread that began without this memory
                    memory.erase(source_ids=sorted(gone))
            if new:
                memory.add_many({**convert_to_openai_messages(message), "id": message.id} for message in new)

    def _take_from_checkpoints(self, thread_id: str, messages: Sequence[BaseMessage]) -> None:
        """Rewrites the checkpoints and writes of the thread that hold one of these messages."""
        taken = _Taken(messages)
        with self.cursor() as cursor:
            for table, column, of_messages in (("checkpoints", "checkpoint", "FALSE"),
                                               ("writes", "value", "channel = 'messages'")):
                for mark in taken.marks():
                    cursor.execute(f"SELECT rowid, type, {column}, {of_messages} FROM {table} WHERE thread_id = ? "
                                   f"AND instr({column}, ?) > 0", (thread_id, mark.encode()))
                    for row, kind, packed, listed in cursor.fetchall():
                        left = taken.out_of(self.serde.loads_typed((kind, packed)), bool(listed))
                        cursor.execute(f"UPDATE {table} SET type = ?, {column} = ? WHERE rowid = ?",
                                       (*self.serde.dumps_typed(left), row))
        with self.lock:
            leave_no_copy(self.conn)

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
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


def _scope(thread_id: str) -> fovea.Scope:
    return fovea.Scope("default", "langgraph", str(thread_id))


def _parent(config: RunnableConfig) -> str | None:
    parent: str | None = config["configurable"].get("checkpoint_id")
    return parent


def _named(messages: Any) -> dict[str, BaseMessage]:
    """By id the messages that have one."""
    if not isinstance(messages, Iterable):
        return {}
    return {message.id: message for message in messages if isinstance(message, BaseMessage) and message.id}


def _removed(before: CheckpointTuple | None, known: dict[str, BaseMessage]) -> set[str]:
    """What the writes of a step name in a RemoveMessage, of the messages before it."""
    if before is None:
        return set()
    written = [value for _, _, value in before.pending_writes or []]
    written.append(before.checkpoint["channel_values"].get("__start__"))
    names = {message.id for message in _messages_in(written) if isinstance(message, RemoveMessage) and message.id}
    return set(known) if REMOVE_ALL_MESSAGES in names else names & known.keys()


def _messages_in(value: Any) -> Iterator[BaseMessage]:
    if isinstance(value, BaseMessage):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _messages_in(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _messages_in(part)


class _Taken:
    """Messages that are to be nowhere: by their id, and, as a caller gave them without one, by their text."""

    def __init__(self, messages: Sequence[BaseMessage]) -> None:
        self._names = {message.id for message in messages}
        self._texts = {message.content for message in messages if isinstance(message.content, str)} - {""}

    def marks(self) -> set[str]:
        """What stands in the bytes of everything that holds one."""
        return {mark for mark in self._names | self._texts if mark}

    def out_of(self, value: Any, of_messages: bool) -> Any:
        """The same without these messages, but for the RemoveMessages that name them.

        of_messages: a list is one of messages, as a node or a caller gave them.
        """
        if isinstance(value, dict):
            return {key: self.out_of(part, key == "messages") for key, part in value.items() if not self._is_one(part)}
        if type(value) in (list, tuple):
            return type(value)(self.out_of(part, False) for part in value
                               if not self._is_one(part) and not (of_messages and self._says_one(part)))
        return None if self._is_one(value) else value

    def _is_one(self, value: Any) -> bool:
        if not isinstance(value, BaseMessage) or isinstance(value, RemoveMessage):
            return False
        return value.id in self._names if value.id else isinstance(value.content, str) and value.content in self._texts

    def _says_one(self, value: Any) -> bool:
        """A message as "text", ("user", "text") or {"role": "user", "content": "text"}."""
        if isinstance(value, dict):
            value = value.get("content")
        elif isinstance(value, (list, tuple)) and len(value) == 2:
            value = value[1]
        return isinstance(value, str) and value in self._texts
