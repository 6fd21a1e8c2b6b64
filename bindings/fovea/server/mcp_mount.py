"""The tools of fovea-mcp at /mcp, for the scope and with the rights of the caller's token."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import ContextVar
from functools import partial
from itertools import combinations
from typing import Any

from mcp.server.mcpserver import MCPServer
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

import fovea
from fovea.mcp_server import INSTRUCTIONS, MOST_CHARACTERS, offer
from fovea.mcp_tools import Tools
from fovea.server.access import refuse_unknown
from fovea.server.grants import Caller, Grant, current
from fovea.server.memories import Memories
from fovea.server.problems import Problem, problem_of
from fovea.server.settings import Settings

_RIGHTS = ("read", "write", "erase")

_pair: ContextVar[tuple[fovea.AsyncMemory, fovea.AsyncMemory]] = ContextVar("memories of the request")


def _reason_of(hidden: dict[str, str], error: Exception) -> str | None:
    """As REST words it, also where the server refuses what a memory would do."""
    return str(problem_of(error, hidden).detail) if isinstance(error, (fovea.Error, Problem)) else None


class McpMount:
    """An ASGI app. Each request stands alone: no session has to be looked after when a scope is closed.

    A server for each set of rights, so that a host is offered only tools that it may use.
    """

    def __init__(self, settings: Settings, memories: Memories) -> None:
        self._memories, self._most_bytes = memories, settings.limits.bytes
        tools = Tools(_pair.get, MOST_CHARACTERS, partial(_reason_of, settings.hidden))
        sets = [frozenset(rights) for size in (1, 2, 3) for rights in combinations(_RIGHTS, size)]
        self._managers = {rights: self._manager(tools, rights) for rights in sets}

    @asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for manager in self._managers.values():
                await stack.enter_async_context(manager.run())
            yield

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        grant: Grant = scope["fovea.grant"]
        query = Request(scope).query_params
        refuse_unknown(query, {"scope"})
        rights = grant.rights & set(_RIGHTS)
        if not rights:
            grant.require("read")
        caller = Caller(grant, grant.scope_of(query.get("scope")))
        current.set(caller)
        async with self._memories.use(caller.scope) as opened:
            reader = await opened.reader()
            _pair.set((reader, await opened.writer() if rights != {"read"} else reader))
            await self._managers[rights].handle_request(scope, receive, send)

    def _manager(self, tools: Tools, rights: frozenset[str]) -> StreamableHTTPSessionManager:
        server: MCPServer[Any] = MCPServer("fovea", instructions=INSTRUCTIONS, version=fovea.__version__)
        offer(server, tools, rights)
        # The guard has looked at names already.
        return StreamableHTTPSessionManager(
            server._lowlevel_server, stateless=True, max_request_body_size=self._most_bytes,
            security_settings=TransportSecuritySettings(enable_dns_rebinding_protection=False))
