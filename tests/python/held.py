"""An embedder that waits: a call of a memory that is surely under way, for as long as a test wants."""

from __future__ import annotations

import asyncio
import threading


class Held:
    def __init__(self) -> None:
        self.begun, self.go_on = threading.Event(), threading.Event()

    def __call__(self, texts: list[str]) -> list[list[float]]:
        self.begun.set()
        assert self.go_on.wait(120)
        return [[1.0, 0.0]] * len(texts)

    async def wait(self) -> None:
        assert await asyncio.to_thread(self.begun.wait, 120)
