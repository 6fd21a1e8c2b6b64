"""What a subject of figures is."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from typing import Any

from .work import Work

Values = dict[str, Any]
NUMBER = r"[\d,]*\.?\d+"


@dataclasses.dataclass(frozen=True)
class Sentence:
    """Numbers that stand in a document's prose: `template` has them as `{name:format}`, all else as it
    stands there, however its lines break."""

    document: str
    template: str

    def text(self, numbers: Mapping[str, Any]) -> str:
        return self.template.format(**numbers)

    def pattern(self) -> re.Pattern[str]:
        """Finds the sentence with any numbers, each a group."""
        parts = re.split(r"\{[^}]*\}", self.template)
        literal = [r"\s+".join(re.escape(word) for word in re.split(r"\s+", part)) for part in parts]
        return re.compile(f"({NUMBER})".join(literal))


@dataclasses.dataclass(frozen=True)
class Subject:
    name: str
    title: str
    minutes: float  # about how long it takes on two cores
    measure: Callable[[Work], Values]
    programs: tuple[str, ...]  # files that decide what is measured, beside `measure`, checkpoint and library
    blocks: Callable[[Values], dict[str, str]] = lambda values: {}  # Markdown by the name of its marker
    numbers: Callable[[Values], dict[str, Any]] = lambda values: {}  # what the sentences take
    sentences: tuple[Sentence, ...] = ()
    pictures: tuple[str, ...] = ()
    tolerance: float = 0.0  # share by which another machine's values may differ
    of_checkpoint: bool = True
    needs_transcripts: bool = False
