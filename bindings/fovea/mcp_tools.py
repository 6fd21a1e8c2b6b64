"""The tools of fovea-mcp: what a host may ask, and what it is answered."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime
import functools
import math
from collections.abc import Awaitable, Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

from mcp.server.mcpserver import Context, Image
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError, ToolError

import fovea
from fovea._places import secrets_told
from fovea._web import shown

P = ParamSpec("P")
R = TypeVar("R")

MOST_HITS = 50
MOST_CHARACTERS = 100_000
_PAGE = 5_000  # characters, roughly: for a total in progress reports


@dataclasses.dataclass
class Found:
    page: int
    time: str
    role: str
    speaker: str
    score: float
    snippet: str
    picture: str


@dataclasses.dataclass
class Matches:
    pages: list[Found]
    newest: str
    note: str


@dataclasses.dataclass
class Part:
    role: str
    time: str
    begin: int
    length: int


@dataclasses.dataclass
class Read:
    page: int
    time: str
    level: str
    source: str
    confidence: float
    text: str
    characters_left_out: int
    messages: list[Part]


@dataclasses.dataclass
class ListedMessage:
    page: int
    time: str
    role: str
    level: str
    tokens: int
    begins: str


@dataclasses.dataclass
class Messages:
    messages: list[ListedMessage]
    more: bool


@dataclasses.dataclass
class ListedPage:
    page: int
    first_time: str
    time: str
    level: str
    pinned: bool
    characters: int
    vision_tokens: int
    messages: int


@dataclasses.dataclass
class Pages:
    pages: list[ListedPage]
    more: bool


@dataclasses.dataclass
class Remembered:
    new_pages: int
    text_tokens: int
    vision_tokens: int
    characters_not_on_a_page: int
    note: str


@dataclasses.dataclass
class Faded:
    steps: list[str]
    tokens_saved: int
    refused: list[str]
    lost_words: dict[str, list[str]]


@dataclasses.dataclass
class Erased:
    pages: list[int]
    rewritten: list[int]
    messages: int
    characters: int
    bytes_gone: bool
    note: str


@dataclasses.dataclass
class Pinned:
    page: int
    pinned: bool


@dataclasses.dataclass
class Figures:
    pages: int
    messages: int
    text_tokens: int
    vision_tokens: int
    pages_by_level: dict[str, int]
    characters_not_on_a_page: int
    file_bytes: int


def _told(call: Callable[Concatenate[Tools, P], Awaitable[R]]) -> Callable[Concatenate[Tools, P], Awaitable[R]]:
    """Errors of the memory are for the model to read, not crashes."""

    @functools.wraps(call)
    async def told(self: Tools, /, *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return await call(self, *args, **kwargs)
        except Exception as error:
            if (reason := self.reason_of(error)) is None:
                raise
            raise ToolError(reason) from error

    return told


def _reason_of(error: Exception) -> str | None:
    return str(error) if isinstance(error, fovea.Error) else None


class Tools:
    """What a host may ask; docstrings and types are what it is told.

    memories: gives two memories of one scope, a reader and a writer, so that a question is answered while a text is
    encoded. Asked at each call: a server of many scopes has others for each caller.
    reason_of: what a host is told of an error, None for one that is a crash.
    """

    def __init__(self, memories: Callable[[], tuple[fovea.AsyncMemory, fovea.AsyncMemory]], most_characters: int,
                 reason_of: Callable[[Exception], str | None] = _reason_of) -> None:
        self._memories = memories
        self._most_characters = most_characters
        self.reason_of = reason_of

    @property
    def _reader(self) -> fovea.AsyncMemory:
        return self._memories()[0]

    @property
    def _writer(self) -> fovea.AsyncMemory:
        return self._memories()[1]

    @_told
    async def remember(self, text: str, context: Context[Any, Any], role: str = "note",
                       source_id: str = "") -> Remembered:
        """Keep a text for good. The same `source_id` with the same text is kept once; if erased, not again."""
        if len(text) > self._most_characters:
            raise ToolError(f"remember: {len(text):,} characters; at most {self._most_characters:,} at once, or "
                            "`memctl compact FILE` for a whole file")
        made = await self._writer.add(text, role, source_id=source_id, progress=_reports(context, len(text)))
        notes = [f"not kept: {told}"] if (told := secrets_told(made.secrets)) else []
        notes += ["not kept, because it was erased before"] if made.erased_messages else []
        return Remembered(made.pages, made.text_tokens, made.vision_tokens, made.verbatim_characters, "; ".join(notes))

    @_told
    async def recall(self, page: int | None = None, query: str | None = None, source: str = "automatic",
                     begin: int = 0, limit: int = 20_000) -> list[Read]:
        """Read text back: one page by its number, or the 3 pages that match a query best.

        Page 0 is the newest text, which does not fill a page yet.
        source: "automatic" (the exact text while it is kept), "tokens" (from the vision tokens alone), "archive".
        begin, limit: which characters of each page; characters_left_out says how many follow.
        """
        if (page is None) == (query is None):
            raise ToolError("recall: give either a page or a query")
        if begin < 0 or not 1 <= limit <= MOST_CHARACTERS:
            raise ToolError(f"recall: begin {begin}, limit {limit}; expected begin 0 or more, limit 1 to "
                            f"{MOST_CHARACTERS:,} characters")
        read = await self._reader.recall([page], source) if page is not None else \
            await self._reader.recall(query or "", source)
        return [Read(item.id, _time(item.time), item.level.name if item.level is not None else "verbatim", item.source,
                     round(item.confidence, 3), shown(item.text[begin:begin + limit]),
                     max(0, len(item.text) - begin - limit),
                     [Part(shown(part.role), _time(part.time), part.begin, part.length) for part in item.messages
                      if part.begin < begin + limit and part.begin + part.length > begin]) for item in read]

    @_told
    async def search(self, query: str, k: int = 10, where: list[str] | None = None) -> Matches:
        """Pages that mention something, best first, each with a snippet; `note` says why there are none.

        k: at most 50. newest: a stretch of the newest text, which does not fill a page yet, with words of the query;
        recall page 0 for all of it.
        query: words; "words in quotes" are a phrase, wor* is a prefix.
        where: conditions that must all hold, such as "role = user", "time >= 2026-05-15", "level in small, tiny".
        """
        found = await self._reader.search(query, min(k, MOST_HITS), where=where or [])
        return Matches([Found(hit.id, _time(hit.time), shown(hit.role), shown(hit.speaker), round(hit.score, 4), shown(hit.snippet),
                              f"fovea://page/{hit.id}") for hit in found], shown(found.verbatim_snippet),
                       shown(found.note))

    @_told
    async def list_messages(self, limit: int = 20, where: list[str] | None = None) -> Messages:
        """The stored messages, newest first: page (0: the newest text, on no page yet), time, role, first words.

        limit: at most 500; `more` says whether there are older ones. where: conditions, as for `search`; use
        "time < ..." for older ones. A message whose text is not kept has no first words and 0 tokens.
        """
        held = await self._reader.messages(where=where or [], limit=_one_more("list", limit))
        return Messages([ListedMessage(message.pages[0] if message.pages else 0, _time(message.time), shown(message.role),
                                       message.level.name if message.level is not None else "verbatim",
                                       message.tokens or 0, shown(message.begins))
                         for message in reversed(held[-limit:])], len(held) > limit)

    @_told
    async def list_pages(self, limit: int = 20, where: list[str] | None = None) -> Pages:
        """The pages, newest first, with the times of their messages, level and size; `limit`, `where`: see `list`."""
        held = await self._reader.pages(where=where or [], limit=_one_more("pages", limit))
        return Pages([ListedPage(page.id, _time(page.first_time), _time(page.time), page.level.name, page.pinned,
                                 page.characters, page.vision_tokens, page.messages)
                      for page in reversed(held[-limit:])], len(held) > limit)

    @_told
    async def context(self, budget: int = 4000, query: str = "", target: str = "text") -> list[str | Image]:
        """What is worth knowing now, within a budget of tokens: pinned pages, the newest, and those that match.

        target: how to count and whether pages may come as pictures: "text", "anthropic", "gpt-4o", ...
        """
        made = await self._reader.context(budget, query=query, target=target)
        parts = [Image(data=part.png, format="png") if part.png else shown(part.text) for part in made.parts]
        return [*parts, *(f"Note: {shown(note)}" for note in made.notes)]

    @_told
    async def pin(self, page: int, pinned: bool = True) -> Pinned:
        """Keep a page as sharp as it is, and in every context; `pinned` false lets it fade again."""
        await self._writer.pin(page, pinned)
        return Pinned(page, pinned)

    @_told
    async def forget(self, context: Context[Any, Any], level: str | None = None, dry_run: bool = False) -> Faded:
        """Let pages fade: by the policy, or all unpinned ones to a level (small, tiny, faint, trace).

        dry_run shows what would happen and, by page, the words that would be lost; it changes nothing.
        """
        aged = await self._writer.age(dry_run=dry_run, to=level, progress=_reports(context, 0))
        return Faded([f"page {step.id}: {step.from_level.name} -> {step.to.name if step.to is not None else 'gone'}"
                      for step in aged.steps], sum(step.tokens_saved for step in aged.steps),
                     [f"page {refusal.id}: {refusal.reason}" for refusal in aged.refused],
                     {str(page): [shown(word) for word in words] for page, words in aged.lost_words.items()})

    @_told
    async def erase(self, pages: list[int] | None = None, query: str = "", where: list[str] | None = None,
                    source_ids: list[str] | None = None, dry_run: bool = False) -> Erased:
        """Remove for good, with vision tokens and index entries: pages, or messages wherever they are.

        pages: with everything on them; page 0 is the newest text, which does not fill a page yet.
        query: messages that have all these words. where: messages that meet all conditions, such as "role = tool".
        source_ids: messages from these sources. What is left of a page is redrawn.
        dry_run shows how much would be removed, and removes nothing. Cannot be undone.
        """
        gone = await self._writer.erase(pages, where=where or [], query=query, source_ids=source_ids or [],
                                        dry_run=dry_run)
        note = f"pages {gone.not_searched} could not be searched: their exact text was not kept" \
            if gone.not_searched else ""
        return Erased(gone.pages, gone.rewritten, gone.messages, gone.characters, gone.bytes_gone, note)

    @_told
    async def stats(self) -> Figures:
        """What the memory holds and what it costs."""
        stats = await self._reader.stats()
        return Figures(stats.pages, stats.messages, stats.text_tokens, stats.vision_tokens,
                       {level.name: summary.pages for level, summary in stats.levels.items()},
                       stats.verbatim_characters, stats.file_bytes)

    async def page_picture(self, page: int) -> bytes:
        """A page as it is remembered."""
        try:
            return (await self._reader.picture(page)).png
        except fovea.NotFound as error:
            raise ResourceNotFoundError(str(error)) from error
        except fovea.Error as error:
            raise ResourceError(str(error)) from error


def _reports(context: Context[Any, Any], characters: int) -> Callable[[int, int], bool]:
    """A `progress` that a host hears of while the memory's own thread works."""
    loop = asyncio.get_running_loop()
    expected = math.ceil(characters / _PAGE)

    def report(done: int, total: int) -> bool:
        asyncio.run_coroutine_threadsafe(context.report_progress(done, max(total, expected, done)), loop)
        return True

    return report


def _one_more(tool: str, limit: int) -> int:
    """Which says whether there are more."""
    if not 1 <= limit <= 500:
        raise ToolError(f"{tool}: limit {limit}; expected 1 to 500")
    return limit + 1


def _time(seconds: int) -> str:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).isoformat() if seconds else ""
