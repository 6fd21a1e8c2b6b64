"""Letting pages fade, and removing what shall not be remembered."""

from __future__ import annotations

import json

from fastapi import APIRouter, Response

import fovea
from fovea.server import answers, bodies
from fovea.server.access import Erasing, Reading, Work, Writing
from fovea.server.perform import PARAMETERS, STREAMED, Progress, perform
from fovea.server.routes_read import PageId

router = APIRouter(prefix="/v1", tags=["forget"])


@router.get("/policy")
async def policy(work: Reading) -> dict[str, object]:
    """How the scope's pages fade (doc/policies.md)."""
    reader = await work.reader()
    document: dict[str, object] = json.loads((await reader.policy()).to_json())
    return document


@router.post("/plan", response_model=answers.Planned, responses=STREAMED)
async def plan(body: bodies.Age, work: Writing) -> Response:
    """What a round of forgetting would do, and which words that would lose. Pages are read back to find out."""
    given = _policy_of(body, work)

    async def call(progress: Progress) -> answers.Planned:
        writer = await work.writer()
        return answers.Planned.model_validate(await writer.plan(to=body.to, policy=given, progress=progress))

    return await perform(work, call, repeatable=False)


@router.post("/age", response_model=answers.Aged, responses=STREAMED, openapi_extra=PARAMETERS)
async def age(body: bodies.Age, work: Writing) -> Response:
    """A round of forgetting. One that is ended early can be gone on with by the next."""
    given = _policy_of(body, work)

    async def call(progress: Progress) -> answers.Aged:
        writer = await work.writer()
        return answers.Aged.model_validate(await writer.age(to=body.to, policy=given, progress=progress))

    return await perform(work, call)


@router.post("/pages/{page}/promote", response_model=answers.Step, responses=STREAMED, openapi_extra=PARAMETERS)
async def promote(page: PageId, body: bodies.Promote, work: Writing) -> Response:
    """Takes a page to a sharper level, by itself to the one before its last step down."""

    async def call(_: Progress) -> answers.Step:
        writer = await work.writer()
        return answers.Step.model_validate(await writer.promote(page, body.to))

    return await perform(work, call)


@router.post("/pages/{page}/pin", response_model=answers.Pinned, responses=STREAMED, openapi_extra=PARAMETERS)
async def pin(page: PageId, body: bodies.Pin, work: Writing) -> Response:
    """A pinned page keeps its level and is in every context."""

    async def call(_: Progress) -> answers.Pinned:
        writer = await work.writer()
        await writer.pin(page, body.pinned)
        return answers.Pinned(id=page, pinned=body.pinned)

    return await perform(work, call)


@router.post("/erase", response_model=answers.Receipt, responses=STREAMED, openapi_extra=PARAMETERS)
async def erase(body: bodies.Erase, work: Erasing) -> Response:
    """Removes pages, messages or a part of a page for good. What came from a source stays away."""

    async def call(_: Progress) -> answers.Receipt:
        writer = await work.writer()
        span = (body.span.page, body.span.begin, body.span.end) if body.span else None
        return answers.Receipt.model_validate(await writer.erase(
            body.ids, where=body.where, query=body.query, source_ids=body.source_ids, span=span, dry_run=body.dry_run))

    return await perform(work, call)


@router.delete("/scope", response_model=answers.Receipt, responses=STREAMED, openapi_extra=PARAMETERS)
async def erase_scope(work: Erasing) -> Response:
    """Removes all that the scope has, for good."""

    async def call(_: Progress) -> answers.Receipt:
        writer = await work.writer()
        return answers.Receipt.model_validate(await writer.erase_scope())

    return await perform(work, call)


def _policy_of(body: bodies.Age, work: Work) -> fovea.Policy | None:
    if body.policy is None:
        return None
    work.caller.grant.require("erase")  # a policy can say that pages go
    return fovea.Policy.from_json(json.dumps(body.policy))
