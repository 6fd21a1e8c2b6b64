"""The server as an ASGI app."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from fastapi import FastAPI
from starlette.routing import Route

import fovea
from fovea.server import problems, routes_carry, routes_forget, routes_operate, routes_read, routes_write, tracing
from fovea.server.guard import Guard
from fovea.server.idempotency import Requests
from fovea.server.mcp_mount import McpMount
from fovea.server.memories import Memories
from fovea.server.metrics import Metrics
from fovea.server.settings import Settings
from fovea.server.tokens import TokenFile
from fovea.server.transfers import Transfers

class _App(FastAPI):
    def openapi(self) -> dict[str, Any]:
        """With problems under their own media type: FastAPI describes every model as application/json."""
        if not self.openapi_schema:
            for methods in super().openapi()["paths"].values():
                for operation in methods.values():
                    content = operation["responses"]["default"]["content"]
                    content[problems.MEDIA_TYPE] = content.pop("application/json")
        return super().openapi()


def make_routes(settings: Settings) -> FastAPI:
    """Without the guard, which make_app puts around. Raises fovea.Error if the files beside the store cannot be used."""
    memories = Memories(settings.store, settings.model, settings.memory, settings.limits.open)
    mcp = McpMount(settings, memories)
    requests, transfers = Requests(settings.state.requests), Transfers(settings.state.transfers)
    ends = [requests.close, transfers.close]

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for end in ends:
                stack.callback(end)
            stack.push_async_callback(memories.close)
            await stack.enter_async_context(mcp.run())
            yield
            for task in app.state.tasks:
                task.cancel()
            await asyncio.gather(*app.state.tasks, return_exceptions=True)

    app = _App(title="Fovea", version=fovea.__version__, lifespan=lifespan, docs_url=None, redoc_url=None,
               redirect_slashes=False,
               description="Memory for language-model agents: long text kept as vision tokens. See doc/server.md.",
               responses={"default": {"description": "A problem (RFC 9457).", "model": problems.ProblemDocument}})
    app.state.settings, app.state.memories = settings, memories
    app.state.requests, app.state.transfers = requests, transfers
    app.state.tasks = set()  # of streams; asyncio itself forgets those that nobody holds
    app.state.metrics = Metrics(lambda: len(memories))
    problems.install(app, settings.hidden)
    for room in (routes_write, routes_read, routes_forget, routes_carry, routes_operate):
        app.include_router(room.router)
    app.router.routes.append(Route("/mcp", mcp, methods=["POST"]))
    if settings.traces:
        ends.append(tracing.install(app, settings.traces))
    return app


def make_app(settings: Settings) -> Guard:
    app = make_routes(settings)
    return Guard(app, settings, TokenFile(settings.state.tokens), app.state.metrics)
