"""The open memories of a server: two a scope, so many scopes at a time, the longest unused closed first."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import threading
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, TypeVar

import anyio

import fovea
from fovea import AsyncMemory, CompactResult, Hit, Memory
from fovea._async import stoppable
from fovea.server.grants import current
from fovea.server.problems import Problem

R = TypeVar("R")

CHECK_SECONDS = 5


def _add_bytes(memory: Memory, /, data: bytes, **options: Any) -> CompactResult:
    """Adds a history as if it came through a pipe, so that it is on no disk before secrets are taken out of it."""
    reading, writing = os.pipe()
    feeding = threading.Thread(target=_feed, args=(writing, data), name="fovea-feed", daemon=True)
    feeding.start()
    try:
        return memory.add_file(f"/dev/fd/{reading}", **options)
    finally:
        os.close(reading)  # ends the feeding, too, if not all was read
        feeding.join()


def _feed(pipe: int, data: bytes) -> None:
    with contextlib.suppress(BrokenPipeError), open(pipe, "wb") as file:
        file.write(data)


class ScopedMemory(AsyncMemory):
    """A memory that shows its caller nothing of scopes that the caller has no grant for.

    Every call passes here, whether it came by REST or by MCP.
    """

    async def _run(self, call: Callable[[], R]) -> R:
        if isinstance(call, partial):
            caller = current.get(None)  # None: the server itself asks
            if caller is not None:
                caller.require_own(call.keywords.get("where") or ())
        try:
            return await super()._run(call)
        except fovea.Error as error:
            raise _as_clients_read_it(error, self.path) from error
        except (TypeError, ValueError, OverflowError) as error:
            raise Problem(422, "invalid_argument", "an argument has a type or size that the memory cannot use; "
                                                   "/openapi.json says what each may be") from error

    add_bytes = stoppable(_add_bytes)

    async def search(self, *args: Any, **options: Any) -> Any:
        return Found(await super().search(*args, **options))


def _as_clients_read_it(error: fovea.Error, store: str) -> fovea.Error:
    """Without the store's place, what its database says of itself, and the stack of a library below."""
    if type(error) is fovea.Error:
        return fovea.Error("the memory failed; the server's log has the place under the request's id")
    if isinstance(error, fovea.IOFailure) and fovea.is_server_url(store) and str(error).startswith(f"store {store} "):
        return fovea.IOFailure("the store's database does not answer, or cannot be written just now; nothing of this step "
                               "was stored: try again")
    # Not where a longer path begins so: what is on its way in or out lies beside the store.
    return type(error)(_told(re.sub(rf"(store )?{re.escape(store)}(?![\w.-]*/)", "the store", str(error))))


class Found:
    """A SearchResult as its caller may see it."""

    def __init__(self, result: fovea.SearchResult) -> None:
        self.hits: list[Hit] = result.hits
        self.note = _told(result.note)
        self.verbatim_snippet = result.verbatim_snippet

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)


def _told(message: str) -> str:
    """Without the names of scopes that are spelled alike, unless the caller may see all of the user's."""
    caller = current.get(None)
    return message if caller is not None and caller.knows_the_user() else \
        re.sub(r"; did you mean .*\?", "", message, flags=re.DOTALL)


class Opened:
    """The memories of a scope while a request uses them, each opened when it is first asked for."""

    def __init__(self, open_memory: Callable[[], ScopedMemory]) -> None:
        self.users = 0
        self._open = open_memory
        self._memories: dict[str, ScopedMemory] = {}
        self._opening = anyio.Lock()

    async def reader(self) -> ScopedMemory:
        """Answers while the writer works."""
        return await self._get("reader")

    async def writer(self) -> ScopedMemory:
        return await self._get("writer")

    async def _get(self, name: str) -> ScopedMemory:
        async with self._opening:
            if name not in self._memories:
                self._memories[name] = await anyio.to_thread.run_sync(self._open)
            return self._memories[name]

    async def close(self) -> None:
        """After the calls that are under way, also those that nobody waits for any more."""
        for memory in self._memories.values():
            await memory.close()


class Memories:
    """Use within one event loop."""

    def __init__(self, store: str, model: str | None, options: dict[str, Any], most: int) -> None:
        """options: of fovea.Memory. most: scopes that are open at once."""
        self._store, self._model, self._options = store, model, options
        self._probe = Opened(partial(self._open, "default"))
        self._most = most
        self._opened: OrderedDict[str, Opened] = OrderedDict()
        self._closing: set[asyncio.Task[None]] = set()
        self._changed = anyio.Condition()

    def _open(self, scope: str) -> ScopedMemory:
        try:
            return ScopedMemory(self._store, self._model, scope, **self._options)
        except fovea.InvalidArgument as error:  # it was opened at the start: no request is to blame
            raise fovea.IOFailure("the store cannot be opened just now; try again") from error
        except fovea.Error as error:
            raise _as_clients_read_it(error, fovea.shown_store(self._store)) from error

    def __len__(self) -> int:
        return len(self._opened) + len(self._closing)

    @asynccontextmanager
    async def use(self, scope: str) -> AsyncIterator[Opened]:
        """The scope's memories, which stay open meanwhile. Waits while as many as may be are in use."""
        async with self._changed:
            while scope not in self._opened and not self._make_room():
                await self._changed.wait()
            opened = self._opened.setdefault(scope, Opened(partial(self._open, scope)))
            self._opened.move_to_end(scope)
            opened.users += 1
        try:
            yield opened
        finally:
            with anyio.CancelScope(shield=True):
                async with self._changed:
                    opened.users -= 1
                    self._changed.notify_all()

    async def check(self) -> None:
        """Raises fovea.Error if the store cannot be read, whatever else is under way."""
        try:
            with anyio.fail_after(CHECK_SECONDS):
                memory = await self._probe.reader()
                await memory.scopes()
        except TimeoutError as error:
            raise fovea.IOFailure(f"the store does not answer within {CHECK_SECONDS} seconds") from error

    async def close(self) -> None:
        await self._probe.close()
        for scope in list(self._opened):
            self._close(scope)
        while self._closing:
            await asyncio.wait(self._closing)

    def _make_room(self) -> bool:
        if len(self) < self._most:
            return True
        idle = next((scope for scope, opened in self._opened.items() if not opened.users), None)
        if idle is not None and not self._closing:
            self._close(idle)
        return len(self) < self._most

    def _close(self, scope: str) -> None:
        task = asyncio.create_task(self._closed(self._opened.pop(scope)))
        self._closing.add(task)

    async def _closed(self, opened: Opened) -> None:
        try:
            await opened.close()
        finally:
            async with self._changed:
                self._closing.discard(asyncio.current_task())
                self._changed.notify_all()
