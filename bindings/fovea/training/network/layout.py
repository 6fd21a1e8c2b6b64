"""Text laid out on a page: the glyphs of its cells, the text of its rows."""

from __future__ import annotations

import numpy as np

from .alphabet import Alphabet


def kept(text: str, alphabet: Alphabet) -> tuple[np.ndarray, np.ndarray]:
    """The code points that the atlas has, and their glyphs; the others are left out."""
    codes = np.frombuffer(text.encode("utf-32-le", "ignore"), np.uint32)
    glyphs = alphabet.glyphs(codes)
    here = glyphs >= 0
    return codes[here], glyphs[here]


def lay_out(codes, glyphs, alphabet: Alphabet, columns: int, rows: int):
    """Packs characters into rows: page [rows, columns] of glyphs, text of each row.

    A wide character never straddles a row end.
    """
    page = np.zeros((rows, columns), np.uint32)
    wide = alphabet.is_wide(glyphs)
    starts = [0]
    if not wide[: rows * columns].any():
        n = min(len(glyphs), rows * columns)
        page.reshape(-1)[:n] = glyphs[:n]
        starts = list(range(0, n, columns)) + [n]
    else:
        edge = np.concatenate([[0], np.cumsum(1 + wide)])
        at = 0
        for r in range(rows):
            end = int(np.searchsorted(edge, edge[at] + columns, "right")) - 1
            if end == at:
                break
            columns_of = edge[at:end] - edge[at]
            page[r, columns_of] = glyphs[at:end]
            halves = columns_of[wide[at:end]]
            page[r, halves + 1] = glyphs[at:end][wide[at:end]] + 1
            at = end
            starts.append(at)
    text = codes[: starts[-1]].astype("<u4").tobytes().decode("utf-32-le")
    return page, [text[a:b] for a, b in zip(starts, starts[1:])]
