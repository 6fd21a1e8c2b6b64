"""What makers of text cut pieces from."""

from __future__ import annotations

import random
import typing


class Slices(typing.Protocol):
    """A long text that gives slices from anywhere, and from the start of a line."""

    def slice(self, rng: random.Random, characters: int) -> str: ...

    def lines(self, rng: random.Random, characters: int) -> str: ...
