"""AsyncMemory: a Memory whose calls do not block the event loop."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Concatenate, ParamSpec, TypeVar, overload

import fovea
from fovea import Memory, Recalled, Scope, Source

P = ParamSpec("P")
R = TypeVar("R")


def _twin(method: Callable[Concatenate[Memory, P], R]) -> Callable[Concatenate[AsyncMemory, P], Coroutine[Any, Any, R]]:
    """The same call, run in the memory's own thread."""

    async def call(self: AsyncMemory, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return await self._run(partial(method, self._memory, *args, **kwargs))

    call.__name__, call.__doc__ = method.__name__, method.__doc__
    return call


def stoppable(method: Callable[Concatenate[Memory, P], R]) -> Callable[Concatenate[AsyncMemory, P], Coroutine[Any, Any, R]]:
    """The same for a call with `progress`: cancelling the task ends it after the page in hand."""

    async def call(self: AsyncMemory, /, *args: P.args, **kwargs: P.kwargs) -> R:
        stop = _Stop(kwargs.get("progress"))
        options: dict[str, Any] = {**kwargs, "progress": stop}
        try:
            return await self._run(partial(method, self._memory, *args, **options))
        except asyncio.CancelledError:
            stop.now = True
            raise

    call.__name__, call.__doc__ = method.__name__, method.__doc__
    return call


class _Stop:
    """A `progress` that can also be told to stop."""

    def __init__(self, progress: Any) -> None:
        if progress is True:
            from fovea._progress import Bar

            progress = Bar("pages")
        self._progress = progress or None
        self.now = False

    def __call__(self, done: int, total: int) -> bool:
        wanted = self._progress(done, total) if self._progress else None
        return wanted is not False and not self.now


class AsyncMemory:
    """A `Memory` for asyncio: the same calls, awaited; see there for what they take and raise.

    Each has a thread of its own, so that calls keep their order and the loop goes on meanwhile. What is
    given to be called (`progress`, the iterable of `add_many`, the listener of `on_event`) is called in
    that thread. A cancelled task stops waiting at once; the call ends after the page in hand, and what is
    done is stored.

        async with fovea.AsyncMemory("agent.db") as memory:
            await memory.add("Where is the log?")
    """

    def __init__(self, path: str | os.PathLike[str], model: str | os.PathLike[str] | None = None,
                 scope: str | Scope = "default/default/default", **options: Any) -> None:
        self._memory = Memory(path, model, scope, **options)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="fovea")

    async def _run(self, call: Callable[[], R]) -> R:
        if self._memory.closed:
            raise fovea.InvalidArgument(f"the memory {self._memory.path} is closed")
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)

    async def close(self) -> None:
        """Closes the store after the calls that are under way. May be called again."""
        try:
            if not self._memory.closed:
                await self._run(self._memory.close)
        finally:
            self._thread.shutdown(wait=False)

    async def __aenter__(self) -> AsyncMemory:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"Async{self._memory!r}"

    @property
    def closed(self) -> bool:
        return self._memory.closed

    @property
    def path(self) -> str:
        return self._memory.path

    @property
    def scope(self) -> Scope:
        return self._memory.scope

    @overload
    async def recall(self, id: int, source: Source | str = "automatic") -> Recalled: ...
    @overload
    async def recall(self, ids: Sequence[int], source: Source | str = "automatic") -> list[Recalled]: ...
    @overload
    async def recall(self, query: str, source: Source | str = "automatic", k: int = 3, *,
                     where: Sequence[str] = ()) -> list[Recalled]: ...
    async def recall(self, *args: Any, **options: Any) -> Any:
        return await self._run(partial(self._memory.recall, *args, **options))

    add = stoppable(Memory.add)
    add_many = stoppable(Memory.add_many)
    add_file = stoppable(Memory.add_file)
    finish = stoppable(Memory.finish)
    embed_pieces = stoppable(Memory.embed_pieces)
    plan = stoppable(Memory.plan)
    age = stoppable(Memory.age)
    search = _twin(Memory.search)
    recall_pieces = _twin(Memory.recall_pieces)
    recall_all = _twin(Memory.recall_all)
    read = _twin(Memory.read)
    context = _twin(Memory.context)
    picture = _twin(Memory.picture)
    messages = _twin(Memory.messages)
    pages = _twin(Memory.pages)
    scopes = _twin(Memory.scopes)
    history = _twin(Memory.history)
    verbatim = _twin(Memory.verbatim)
    stats = _twin(Memory.stats)
    verify = _twin(Memory.verify)
    policy = _twin(Memory.policy)
    promote = _twin(Memory.promote)
    pin = _twin(Memory.pin)
    erase = _twin(Memory.erase)
    erase_scope = _twin(Memory.erase_scope)
    backup = _twin(Memory.backup)
    export_scope = _twin(Memory.export_scope)
    import_scope = _twin(Memory.import_scope)
    migrate = stoppable(Memory.migrate)
    clean = _twin(Memory.clean)
    change_key = _twin(Memory.change_key)
    on_event = _twin(Memory.on_event)
