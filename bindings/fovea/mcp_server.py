"""fovea-mcp: a memory for any host that speaks the Model Context Protocol.

    fovea-mcp                           # over stdin and stdout, as hosts start it
    fovea-mcp --http 127.0.0.1:8321     # streamable HTTP at /mcp

Tools: remember, recall, search, context, forget, erase, stats. Pages are image resources,
`fovea://page/ID`. Needs `pip install fovea[mcp]`.
"""

from __future__ import annotations

import argparse
import dataclasses
import functools
from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec, TypeVar

from mcp.server import MCPServer
from mcp.server.mcpserver import Image
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError, ToolError
from mcp.types import ToolAnnotations

import fovea
from fovea import _places

P = ParamSpec("P")
R = TypeVar("R")

INSTRUCTIONS = """\
A long-term memory. Text that is remembered fades into pages that cost a model far fewer tokens than their text.
`search` finds pages by words or meaning, `recall` reads one back, `context` gives what fits a budget. What is
recalled with source "tokens" is read from an image and may have slips; `confidence` says how sure it is."""


@dataclasses.dataclass
class Found:
    page: int
    score: float
    snippet: str
    picture: str


@dataclasses.dataclass
class Matches:
    pages: list[Found]
    newest: str
    note: str


@dataclasses.dataclass
class Read:
    page: int
    level: str
    source: str
    confidence: float
    text: str


@dataclasses.dataclass
class Remembered:
    new_pages: int
    text_tokens: int
    vision_tokens: int
    characters_not_on_a_page: int


@dataclasses.dataclass
class Faded:
    steps: list[str]
    tokens_saved: int
    refused: list[str]
    lost_words: dict[str, list[str]]


@dataclasses.dataclass
class Erased:
    pages: list[int]
    bytes_gone: bool


@dataclasses.dataclass
class Figures:
    pages: int
    messages: int
    text_tokens: int
    vision_tokens: int
    pages_by_level: dict[str, int]
    characters_not_on_a_page: int
    file_bytes: int


