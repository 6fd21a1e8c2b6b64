"""All kinds of samples, and text made of them."""

from __future__ import annotations

import random
import typing

from ..slices import Slices
from . import (
    chat_messages, claude_code, codex, commands, data, markdown, openai_chat, plain_text, sharegpt, shell, trajectory,
)  # fmt: skip
from .choice import Choice
from .session import Session
from .vocabulary import NOUNS

FORMATS = (claude_code, codex, openai_chat, chat_messages, sharegpt, trajectory, plain_text)
LOOSE = (markdown, shell, commands, data)  # what stands in histories, by itself
KINDS = tuple(kind for module in (*FORMATS, *LOOSE) for kind in module.KINDS)  # how often, maker
_CHOICE = Choice(*KINDS)


def generate(
    rng: random.Random, texts: typing.Mapping[str, Slices], characters: int, vocabulary: typing.Sequence[str] = NOUNS
) -> str:
    """At least `characters` characters, which start anywhere inside the first piece.

    `texts`: slices of "prose", "code" and "docs". `vocabulary`: words for names of things.
    """
    parts, length = [], -1  # the last part is followed by no newline
    while length < characters:
        session = Session(rng, texts, vocabulary)
        make = session.draw(_CHOICE)
        # A session goes on in its kind for a while, so that ids, names and times come back.
        for _ in range(rng.randint(1, 3)):
            part = make(session)
            if not parts:
                part = part[int(rng.random() * len(part) * 0.8) :]
            parts.append(part)
            length += len(part) + 1
            if length >= characters:
                break
    return "\n".join(parts)
