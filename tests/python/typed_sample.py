"""Typed code that uses the package; `mypy --strict` must find nothing to say."""

from __future__ import annotations

import datetime
import pathlib

import numpy as np
from numpy.typing import NDArray

import fovea


def remember(path: pathlib.Path) -> str:
    with fovea.Memory(path, scope=fovea.Scope("ann", "coder"), level=fovea.Level.tiny) as memory:
        result = memory.add("Where is the log?", time=datetime.datetime.now())
        memory.add_many([{"role": "user", "content": "there"}], progress=lambda done, total: done < 3)
        hits: list[fovea.Hit] = memory.search("log", k=3)
        one: fovea.Recalled = memory.recall(hits[0].id, "tokens")
        several: list[fovea.Recalled] = memory.recall([1, 2], fovea.Source.tokens)
        context = memory.context(4000, query="log", format="openai-chat")
        first: str = context.messages[0]["role"]
        saved: int = sum(step.tokens_saved for step in memory.plan(to="tiny").steps)
        return f"{result.pages} {one.text} {len(several)} {first} {saved} {memory.picture(1, 'base').png[:4]!r}"


async def remember_meanwhile(path: pathlib.Path) -> list[fovea.Hit]:
    async with fovea.AsyncMemory(path) as memory:
        await memory.add("hello", role="assistant")
        text: str = (await memory.recall(1)).text
        return await memory.search(text, k=2)


def encode(codec: fovea.Codec, page: NDArray[np.uint8]) -> NDArray[np.int8]:
    try:
        return codec.encode([page], density=fovea.Density.d106)[0].values
    except fovea.InvalidArgument as error:
        raise SystemExit(error.code) from error
