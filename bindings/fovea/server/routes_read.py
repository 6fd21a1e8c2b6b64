"""Finding and reading what a memory holds."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Path, Query, Response

from fovea.server import answers, bodies
from fovea.server.access import Reading
from fovea.server.problems import Problem

router = APIRouter(prefix="/v1", tags=["read"])

T = TypeVar("T")

Where = Annotated[list[bodies.Condition], Query(max_length=bodies.MOST_CONDITIONS, description=(
    'May be repeated: conditions that must all hold, such as "role = user".'))]
Limit = Annotated[int, Query(ge=1, le=bodies.MOST_LISTED)]
OfPage = Annotated[int | None, Query(ge=1, lt=2**63, description="Only this one, or what is on it.")]
PageId = Annotated[int, Path(ge=1, lt=2**63)]


@router.post("/search")
async def search(body: bodies.Search, work: Reading) -> answers.Found:
    """Pages that match, best first: by their words and, with an embedder, by their meaning."""
    reader = await work.reader()
    return answers.Found.model_validate(
        await reader.search(body.query, body.k, where=body.where, recency=body.recency))


@router.post("/recall")
async def recall(body: bodies.Recall, work: Reading) -> answers.Items:
    """The texts of pages, which then fade later."""
    if (body.ids is None) == (body.query is None):
        raise Problem(422, "invalid_argument", "/: give either ids or a query")
    reader = await work.reader()
    if body.ids is not None:
        if body.where:
            raise Problem(422, "invalid_argument", "/where: goes with a query, not with ids")
        return _items(await reader.recall(body.ids, body.source))
    return _items(await reader.recall(body.query or "", body.source, body.k, where=body.where))


@router.post("/read")
async def read(body: bodies.Read, work: Reading) -> answers.Items:
    """The texts of pages, without delaying their fading. Page 0 is the text that is not on a page yet."""
    reader = await work.reader()
    return _items(await reader.read(body.ids, body.source))


@router.post("/pieces")
async def pieces(body: bodies.PiecesAsked, work: Reading) -> answers.Pieces:
    """The pieces of messages that answer a query best, with their surroundings."""
    reader = await work.reader()
    found = await reader.recall_pieces(body.query, body.k, where=body.where)
    return answers.Pieces(items=[answers.Piece.model_validate(piece) for piece in found])


@router.post("/context")
async def context(body: bodies.ContextAsked, work: Reading) -> answers.Context:
    """What to put into the next prompt, within a budget of tokens."""
    reader = await work.reader()
    made = await reader.context(body.budget, query=body.query, recent=body.recent, target=body.target,
                                format=body.format, turns=body.turns)
    parts = [answers.ContextPart(text=part.text, png=base64.b64encode(part.png).decode(), page=part.page,
                                 tokens=part.tokens, role=part.role) for part in made.parts]
    messages: list[dict[str, Any]] = []
    if body.format != "parts":
        messages, parts = made.messages, []
    return answers.Context(tokens=made.tokens, budget=made.budget, images=made.images, pages=made.pages,
                           saved_against_text=made.saved_against_text, target=made.target, notes=made.notes,
                           parts=parts, messages=messages)


@router.get("/messages")
async def messages(work: Reading, where: Where = [], limit: Limit = 100,  # noqa: B006
                   page: OfPage = None) -> answers.Messages:
    """The messages, whether on a page yet or not."""
    reader = await work.reader()
    kept, more = _newest(await reader.messages(where=where, limit=limit + 1, page=page), limit)
    return answers.Messages(items=[answers.Message.model_validate(one) for one in kept], more=more)


@router.get("/pages")
async def pages(work: Reading, where: Where = [], limit: Limit = 100,  # noqa: B006
                page: OfPage = None) -> answers.Pages:
    """The pages with their levels and sizes."""
    reader = await work.reader()
    kept, more = _newest(await reader.pages(where=where, limit=limit + 1, page=page), limit)
    return answers.Pages(items=[answers.Page.model_validate(one) for one in kept], more=more)


@router.get("/pages/{page}/picture", response_class=Response, responses={200: {
    "description": "The picture.", "content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}}})
async def picture(page: PageId, work: Reading, level: bodies.Level | None = None) -> Response:
    """A page as it is remembered, or at another level."""
    reader = await work.reader()
    return Response((await reader.picture(page, level)).png, media_type="image/png")


@router.get("/history")
async def history(work: Reading, limit: Limit = 100) -> answers.History:
    """What happened to the scope's pages: steps down and their reasons, pins, erasures."""
    reader = await work.reader()
    kept, more = _newest(await reader.history(), limit)
    return answers.History(items=[answers.Entry.model_validate(one) for one in kept], more=more)


@router.get("/stats")
async def stats(work: Reading) -> answers.Stats:
    """What the scope holds and what it costs."""
    reader = await work.reader()
    return answers.Stats.model_validate(await reader.stats())


@router.get("/verbatim")
async def verbatim(work: Reading) -> answers.Verbatim:
    """The text that is not on a page yet."""
    reader = await work.reader()
    return answers.Verbatim(text=await reader.verbatim())


@router.get("/scopes")
async def scopes(work: Reading) -> answers.Scopes:
    """Scopes of the request's user, as far as the token is for them."""
    reader = await work.reader()
    return answers.Scopes(items=[answers.ScopeHeld.model_validate(held) for held in await reader.scopes()
                                 if work.caller.sees(held.scope)])


def _items(read: Sequence[Any]) -> answers.Items:
    return answers.Items(items=[answers.Recalled.model_validate(item) for item in read])


def _newest(items: Sequence[T], limit: int) -> tuple[Sequence[T], bool]:
    """And whether there are older ones."""
    return items[-limit:], len(items) > limit