def _told(call: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
    """Errors of the memory are for the model to read, not crashes."""

    @functools.wraps(call)
    async def told(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return await call(*args, **kwargs)
        except fovea.Error as error:
            raise ToolError(str(error)) from error

    return told


class Tools:
    """What a host may ask; docstrings and types are what it is told."""

    def __init__(self, memory: fovea.AsyncMemory) -> None:
        self._memory = memory

    @_told
    async def remember(self, text: str, role: str = "note", source_id: str = "") -> Remembered:
        """Keep a text for good. The same `source_id` with the same text is kept once."""
        made = await self._memory.add(text, role, source_id=source_id)
        return Remembered(made.pages, made.text_tokens, made.vision_tokens, made.verbatim_characters)

    @_told
    async def recall(self, page: int | None = None, query: str | None = None, source: str = "automatic") -> list[Read]:
        """Read text back: one page by its number, or the 3 pages that match a query best.

        Page 0 is the newest text, which fills no page yet.
        source: "automatic" (the exact text while it is kept), "tokens" (from the vision tokens alone), "archive".
        """
        if (page is None) == (query is None):
            raise ToolError("recall: give either a page or a query")
        if page == 0:
            return [Read(0, "verbatim", "verbatim", 1, _shown(await self._memory.verbatim()))]
        read = [await self._memory.recall(page, source)] if page is not None else \
            await self._memory.recall(query or "", source)
        return [Read(item.id, item.level.name if item.level is not None else "verbatim", item.source,
                     round(item.confidence, 3), _shown(item.text)) for item in read]

    @_told
    async def search(self, query: str, k: int = 10, where: list[str] | None = None) -> Matches:
        """Pages that speak of something, best first, with a snippet each; `note` says why there are none.

        newest: a stretch of the newest text, which fills no page yet, with words of the query; page 0 recalls all of it.
        where: conditions that must all hold, such as "role = user", "time >= 2026-05-15", "level in small, tiny".
        """
        found = await self._memory.search(query, k, where=where or [])
        return Matches([Found(hit.id, round(hit.score, 4), _shown(hit.snippet), f"fovea://page/{hit.id}")
                        for hit in found], _shown(found.verbatim_snippet), found.note)

    @_told
    async def context(self, budget: int = 4000, query: str = "", target: str = "text") -> list[str | Image]:
        """What is worth knowing now, within a budget of tokens: pinned pages, the newest, and those that match.

        target: how to count and whether pages may come as pictures: "text", "anthropic", "gpt-4o", ...
        """
        made = await self._memory.context(budget, query=query, target=target)
        return [Image(data=part.png, format="png") if part.png else _shown(part.text) for part in made.parts]

    @_told
    async def forget(self, level: str | None = None, dry_run: bool = False) -> Faded:
        """Let pages fade: by the policy, or all unpinned ones to a level (small, tiny, faint, trace).

        dry_run tells what would happen, and by page the words that would be lost, and changes nothing.
        """
        aged = await (self._memory.plan(to=level) if dry_run else self._memory.age(to=level))
        return Faded([f"page {step.id}: {step.from_level.name} -> {step.to.name if step.to is not None else 'gone'}"
                      for step in aged.steps], sum(step.tokens_saved for step in aged.steps),
                     [f"page {refusal.id}: {refusal.reason}" for refusal in aged.refused],
                     {str(page): [_shown(word) for word in words] for page, words in aged.lost_words.items()})

    @_told
    async def erase(self, pages: list[int]) -> Erased:
        """Remove pages for good: text, vision tokens and index entries. Cannot be undone."""
        receipt = await self._memory.erase(pages)
        return Erased(receipt.pages, receipt.bytes_gone)

    @_told
    async def stats(self) -> Figures:
        """What the memory holds and what it costs."""
        stats = await self._memory.stats()
        return Figures(stats.pages, stats.messages, stats.text_tokens, stats.vision_tokens,
                       {level.name: summary.pages for level, summary in stats.levels.items()},
                       stats.verbatim_characters, stats.file_bytes)

    async def page_picture(self, page: int) -> bytes:
        """A page as it is remembered."""
        try:
            return (await self._memory.picture(page)).png
        except fovea.NotFound as error:
            raise ResourceNotFoundError(str(error)) from error
        except fovea.Error as error:
            raise ResourceError(str(error)) from error


def _shown(text: str) -> str:
    """JSON has no bytes that are not UTF-8."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def make_server(memory: fovea.AsyncMemory) -> MCPServer[Any]:
    server: MCPServer[Any] = MCPServer("fovea", instructions=INSTRUCTIONS, version=fovea.__version__)
    tools = Tools(memory)
    looks = ToolAnnotations(read_only_hint=True, open_world_hint=False)
    adds = ToolAnnotations(destructive_hint=False, open_world_hint=False)
    removes = ToolAnnotations(destructive_hint=True, open_world_hint=False)
    for tool, effect in ((tools.search, looks), (tools.recall, looks), (tools.stats, looks), (tools.remember, adds),
                         (tools.forget, removes), (tools.erase, removes)):
        server.add_tool(tool, annotations=effect)
    server.add_tool(tools.context, annotations=looks, structured_output=False)  # texts and pictures
    server.resource("fovea://page/{page}", name="page", mime_type="image/png")(tools.page_picture)
    return server


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r}: expected HOST:PORT, such as 127.0.0.1:8321")
    return host, int(port)


def main() -> None:
    parser = argparse.ArgumentParser(prog="fovea-mcp", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    _places.add_options(parser)
    parser.add_argument("--model", help="checkpoint folder (default: $FOVEA_MODEL or the shipped one)")
    parser.add_argument("--http", type=_address, metavar="HOST:PORT", help="serve streamable HTTP instead of stdio")
    options = parser.parse_args()
    try:
        memory = fovea.AsyncMemory(_places.store_of(options), options.model, options.scope, measured_pages=0)
    except fovea.Error as error:
        parser.exit(1, f"fovea-mcp: {error}\n")
    server = make_server(memory)
    if options.http:
        host, port = options.http
        server.run("streamable-http", host=host, port=port)
    else:
        server.run("stdio")


if __name__ == "__main__":
    main()
