"""Writing figures into the documents, and finding out where one is not what was measured."""

from __future__ import annotations

import pathlib
import re
from collections.abc import Iterable
from typing import Any

from .subject import NUMBER, Sentence
from .work import REPOSITORY

MARKER = re.compile(r"<!-- figures: ([\w-]+) -->")


def documents() -> list[pathlib.Path]:
    return [REPOSITORY / "README.md", *sorted((REPOSITORY / "doc").glob("*.md")),
            REPOSITORY / "models/fovea-nano/card.md"]


def _end_of_block(lines: list[str], begin: int) -> int:
    """The line after a table or a fenced block that begins there; `begin` where there is none yet."""
    if begin < len(lines) and lines[begin].startswith("```"):
        if "```" not in lines[begin + 1:]:
            raise ValueError(f"the fenced block in line {begin + 1} has no end")
        return lines.index("```", begin + 1) + 1
    end = begin
    while end < len(lines) and lines[end].startswith("|"):
        end += 1
    return end


def with_blocks(text: str, blocks: dict[str, str]) -> tuple[str, set[str]]:
    """The text with its blocks written anew, and the names of those that it has."""
    lines, written, found, at = text.split("\n"), [], set(), 0
    while at < len(lines):
        written.append(lines[at])
        marker = MARKER.fullmatch(lines[at])
        at += 1
        if marker and marker[1] in blocks:
            found.add(marker[1])
            written += blocks[marker[1]].rstrip("\n").split("\n")
            at = _end_of_block(lines, at)
    return "\n".join(written), found


def with_sentence(text: str, sentence: Sentence, numbers: dict[str, Any]) -> str:
    """The text with the sentence's numbers written anew; an error where it does not stand there once."""
    places = list(sentence.pattern().finditer(text))
    if len(places) != 1:
        raise ValueError(f"{sentence.document} has this sentence {len(places)} times, not once: {sentence.template}")
    wanted = sentence.pattern().fullmatch(sentence.text(numbers))
    if wanted is None:
        raise ValueError(f"a number of this sentence of {sentence.document} has not the form {NUMBER}: "
                         f"{sentence.text(numbers)}")
    place, out, at = places[0], "", 0
    for group in range(1, len(wanted.groups()) + 1):
        out += text[at:place.start(group)] + wanted[group]
        at = place.end(group)
    return out + text[at:]


def tables(text: str) -> Iterable[tuple[str, str, list[str]]]:
    """Each table outside of fenced code: the name of its marker or "", its head, the lines below."""
    lines, fenced, at = text.split("\n"), False, 0
    while at < len(lines):
        fenced ^= lines[at].lstrip().startswith("```")
        end = _end_of_block(lines, at) if lines[at].startswith("|") and not fenced else at
        if end > at:
            marker = MARKER.fullmatch(lines[at - 1]) if at else None
            yield marker[1] if marker else "", lines[at], lines[at + 2:end]
        at = max(end, at + 1)


def has_numbers(rows: list[str]) -> bool:
    """Whether a table states numbers outside of code and of what links lead to."""
    plain = re.sub(r"`[^`]*`|\]\([^)]*\)", "", "\n".join(rows))
    return re.search(r"(?<!\w)\.?\d", plain) is not None


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = list(head)
    first, *others = ("| " + " | ".join(row) + " |" for row in (head, *map(list, rows)))
    return "\n".join([first, "|---" * len(head) + "|", *others]).replace("|  |", "| |")
