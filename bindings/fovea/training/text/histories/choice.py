"""Kinds of a thing, and how often each is drawn."""

from __future__ import annotations

import itertools
import random
import typing


class Choice:
    """Items by weight: `Choice((3, often), (1, seldom))`."""

    def __init__(self, *table: tuple[int, typing.Any]):
        weights, self.items = zip(*table)
        self._sums = tuple(itertools.accumulate(weights))

    def draw(self, rng: random.Random) -> typing.Any:
        return rng.choices(self.items, cum_weights=self._sums)[0]

    def draw_many(self, rng: random.Random, count: int) -> list[typing.Any]:
        return rng.choices(self.items, cum_weights=self._sums, k=count)
