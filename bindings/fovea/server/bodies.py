"""What requests may say. Fields that a route does not have are refused, and a number in quotes is no number."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

MOST_HITS, MOST_IDS, MOST_LISTED, MOST_CONDITIONS = 100, 100, 1000, 20
MOST_SECONDS = 10**11

Level = Literal["large", "base", "small", "tiny", "faint", "trace"]
Source = Literal["automatic", "tokens", "archive"]
Id = Annotated[int, Field(ge=0, lt=2**63)]
Ids = Annotated[list[Id], Field(min_length=1, max_length=MOST_IDS)]
Condition = Annotated[str, Field(min_length=1, max_length=2000)]
Where = Annotated[list[Condition], Field(max_length=MOST_CONDITIONS, description=(
    'Conditions that must all hold, such as "role = user", "time >= 2026-05-15", "level in small, tiny".'))]
Time = Annotated[float, Field(ge=0, le=MOST_SECONDS, allow_inf_nan=False, description="Seconds since 1970.")]
Query = Annotated[str, Field(min_length=1, max_length=10_000)]
Hits = Annotated[int, Field(ge=1, le=MOST_HITS)]
Policy = Annotated[dict[str, Any], Field(description=(
    "For this round, as doc/policies.md has it. A policy can have pages erased: it needs the right erase."))]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class NewMessage(Body):
    role: Annotated[str, Field(min_length=1, max_length=200)]
    content: str
    id: Annotated[str, Field(max_length=1000, description=(
        "Identifies the message together with its text: it is added once."))] = ""
    time: Time | None = None


class NewMessages(Body):
    messages: Annotated[list[NewMessage], Field(min_length=1, max_length=10_000)]
    expires: Time | None = None
    restore: Annotated[bool, Field(description="Also add messages that were erased.")] = False
    finish: Annotated[bool, Field(description="Make a part-filled page of the rest.")] = False


class Search(Body):
    query: Query
    k: Hits = 10
    where: Where = []
    recency: Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)] = 0


class Recall(Body):
    """Pages by their ids, or those that match a query best."""

    ids: Ids | None = None
    query: Query | None = None
    source: Source = "automatic"
    k: Hits = 3
    where: Where = []


class Read(Body):
    ids: Ids
    source: Source = "automatic"


class PiecesAsked(Body):
    query: Query
    k: Hits = 3
    where: Where = []


class ContextAsked(Body):
    budget: Annotated[int, Field(ge=1, le=2_000_000)] = 20_000
    query: Annotated[str, Field(max_length=10_000)] = ""
    recent: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] | None = None
    target: Annotated[str, Field(max_length=100)] | None = None
    format: Literal["parts", "openai-chat", "openai-responses", "anthropic"] = "parts"
    turns: bool = True


class Age(Body):
    to: Level | None = None
    policy: Policy | None = None


class Promote(Body):
    to: Level | None = None


class Pin(Body):
    pinned: bool = True


class Span(Body):
    page: Id
    begin: Annotated[int, Field(ge=0, lt=2**31)]
    end: Annotated[int, Field(ge=1, lt=2**31)]


class Erase(Body):
    """Pages, or messages that meet all that is given, or a part of a page."""

    ids: Ids | None = None
    where: Where = []
    query: Annotated[str, Field(max_length=10_000)] = ""
    source_ids: Annotated[list[Annotated[str, Field(min_length=1, max_length=1000)]], Field(max_length=1000)] = []
    span: Span | None = None
    dry_run: bool = False


class Export(Body):
    key: Annotated[str, Field(max_length=200, description="64 hexadecimal digits, which encrypt the file.")] | None = None


class Embed(Body):
    replace: bool = False
