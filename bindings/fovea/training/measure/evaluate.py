"""How much of unseen text is read back: accuracy, exact rows, cells that the glyph reader gets alone."""

from __future__ import annotations

import numpy as np
import torch

from ..network.alphabet import Alphabet
from ..network.geometry import GRIDS, SIDES
from ..network.layout import kept, lay_out
from ..network.reading import RowReader
from ..text.tokenizer import token_bytes


def edit_distances(pairs: list[tuple[str, str]]) -> np.ndarray:
    """Levenshtein distances of many pairs at once."""
    n = len(pairs)
    width = 1 + max((len(b) for _, b in pairs), default=0)
    height = max((len(a) for a, _ in pairs), default=0)
    a = np.full((n, height), -1, np.int64)
    b = np.full((n, width - 1), -2, np.int64)
    for i, (x, y) in enumerate(pairs):
        a[i, : len(x)] = [ord(ch) for ch in x]
        b[i, : len(y)] = [ord(ch) for ch in y]
    la, lb = np.array([len(x) for x, _ in pairs]), np.array([len(y) for _, y in pairs])
    line = np.tile(np.arange(width), (n, 1))
    out = lb.copy()
    columns = np.arange(width)
    for i in range(height):
        new = np.empty_like(line)
        new[:, 0] = i + 1
        new[:, 1:] = np.minimum(line[:, 1:] + 1, line[:, :-1] + (a[:, i : i + 1] != b))
        line = np.minimum.accumulate(new - columns, 1) + columns  # insertions
        here = la == i + 1
        out[here] = line[here, lb[here]]
    return out


class Evaluator:
    def __init__(self, model, tokenizer, alphabet: Alphabet, device):
        self.model, self.alphabet, self.device = model, alphabet, device
        self.drawer = model.drawer(alphabet, device)
        self.reader = RowReader(model, token_bytes(tokenizer), alphabet.width_of)
        self.class_of = torch.from_numpy(alphabet.class_of_glyph()).to(device)

    @torch.no_grad()
    def measure(self, texts: list[str], columns: int, level: str, rate: int = 0) -> dict:
        """Reads one page of each text, its tokens at a rate of their code. Returns accuracy = 1 - edit distance / length, exact_rows,
        glyph_cells, the bytes of a page's vision tokens, and of each page its characters and their edit distance."""
        grid = GRIDS[columns]
        pages, rows = zip(*(lay_out(*kept(t, self.alphabet), self.alphabet, columns, grid.rows) for t in texts))
        rows = [r + [""] * (grid.rows - len(r)) for r in rows]
        width = self.alphabet.width_of
        lengths = [[sum(map(width, r)) for r in page] for page in rows]
        glyphs = torch.from_numpy(np.stack(pages).astype(np.int64)).to(self.device)
        tokens, bits = self.model.encode(self.drawer.draw(glyphs, columns, SIDES[level]), rate)
        drafted = self.model.glyph_reader.head.best(self.model.glyph_reader.features(tokens, columns))
        truth = self.class_of[glyphs]
        alone = ((drafted == truth) & (truth > 0)).sum() / (truth > 0).sum()
        read = self.reader.read(tokens, columns, lengths)
        pairs = [(want, got.decode("utf-8", "replace")) for a, b in zip(rows, read) for want, got in zip(a, b) if want]
        page_of = np.repeat(np.arange(len(texts)), [sum(map(bool, a)) for a in rows])
        errors = np.bincount(page_of, edit_distances(pairs), len(texts)).astype(int)
        characters = np.bincount(page_of, [len(a) for a, _ in pairs], len(texts)).astype(int)
        length = int(characters.sum())
        return {
            "accuracy": round(1 - float(errors.sum()) / max(1, length), 5),
            "exact_rows": round(sum(a == b for a, b in pairs) / max(1, len(pairs)), 4),
            "glyph_cells": round(float(alone), 4),
            "characters": length,
            "bytes": round(float(bits.float().sum(1).mean()) / 8),
            "pages": [{"characters": c, "errors": e} for c, e in zip(characters.tolist(), errors.tolist())],
        }
