"""Adding to a memory."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

import fovea
from fovea.server import answers, bodies
from fovea.server.access import Work, Writing
from fovea.server.idempotency import HEADER, key_of
from fovea.server.metrics import Metrics
from fovea.server.perform import PARAMETERS, STREAMED, Progress, perform
from fovea.server.problems import Problem

router = APIRouter(prefix="/v1", tags=["write"])


@router.post("/messages", response_model=answers.Compacted, responses=STREAMED, openapi_extra=PARAMETERS)
async def add_messages(body: bodies.NewMessages, work: Writing) -> Response:
    """Adds messages. Full pages become vision tokens; the rest stays verbatim until it fills one."""
    # With it a request that a killed server began adds only what is not there yet.
    key = key_of(work.request.headers.get(HEADER))
    source = f"request:{work.caller.grant.token}:{key}" if key else ""

    async def call(progress: Progress) -> answers.Compacted:
        writer = await work.writer()
        dicts = [_given(message, f"{source}:{place}" if source else "") for place, message in enumerate(body.messages, 1)]
        made = await writer.add_many(dicts, expires=body.expires, restore=body.restore, progress=progress,
                                     expected_characters=sum(len(message.content) for message in body.messages))
        return await _whole(work, made, progress, body.finish)

    return await perform(work, call)


@router.post("/histories", response_model=answers.Compacted, responses=STREAMED, openapi_extra={
    **PARAMETERS, "requestBody": {"required": True, "content": {
        "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}})
async def add_history(request: Request, work: Writing,
                      format: Annotated[str, Query(max_length=40, description=(
                          "auto, or one that `memctl compact --help` names."))] = "auto",
                      expires: Annotated[float | None, Query(ge=0, le=bodies.MOST_SECONDS)] = None,
                      restore: bool = False, finish: bool = False) -> Response:
    """Adds a file as `memctl compact` reads it from a pipe: plain text, chats, sessions of coding agents.

    The same file again adds nothing, and one that has grown adds its end.
    """
    data = await request.body()
    if not data:
        raise Problem(422, "invalid_argument", "/: the body is empty; send the file as it is, such as with "
                                               "curl --data-binary @FILE")

    async def call(progress: Progress) -> answers.Compacted:
        broken: list[int] = []
        writer = await work.writer()
        made = await writer.add_bytes(data, format=format, expires=expires, restore=restore, progress=progress,
                                      on_broken=lambda line, reason: broken.append(line))
        return await _whole(work, made, progress, finish, len(broken))

    return await perform(work, call)


@router.post("/finish", response_model=answers.Compacted, responses=STREAMED, openapi_extra=PARAMETERS)
async def finish(work: Writing) -> Response:
    """Makes a part-filled page of the text that is not on a page yet."""

    async def call(progress: Progress) -> answers.Compacted:
        writer = await work.writer()
        return _counted(work, answers.Compacted.model_validate(await writer.finish(progress=progress)))

    return await perform(work, call)


def _given(message: bodies.NewMessage, source: str) -> dict[str, Any]:
    """As `Memory.add_many` takes it."""
    given: dict[str, Any] = {"role": message.role, "content": message.content}
    if identity := message.id or source:
        given["id"] = identity
    if message.time is not None:
        given["timestamp"] = message.time
    return given


async def _whole(work: Work, made: fovea.CompactResult, progress: Progress, finish: bool,
                 broken: int = 0) -> answers.Compacted:
    """What adding made, with the rest's page if one is asked for."""
    answer = answers.Compacted.model_validate(made).model_copy(update={"broken_parts": broken})
    if finish and not made.stopped:
        writer = await work.writer()
        rest = answers.Compacted.model_validate(await writer.finish(progress=progress))
        answer = answer.model_copy(update={
            **{name: getattr(answer, name) + getattr(rest, name)
               for name in ("pages", "characters", "text_tokens", "vision_tokens")},
            "levels": _together(answer.levels, rest.levels),
            "verbatim_characters": rest.verbatim_characters, "stopped": rest.stopped})
    return _counted(work, answer)


def _together(one: dict[str, answers.LevelSummary], other: dict[str, answers.LevelSummary]) \
        -> dict[str, answers.LevelSummary]:
    made = dict(one)
    for level, more in other.items():
        if level not in made:
            made[level] = more
            continue
        had = made[level]
        pages = had.pages + more.pages
        mean = None if had.fidelity is None or more.fidelity is None else \
            (had.fidelity * had.pages + more.fidelity * more.pages) / pages
        made[level] = answers.LevelSummary(pages=pages, vision_tokens=had.vision_tokens + more.vision_tokens, fidelity=mean)
    return made


def _counted(work: Work, answer: answers.Compacted) -> answers.Compacted:
    metrics: Metrics = work.request.app.state.metrics
    metrics.pages.inc(answer.pages)
    return answer
