"""What gathering gives, and what it holds out."""

from __future__ import annotations

import dataclasses
import pathlib
import zlib

VALIDATION_BYTES = 400_000  # of prose, of code and of documents

# Test data, caches and recorded sessions are no text to learn from.
SKIPPED_FOLDERS = {
    "transcripts",
    ".git",
    "__pycache__",
    "testdata",
    "test_data",
    "proc",
    "sys",
    "fonts",
    "icons",
    "locale",
    "zoneinfo",
}


def is_held_out(path: pathlib.Path) -> bool:
    """Whether a file is for validation. Decided by its name alone, so that copies and
    versions of one file fall on one side."""
    return zlib.crc32(path.stem.lower().encode("utf-8", "replace")) % 40 == 0


@dataclasses.dataclass
class Gathered:
    """Text of one kind and how much each language gave, in bytes."""

    train: list[str] = dataclasses.field(default_factory=list)
    validation: list[str] = dataclasses.field(default_factory=list)
    table: dict[str, tuple[int, int]] = dataclasses.field(default_factory=dict)
