"""Greedy reading of pages by any engine: all rows of all pages in one batch, the longest first, done ones leave."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import numpy as np

DONE_SHARE = 0.25  # of the rows, from which on they leave the batch: to move the others costs too
ROOM_STEP = 16  # tokens by which the rows' buffers grow


def moved(buffers: list, larger: list, step: int) -> list:
    """`larger`, [..., room, e] each, with what `step` tokens have put into the buffers."""
    for old, new in zip(buffers, larger):
        new[..., :step, :] = old
    return larger


class CellCounts:
    """How many cells a token's characters take, with what is left of a character that began in tokens before it."""

    def __init__(self, token_bytes: list[bytes], width_of: Callable[[str], int]):
        self.token_bytes, self.width_of = token_bytes, width_of
        self.whole = np.array([self._is_whole(text) for text in token_bytes])
        self.cells = np.array([self._cells(text) for text in token_bytes])

    @staticmethod
    def _is_whole(text: bytes) -> bool:
        try:
            return bool(text) and not any(unicodedata.combining(ch) for ch in text.decode())
        except UnicodeDecodeError:
            return False

    def _cells(self, text: bytes) -> int:
        return sum(self.width_of(ch) for ch in text.decode("utf-8", "ignore") if not unicodedata.combining(ch))

    def after(self, before: int, ids: list[int], token: int) -> int:
        """Cells of a row's tokens with `token`, its last; `before`: without it."""
        if self.whole[token] and (not ids or self.whole[ids[-1]]):
            return before + int(self.cells[token])
        return self._cells(b"".join(self.token_bytes[i] for i in [*ids, token]))


def read(engine, vectors: np.ndarray, lengths: list[list[int]], first_ids: np.ndarray,
         counts: CellCounts) -> list[list[str]]:
    """vectors [B, n, d] as stored, cells used on each row of each page -> the rows' texts.

    `engine`: start(vectors), step(...), keep(rows of each page) as in engines.py; `first_ids`: [rows] position tokens.
    """
    want = np.array(lengths)
    pages, rows = want.shape
    number = np.argsort(-want, 1, kind="stable")[:, : int((want > 0).sum(1).max())]  # [B, R]
    page = np.arange(pages)[:, None]
    texts: list[list[list[int]]] = [[[] for _ in range(rows)] for _ in range(pages)]
    cells, ids = np.zeros_like(number), first_ids[number]
    left = want[page, number]
    engine.start(vectors)
    step = 0
    while (left > 0).any():
        active = (left > 0).sum(1).max()
        if active <= (1 - DONE_SHARE) * left.shape[1]:
            stay = np.argsort(left <= 0, 1, kind="stable")[:, :active]
            engine.keep(stay)
            number, cells, ids, left = (x[page, stay] for x in (number, cells, ids, left))
        ids = engine.step(ids, number, cells, np.maximum(left, 1), step)
        for b, r in zip(*np.nonzero(left > 0)):
            row = texts[b][number[b, r]]
            token = int(ids[b, r])
            cells[b, r] = counts.after(int(cells[b, r]), row, token)
            row.append(token)
        left = np.where(left > 0, want[page, number] - cells, 0)
        step += 1
    return [[b"".join(counts.token_bytes[i] for i in row).decode("utf-8", "replace") for row in one] for one in texts]
