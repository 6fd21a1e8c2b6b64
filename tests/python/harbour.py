"""Text for tests of the package: lines that can be told apart, and what a page of them is."""

from __future__ import annotations

NUMBERS = "one two three four five six seven eight nine ten eleven twelve".split()
PAGE_LINES = 56  # a little more than a page at density 106


def prose(lines: int, start: int = 0) -> str:
    return "".join(f"{start + i:05d} The {NUMBERS[i % 12]} ships left the harbour before noon, and the keeper "
                   f"wrote {NUMBERS[(7 * i) % 12]} names into his book.\n" for i in range(lines))
