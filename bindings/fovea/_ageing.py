"""Ageing in small steps, for programs that do it by themselves."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import fovea

P = ParamSpec("P")
R = TypeVar("R")


def age_a_little(memory: fovea.Memory, *, steps: int = 16, seconds: float = 20) -> str:
    """A round of forgetting that ends after so many steps or so long; the next one goes on.

    Returns what it did, in a sentence; empty: nothing.
    """
    until = time.monotonic() + seconds
    aged = memory.age(progress=lambda done, total: done < steps and time.monotonic() < until)
    erased = len(aged.expired.pages) if aged.expired else 0
    erased += sum(step.to is None for step in aged.steps)
    saved = sum(step.tokens_saved for step in aged.steps)
    parts = []
    if faded := sum(step.to is not None for step in aged.steps):
        parts.append(f"{_pages(faded)} faded ({saved:,} tokens saved)")
    if erased:
        parts.append(f"{_pages(erased)} erased, as their time was over")
    elif aged.expired:
        parts.append("messages erased, as their time was over")
    return ", ".join(parts) + ("; more is due and comes next time" if parts and aged.stopped else "")


def _pages(count: int) -> str:
    return f"{count:,} page{'' if count == 1 else 's'}"


class Ageing(threading.Thread):
    """Ages a scope or all of a store now and then, with a memory of its own, and tells of it."""

    def __init__(self, tell: Callable[[str], object], every: float, store: str, model: str | None, scope: str | None,
                 **options: Any) -> None:
        """every: seconds, also before the first time. scope: None is all. options: of fovea.Memory."""
        super().__init__(name="fovea-ageing", daemon=True)
        self._tell, self._every = tell, every
        self._store, self._model, self._scope, self._options = store, model, scope, options
        self._end = threading.Event()

    def run(self) -> None:
        while not self._end.wait(self._every):
            for scope in self._tried(self._scopes) or []:
                if done := self._tried(self._age, scope):
                    self._tell(done)
                if self._end.is_set():
                    break

    def end(self) -> None:
        self._end.set()

    def _scopes(self) -> list[str | fovea.Scope]:
        if self._scope is not None:
            return [self._scope]
        with self._memory("default") as memory:
            return [held.scope for held in memory.scopes(everyone=True)]

    def _age(self, scope: str | fovea.Scope) -> str:
        with self._memory(scope) as memory:
            return age_a_little(memory)

    def _tried(self, call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R | None:
        """One scope that cannot be aged keeps no other from it."""
        try:
            return call(*args, **kwargs)
        except fovea.Error as error:
            self._tell(f"could not age: {error}")
            return None

    def _memory(self, scope: str | fovea.Scope) -> fovea.Memory:
        return fovea.Memory(self._store, self._model, scope, **self._options)


def tell_as(program: str) -> Callable[[str], None]:
    """Says it on stderr, in the program's name."""
    return lambda done: print(f"{program}: {done}", file=sys.stderr, flush=True)
