"""What routes answer: the library's results as JSON, under the names that they have in Python."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from fovea._web import shown


def _name(value: Any) -> Any:
    return value if isinstance(value, str) else value.name


def _by_name(values: Any) -> Any:
    return {_name(key): value for key, value in values.items()}


Text = Annotated[str, BeforeValidator(shown)]
Name = Annotated[str, BeforeValidator(_name)]
MaybeName = Annotated[str | None, BeforeValidator(lambda value: None if value is None else _name(value))]
ScopeText = Annotated[str, BeforeValidator(lambda scope: shown(str(scope)))]
Counts = dict[Text, int]
FidelityError = Annotated[float, Field(description="How far off fidelity may be; 0: the whole page was read.")]
Seconds = Annotated[int, Field(description="Since 1970; 0: not known, or never.")]


class Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class LevelSummary(Answer):
    pages: int
    vision_tokens: int
    fidelity: float | None


Levels = Annotated[dict[str, LevelSummary], BeforeValidator(_by_name)]


class Compacted(Answer):
    """What adding made of it."""

    pages: int = Field(description="Written by this request.")
    characters: int
    text_tokens: int = Field(description="What these pages would cost as text.")
    vision_tokens: int
    levels: Levels
    verbatim_characters: int = Field(description="Not on a page yet.")
    secrets: Counts = Field(description="Keys, tokens and private text that a mark replaced, by kind.")
    skipped_messages: int = Field(description="Already in the store, or erased from it.")
    erased_messages: int = Field(description="The part of these that was erased before.")
    left_out: Counts
    broken_parts: int = Field(0, description="Of a history: lines or items that could not be read.")
    stopped: bool


class Place(Answer):
    rank: int
    value: float
    adds: float


class Hit(Answer):
    """A page that was found, and why."""

    id: int
    score: float
    snippet: Text
    scope: ScopeText
    role: Text
    speaker: Text
    time: Seconds
    words: Place | None
    cosine: float | None
    likeness: Place | None
    recency: Place | None


class Found(Answer):
    hits: list[Hit]
    note: Text = Field(description="Without hits: why.")
    verbatim_snippet: Text = Field(description="Of the text that is not on a page yet.")


class RecalledMessage(Answer):
    begin: int
    length: int
    role: Text
    time: Seconds
    begins: bool
    ends: bool


class Recalled(Answer):
    """The text of a page. id 0: the text that is not on a page yet, whose level is null."""

    id: int
    level: MaybeName
    time: Seconds
    source: str = Field(description="tokens, corrected, archive or verbatim.")
    text: Text
    confidence: float
    complete: bool
    messages: list[RecalledMessage]


class Items(Answer):
    items: list[Recalled]


class Piece(Answer):
    page: int
    place: int
    role: Text
    speaker: Text
    time: Seconds
    text: Text
    around: Text


class Pieces(Answer):
    items: list[Piece]


class Page(Answer):
    id: int
    scope: ScopeText
    level: Name
    first_time: Seconds
    time: Seconds
    last_recalled: Seconds
    expires: Seconds
    pinned: bool
    has_archive: bool
    keeps_text: bool
    characters: int
    text_tokens: int
    vision_tokens: int
    token_bytes: int
    fidelity: float | None
    fidelity_error: FidelityError
    messages: int
    sources: list[Text]


class Pages(Answer):
    """In order; the newest, if there are more than the limit."""

    items: list[Page]
    more: bool


class Message(Answer):
    id: int
    scope: ScopeText
    role: Text
    time: Seconds
    expires: Seconds
    source_id: Text
    pages: list[int]
    level: MaybeName
    bytes: int
    tokens: int | None
    begins: Text


class Messages(Answer):
    """In order; the newest, if there are more than the limit."""

    items: list[Message]
    more: bool


class Entry(Answer):
    time: Seconds
    event: str
    page: int
    from_level: MaybeName
    to: MaybeName
    reason: str
    tokens_saved: int
    accuracy: float | None


class History(Answer):
    """Oldest first; the newest, if there are more than the limit."""

    items: list[Entry]
    more: bool


class ScopeHeld(Answer):
    scope: ScopeText
    pages: int
    messages: int
    text_tokens: int
    vision_tokens: int
    verbatim_bytes: int
    first_time: Seconds
    time: Seconds


class Scopes(Answer):
    items: list[ScopeHeld]


class Stats(Answer):
    """What the scope holds and costs."""

    pages: int
    messages: int
    text_tokens: int
    vision_tokens: int
    text_bytes: int
    token_bytes: int
    archive_bytes: int
    verbatim_characters: int
    pieces: int
    embedded_pieces: int
    embedder: str
    levels: Levels


class Verbatim(Answer):
    text: Text


class ContextPart(Answer):
    text: Text
    png: str = Field(description="Base64; empty for a text.")
    page: int
    tokens: int
    role: Text


class Context(Answer):
    """What to put into the next prompt: parts, or `messages` in a provider's format."""

    tokens: int
    budget: int
    images: int
    pages: int
    saved_against_text: int
    target: str
    notes: list[Text]
    parts: list[ContextPart]
    messages: list[dict[str, Any]] = Field(description="Empty for format parts.")


class Step(Answer):
    id: int
    from_level: Name
    to: MaybeName = Field(description="null: gone.")
    tokens_saved: int
    fidelity: float | None
    fidelity_error: FidelityError
    reason: str


class Refusal(Answer):
    id: int
    reason: Text


class Receipt(Answer):
    """What was removed for good, or would be."""

    pages: list[int]
    rewritten: list[int]
    without_text: list[int]
    not_searched: list[int]
    messages: int
    characters: int
    rows: Counts
    receipt: Text
    sha256: str
    bytes_gone: bool


class Aged(Answer):
    """A round of forgetting."""

    steps: list[Step]
    refused: list[Refusal]
    archives: list[int] = Field(description="Pages whose exact text went.")
    vision_tokens: int
    expired: Receipt | None
    stopped: bool


class Planned(Aged):
    lost_words: dict[int, list[Text]] = Field(description="By page, words that would no longer be read back.")


class Pinned(Answer):
    id: int
    pinned: bool


class Carried(Answer):
    pages: int


class Embedded(Answer):
    pieces: int
    known: int
    removed: int
    stopped: bool


class Health(Answer):
    status: str
