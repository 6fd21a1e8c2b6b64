"""Taking a scope out of the store as a file, and into it."""

from __future__ import annotations

import pathlib
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse

import fovea
from fovea.server import answers, bodies, transfers
from fovea.server.access import Reading, Writing
from fovea.server.idempotency import HEADER
from fovea.server.perform import STREAMED, Progress, perform
from fovea.server.problems import Problem
from fovea.server.settings import Settings
from fovea.server.transfers import Transfers

router = APIRouter(prefix="/v1", tags=["carry"])

_FILE = {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}


@router.post("/export", response_class=Response, responses={200: {"description": "A store with this scope.", **_FILE}})
async def export_scope(body: bodies.Export, work: Reading) -> Response:
    """All that the scope has, as a store file with it alone. With a key it is encrypted."""
    settings: Settings = work.request.app.state.settings
    if body.key is None and settings.memory.get("key"):
        raise Problem(422, "invalid_argument", "/key: the store is encrypted, so the file must be too; give a key of 64 "
                                               "hexadecimal digits, as `memctl new-key` makes them")
    key = fovea.key_from_text(body.key, "/key") if body.key is not None else None
    with ExitStack() as stack:
        places: Transfers = work.request.app.state.transfers
        path = stack.enter_context(places.place())
        reader = await work.reader()
        with _called("the file", path):
            await reader.export_scope(path, key=key)
        size = path.stat().st_size
        kept = stack.pop_all()

    async def pieces() -> AsyncIterator[bytes]:
        with kept:
            async for piece in transfers.pieces_of(path):
                yield piece

    return StreamingResponse(pieces(), media_type="application/octet-stream", headers={
        "Content-Length": str(size), "Content-Disposition": 'attachment; filename="scope.fovea"'})


@router.post("/import", response_model=answers.Carried, responses=STREAMED, openapi_extra={
    "requestBody": {"required": True, **_FILE}})
async def import_scope(
        request: Request, work: Writing,
        which: Annotated[str | None, Query(max_length=1000, description="If the file has several scopes.")] = None,
        fovea_key: Annotated[str | None, Header(max_length=200, description="Of an encrypted file.")] = None) -> Response:
    """Copies a scope of a store file into the request's scope, which must be empty."""
    if request.headers.get(HEADER):
        raise Problem(422, "invalid_argument", f"{HEADER}: an import needs none: it is refused where the scope has "
                                               "something already")
    key = fovea.key_from_text(fovea_key, "Fovea-Key") if fovea_key is not None else None
    with ExitStack() as stack:
        places: Transfers = request.app.state.transfers
        path = stack.enter_context(places.place())
        if not await transfers.receive(request, path):
            raise Problem(422, "invalid_argument", "/: the body is empty; send a file of export as it is")
        kept = stack.pop_all()

    async def call(_: Progress) -> answers.Carried:
        with kept:
            writer = await work.writer()
            try:
                with _called("the file that was sent", path):
                    return answers.Carried(pages=await writer.import_scope(path, key=key, which=which))
            except (fovea.Corruption, fovea.NotFound, fovea.Unsupported) as error:
                raise Problem(422, error.code, str(error)) from error  # it is the caller's file

    return await perform(work, call)


@contextmanager
def _called(name: str, path: pathlib.Path) -> Iterator[None]:
    """Errors do not say where the file lies."""
    try:
        yield
    except fovea.Error as error:
        raise type(error)(str(error).replace(f"store {path}", name).replace(str(path), name)) from error
