"""Ageing in small steps, for programs that do it by themselves."""

from __future__ import annotations

import sys
import threading
import time
from typing import Any

import fovea


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
    """Ages a scope now and then, with a memory of its own, and says so on stderr."""

    def __init__(self, program: str, every: float, *memory: Any, **options: Any) -> None:
        """every: seconds, also before the first time. memory, options: of fovea.Memory."""
        super().__init__(name="fovea-ageing", daemon=True)
        self._program, self._every = program, every
        self._memory, self._options = memory, options
        self._end = threading.Event()

    def run(self) -> None:
        while not self._end.wait(self._every):
            try:
                with fovea.Memory(*self._memory, **self._options) as memory:
                    done = age_a_little(memory)
            except fovea.Error as error:
                done = f"could not age: {error}"
            if done:
                print(f"{self._program}: {done}", file=sys.stderr, flush=True)

    def end(self) -> None:
        self._end.set()
