"""For those who run the server."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from fovea.server import answers, bodies, metrics
from fovea.server.access import Scraping, Writing
from fovea.server.memories import Memories
from fovea.server.perform import PARAMETERS, STREAMED, Progress, perform

router = APIRouter(tags=["operate"])


@router.get("/healthz")
async def health() -> answers.Health:
    """The process answers."""
    return answers.Health(status="ok")


@router.get("/readyz")
async def readiness(request: Request) -> answers.Health:
    """The store can be read."""
    memories: Memories = request.app.state.memories
    await memories.check()
    return answers.Health(status="ready")


@router.get("/metrics", dependencies=[Scraping], response_class=Response, responses={200: {
    "description": "For Prometheus.", "content": {"text/plain": {"schema": {"type": "string"}}}}})
async def prometheus(request: Request) -> Response:
    """Counts and times of requests, without scopes. Needs the right metrics."""
    made: metrics.Metrics = request.app.state.metrics
    return Response(made.text(), media_type=metrics.MEDIA_TYPE)


@router.post("/v1/embed", response_model=answers.Embedded, responses=STREAMED, openapi_extra=PARAMETERS)
async def embed(body: bodies.Embed, work: Writing) -> Response:
    """Gives the scope's messages that have none vectors of the server's embedder."""

    async def call(progress: Progress) -> answers.Embedded:
        writer = await work.writer()
        return answers.Embedded.model_validate(await writer.embed_pieces(replace=body.replace, progress=progress))

    return await perform(work, call)
