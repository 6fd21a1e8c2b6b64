"""What workers tell the driver, as JSON objects that pass through Ray as texts."""

from __future__ import annotations

import dataclasses
import json
from typing import Any


@dataclasses.dataclass
class Begun:
    """A content is about to be added under a name."""

    scope: str
    content: str
    name: str


@dataclasses.dataclass
class FileDone:
    """A file that is in the store now, or that cannot be put there."""

    scope: str
    file: dict[str, Any]   # of journal.File
    content: str = ""
    name: str = ""         # under which its content is known
    failure: str = ""
    messages: int = 0      # added
    known: int = 0         # messages that the scope had
    erased: int = 0        # messages kept out, as they were erased
    broken: int = 0        # parts that could not be read
    secrets: int = 0       # replaced by a mark
    pages: int = 0
    text_tokens: int = 0
    vision_tokens: int = 0
    text_bytes: int = 0
    token_bytes: int = 0
    fetch_seconds: float = 0
    add_seconds: float = 0


@dataclasses.dataclass
class Finished:
    """A scope whose end is on a page now, or cannot be put there."""

    scope: str
    failure: str = ""
    pages: int = 0
    text_tokens: int = 0
    vision_tokens: int = 0
    text_bytes: int = 0
    token_bytes: int = 0
    seconds: float = 0


@dataclasses.dataclass
class ScopeDone:
    """A scope that was aged, migrated or measured, or could not be."""

    scope: str
    failure: str = ""
    seconds: float = 0
    counts: dict[str, int] = dataclasses.field(default_factory=dict)
    figures: list[dict[str, Any]] = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Stopped:
    """The store cannot be written any more."""

    reason: str


Result = Begun | FileDone | Finished | ScopeDone | Stopped
_KINDS: dict[str, type[Any]] = {kind.__name__: kind for kind in (Begun, FileDone, Finished, ScopeDone, Stopped)}


def to_json(result: Result) -> str:
    return json.dumps({"kind": type(result).__name__, **dataclasses.asdict(result)})


def from_json(text: str) -> Result:
    data = json.loads(text)
    made: Result = _KINDS[data.pop("kind")](**data)
    return made
