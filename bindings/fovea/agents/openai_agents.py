"""A Session of the OpenAI Agents SDK: recent items as they are, older ones as pages.

    session = FoveaSession("ann", "agent.db")
    await Runner.run(agent, "Where is the log?", session=session)
"""

from __future__ import annotations

import asyncio
import json
import os
from typing import Any, cast

try:
    from agents.items import TResponseInputItem
    from agents.memory import SessionSettings
except ImportError as error:
    raise ModuleNotFoundError(f"fovea.agents.openai_agents needs {error.name}: pip install 'fovea[openai-agents]'",
                              name=error.name) from error

import fovea
from fovea.agents._beside import leave_no_copy, side_file, transaction

# AUTOINCREMENT: a number never comes again, as it is what a message in the memory is known by.
_TABLE = """CREATE TABLE IF NOT EXISTS items (
  number INTEGER PRIMARY KEY AUTOINCREMENT, session TEXT NOT NULL, item TEXT NOT NULL)"""


class FoveaSession:
    """Keeps the last `recent` to `2 * recent` items exactly; what is older goes into a memory.

    `get_items()` begins with one message that gives what is worth knowing of the older items, within
    `budget` tokens as `target` counts them (as text, or as pictures where the model reads them for less).
    A call of a tool is never parted from its result. Recent items lie in PATH.items, an SQLite file.
    """

    def __init__(self, session_id: str, path: str | os.PathLike[str], *, recent: int = 20, budget: int = 4000,
                 target: str = "text", session_settings: SessionSettings | None = None, **options: Any) -> None:
        """options: of fovea.Memory. Raises ValueError for a `recent` below 1."""
        if recent < 1:
            raise fovea.InvalidArgument(f"recent: {recent}; keep at least 1 item")
        self.session_id = session_id
        self.session_settings = session_settings
        self._recent, self._budget, self._target = recent, budget, target
        self._items = side_file(path, ".items", options)
        self._items.execute(_TABLE)
        scope = fovea.Scope("default", "openai-agents", session_id)
        self.memory = fovea.Memory(path, scope=scope, **{"measured_pages": 0, **options})
        self._turn = asyncio.Lock()

    async def get_items(self, limit: int | None = None) -> list[TResponseInputItem]:
        """The history; with `limit` its last items and nothing of the older ones."""
        if limit is None and self.session_settings is not None:
            limit = self.session_settings.limit
        async with self._turn:
            return await asyncio.to_thread(self._get, limit)

    async def add_items(self, items: list[TResponseInputItem]) -> None:
        async with self._turn:
            await asyncio.to_thread(self._add, items)

    async def pop_item(self) -> TResponseInputItem | None:
        """Takes the newest item back; None where every item is on pages already."""
        async with self._turn:
            return await asyncio.to_thread(self._pop)

    async def clear_session(self) -> None:
        """Erases the session for good, its pages too."""
        async with self._turn:
            await asyncio.to_thread(self._clear)

    async def close(self) -> None:
        async with self._turn:
            self.memory.close()
            self._items.close()

    def _rows(self) -> list[tuple[int, TResponseInputItem]]:
        rows = self._items.execute("SELECT number, item FROM items WHERE session = ? ORDER BY number",
                                   (self.session_id,))
        return [(number, json.loads(item)) for number, item in rows]

    def _get(self, limit: int | None) -> list[TResponseInputItem]:
        items = [item for _, item in self._rows()]
        if limit is not None:
            return items[-limit:] if limit > 0 else []
        if not self.memory.stats().messages:
            return items
        older = self.memory.context(self._budget, query=_last_question(items), recent=0.25,
                                    target=self._target, format="openai-responses")
        return [*cast(list[TResponseInputItem], older.messages), *items]

    def _add(self, items: list[TResponseInputItem]) -> None:
        with transaction(self._items) as table:
            table.executemany("INSERT INTO items (session, item) VALUES (?, ?)",
                              [(self.session_id, json.dumps(item)) for item in items])
        rows = self._rows()
        if len(rows) > 2 * self._recent:
            self._move(rows[:_cut([item for _, item in rows], len(rows) - self._recent)])

    def _move(self, rows: list[tuple[int, TResponseInputItem]]) -> None:
        """To the memory first: should this end halfway, the same items again add nothing."""
        if not rows:
            return
        try:
            self.memory.add_many(self._named(number, item) for number, item in rows)
        except fovea.InvalidArgument:  # one is of a kind that nobody knows yet
            for number, item in rows:
                self._move_one(number, item)
        self._items.execute("DELETE FROM items WHERE session = ? AND number <= ?", (self.session_id, rows[-1][0]))

    def _move_one(self, number: int, item: TResponseInputItem) -> None:
        try:
            self.memory.add_many([self._named(number, item)])
        except fovea.InvalidArgument:
            self.memory.add_many([self._named(number, {"role": "item", "content": json.dumps(item)})])

    def _named(self, number: int, item: Any) -> dict[str, Any]:
        return {**item, "id": f"{self.session_id}:{number}"}

    def _pop(self) -> TResponseInputItem | None:
        rows = self._rows()
        if not rows:
            return None
        number, item = rows[-1]
        self._items.execute("DELETE FROM items WHERE number = ?", (number,))
        leave_no_copy(self._items)
        return item

    def _clear(self) -> None:
        self._items.execute("DELETE FROM items WHERE session = ?", (self.session_id,))
        leave_no_copy(self._items)
        if self.memory.stats().messages:
            self.memory.erase_scope()


def _cut(items: list[TResponseInputItem], wanted: int) -> int:
    """How many of the first items may go, at most `wanted`, so that no call is parted from its result.

    A call whose result never came waits no longer than until the user speaks again.
    """
    results = {str(item.get("call_id", "")) for item in items if _is_result(item)}
    open_calls: set[str] = set()
    cut = 0
    for index, item in enumerate(items[:wanted]):
        call = str(item.get("call_id", ""))
        if item.get("role") == "user":
            open_calls &= results
        if call and _is_result(item):
            open_calls.discard(call)
        elif call:
            open_calls.add(call)
        if not open_calls and item.get("type") != "reasoning":  # it belongs to what follows
            cut = index + 1
    return cut


def _is_result(item: TResponseInputItem) -> bool:
    return str(item.get("type", "")).endswith("_output")


def _last_question(items: list[TResponseInputItem]) -> str:
    for item in reversed(items):
        if item.get("role") == "user":
            content = item.get("content")
            return content if isinstance(content, str) else json.dumps(content)
    return ""
