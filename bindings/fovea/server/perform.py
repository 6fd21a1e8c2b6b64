"""How a route that changes something answers: once for each idempotency key, as JSON or as a stream of progress."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import anyio
from fastapi import Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from fovea.server.access import Work
from fovea.server.guard import STREAM
from fovea.server.idempotency import HEADER, Requests, digest_of, key_of
from fovea.server.problems import log, problem_of

HEARTBEAT_SECONDS = 10.0

Progress = Callable[[int, int], bool]
Call = Callable[[Progress], Awaitable[BaseModel]]

# What both ways of answering are called in the OpenAPI document.
PARAMETERS: dict[str, Any] = {"parameters": [
    {"name": HEADER, "in": "header", "required": False, "schema": {"type": "string", "minLength": 1, "maxLength": 255},
     "description": "Makes it safe to send the request again: with the same key and body it is done once, and answered "
                    "alike for a day."}]}
STREAMED: dict[int | str, dict[str, Any]] = {200: {"content": {STREAM: {"schema": {"type": "string"}}}, "description": (
    f"The result. With `Accept: {STREAM}` lines of JSON: `progress` (done, total; 0: not known) while it is under way, "
    "then `result`, or `error` with problem details.")}}


class Heard:
    """A `progress` that the memory's thread calls and the event loop reads."""

    def __init__(self) -> None:
        self.done = self.total = 0
        self.news = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def __call__(self, done: int, total: int) -> bool:
        self.done, self.total = done, total
        with contextlib.suppress(RuntimeError):  # the loop is gone: so is whoever listened
            self._loop.call_soon_threadsafe(self.news.set)
        return True


async def perform(work: Work, call: Call, *, repeatable: bool = True) -> Response:
    """Answers with what `call` returns. A caller who hangs up on a stream ends it after the page in hand.

    repeatable: whether a key counts. An answer with words of the memory must not: it would be kept.
    """
    request = work.request
    once = _Once(request, work.caller.grant.token, repeatable)
    kept = await once.begin()
    streams = STREAM in request.headers.get("accept", "")
    if kept is not None:
        replayed = {"Idempotent-Replayed": "true"}
        return Response(b'{"result":' + kept + b"}\n", media_type=STREAM, headers=replayed) if streams else \
            Response(kept, media_type="application/json", headers=replayed)
    if not streams:
        return Response(await once.run(call, lambda done, total: True), media_type="application/json")
    # Begun here: a stream whose listener is gone before its first line would never end what `once` began.
    heard = Heard()
    task = asyncio.create_task(once.run(call, heard))
    tasks: set[asyncio.Task[bytes]] = request.app.state.tasks
    tasks.add(task)
    task.add_done_callback(tasks.discard)
    return StreamingResponse(_lines(request, task, heard), media_type=STREAM)


class _Once:
    """The request's idempotency key, if it has one."""

    def __init__(self, request: Request, owner: str, counts: bool) -> None:
        self._requests: Requests = request.app.state.requests
        self._request, self._owner = request, owner
        self.key = key_of(request.headers.get(HEADER)) if counts else None

    async def begin(self) -> bytes | None:
        if self.key is None:
            return None
        scope = self._request.scope
        digest = digest_of(scope["fovea.secret"], scope["method"].encode(), scope["path"].encode("utf-8", "surrogatepass"),
                           scope["query_string"], await self._request.body())
        return await anyio.to_thread.run_sync(self._requests.begin, self._owner, self.key, digest)

    async def run(self, call: Call, progress: Progress) -> bytes:
        try:
            answer = (await call(progress)).model_dump_json().encode()
        except BaseException:
            await self._end(None)
            raise
        await self._end(answer)
        return answer

    async def _end(self, answer: bytes | None) -> None:
        if self.key is None:
            return
        with anyio.CancelScope(shield=True):
            try:
                if answer is None:
                    await anyio.to_thread.run_sync(self._requests.forget, self._owner, self.key)
                else:
                    await anyio.to_thread.run_sync(self._requests.finish, self._owner, self.key, answer)
            except Exception as error:  # it is done; only its answer will not be given again
                log.error("idempotency key not kept", exc_info=error)


async def _lines(request: Request, task: asyncio.Task[bytes], heard: Heard) -> AsyncIterator[bytes]:
    try:
        while not task.done():
            waits = asyncio.create_task(heard.news.wait())
            await asyncio.wait({task, waits}, timeout=HEARTBEAT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            waits.cancel()
            if not task.done():
                heard.news.clear()
                yield json.dumps({"progress": {"done": heard.done, "total": heard.total}}).encode() + b"\n"
        try:
            yield b'{"result":' + task.result() + b"}\n"
        except Exception as error:
            problem = problem_of(error, request.app.state.settings.hidden)
            if problem.status_code >= 500:
                log.error("failed", exc_info=error, extra={"request": request.scope["fovea.request"]})
            yield json.dumps({"error": problem.document()}).encode() + b"\n"
    finally:
        task.cancel()
        with anyio.CancelScope(shield=True):
            await asyncio.wait({task})
