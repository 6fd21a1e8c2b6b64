"""What routes ask for: a caller with a right, and the memories of the scope that the request is for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

from fastapi import Depends, Query, Request, Security
from fastapi.security import HTTPBearer
from starlette.datastructures import QueryParams

from fovea.server.grants import Caller, Grant, Right, current
from fovea.server.memories import Memories, Opened
from fovea.server.problems import Problem

# For the OpenAPI document; the guard has looked at it already.
_BEARER = HTTPBearer(auto_error=False, description="A token of `fovea-server token create`.")


class Work:
    """What a route works with: the caller and the memories of the scope."""

    def __init__(self, request: Request, caller: Caller, opened: Opened) -> None:
        self.request, self.caller = request, caller
        self.reader, self.writer = opened.reader, opened.writer


def refuse_unknown(given: QueryParams, known: set[str]) -> None:
    """A misspelt parameter would be a condition that is not met, a second scope one that is not looked at."""
    if unknown := sorted(set(given) - known):
        raise Problem(422, "invalid_argument", f"query:{unknown[0][:40]}: not a parameter of this route; it has "
                                               f"{', '.join(sorted(known)) or 'none'}")
    if twice := [name for name in known - {"where"} if len(given.getlist(name)) > 1]:
        raise Problem(422, "invalid_argument", f"query:{twice[0]}: given more than once")


async def _refuse_unknown(request: Request) -> None:
    described = request.app.openapi()["paths"][request.scope["route"].path][request.method.lower()]
    refuse_unknown(request.query_params,
                   {parameter["name"] for parameter in described.get("parameters", []) if parameter["in"] == "query"})
    # A `dry_run` sent to a route that has none would be taken for what it is not.
    if "requestBody" not in described and b"".join((await request.body()).split()) not in (b"", b"{}"):
        raise Problem(422, "invalid_argument", "/: the route takes no fields; send no body, or {}")


def needs(right: Right) -> Callable[..., AsyncIterator[Work]]:
    """A dependency."""

    async def work(request: Request,
                   scope: Annotated[str | None, Query(max_length=1000, description=(
                       "user/agent/session/run, or the first parts of it; left out: the token's own."))] = None,
                   _: Annotated[Any, Security(_BEARER)] = None) -> AsyncIterator[Work]:
        await _refuse_unknown(request)
        grant: Grant = request.scope["fovea.grant"]
        grant.require(right)
        caller = Caller(grant, grant.scope_of(scope))
        current.set(caller)
        memories: Memories = request.app.state.memories
        async with memories.use(caller.scope) as opened:
            yield Work(request, caller, opened)

    return work


async def _holds_metrics(request: Request, _: Annotated[Any, Security(_BEARER)] = None) -> None:
    await _refuse_unknown(request)
    grant: Grant = request.scope["fovea.grant"]
    grant.require("metrics")


Reading = Annotated[Work, Depends(needs("read"))]
Writing = Annotated[Work, Depends(needs("write"))]
Erasing = Annotated[Work, Depends(needs("erase"))]
Scraping = Depends(_holds_metrics)
