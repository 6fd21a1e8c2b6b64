"""The characters of the atlas: bitmaps, widths, classes of the glyph reader.

A *glyph* numbers a bitmap of one cell: 0 blank, then the narrow characters, then the left and the
right half of each wide one. A *class* numbers what the glyph reader can answer: 0 blank, 1 a
character outside the atlas, 2 the right half of a wide one, then narrow and wide characters.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch

from .geometry import GRIDS, area_weights

BLANK, OUTSIDE, RIGHT_HALF, FIRST = 0, 1, 2, 3


class Alphabet:
    def __init__(self, atlas: dict, picture: Path):
        from PIL import Image

        self.description = atlas
        self.narrow, self.wide = atlas["narrow"], atlas["wide"]
        width, height = atlas["cell"]
        pixels = np.asarray(Image.open(picture).convert("L"))
        across, down = pixels.shape[1] // width, pixels.shape[0] // height
        first_wide = (len(self.narrow) + 1) // 2 * 2
        slots = [*range(len(self.narrow)), *range(first_wide, first_wide + 2 * len(self.wide))]
        cells = pixels.reshape(down, height, across, width).swapaxes(1, 2).reshape(-1, height, width)
        blank = np.full((1, height, width), 255, np.uint8)
        self.bitmaps = np.concatenate([blank, cells[slots]])  # [glyphs, 40, 20], 0 = black
        self.classes = FIRST + len(self.narrow) + len(self.wide)
        # Classes that begin a group, see glyph_head.py; none: all are weighed at once.
        self.groups = tuple(FIRST + first for first in atlas.get("groups", ()))
        self._lookup = np.full(0x110000, -1, np.int32)
        self._lookup[32] = 0
        self._wide_from = 1 + len(self.narrow)
        for i, ch in enumerate(self.narrow):
            self._lookup[ord(ch)] = 1 + i
        for i, ch in enumerate(self.wide):
            self._lookup[ord(ch)] = self._wide_from + 2 * i

    @classmethod
    def load(cls, folder: str | Path) -> Alphabet:
        folder = Path(folder)
        file = folder / "atlas.json"
        atlas = json.loads(file.read_text()) if file.exists() else json.loads((folder / "config.json").read_text())["atlas"]
        return cls(atlas, folder / "atlas.png")

    def glyphs(self, codes: np.ndarray) -> np.ndarray:
        """Code points [n] -> glyph of the (left half of the) character, -1 outside the atlas."""
        return self._lookup[codes]

    def is_wide(self, glyphs: np.ndarray) -> np.ndarray:
        return glyphs >= self._wide_from

    def width_of(self, ch: str) -> int:
        g = self._lookup[ord(ch)]
        return 2 if g >= self._wide_from else 1

    def class_of_glyph(self) -> np.ndarray:
        """[glyphs] -> class."""
        out = np.zeros(len(self.bitmaps), np.int64)
        n = len(self.narrow)
        out[1 : n + 1] = FIRST + np.arange(n)
        out[n + 1 :: 2] = FIRST + n + np.arange(len(self.wide))
        out[n + 2 :: 2] = RIGHT_HALF
        return out

    def cell_bitmaps(self, columns: int) -> torch.Tensor:
        """[glyphs, cell height, cell width] u8 at 1280 px, shrunk as the renderer does."""
        grid = GRIDS[columns]
        bitmaps = torch.from_numpy(self.bitmaps)
        if (grid.cell_width, grid.cell_height) == (bitmaps.shape[2], bitmaps.shape[1]):
            return bitmaps
        if grid.cell_width > bitmaps.shape[2]:  # only for learning: 32 columns
            scale = grid.cell_width // bitmaps.shape[2]
            return torch.from_numpy(self.bitmaps.repeat(scale, 1).repeat(scale, 2))
        down = area_weights(bitmaps.shape[1], grid.cell_height).double()
        across = area_weights(bitmaps.shape[2], grid.cell_width).double()
        return torch.cat([torch.floor(down @ some.double() @ across.T + 0.5 + 1e-9).to(torch.uint8)
                          for some in bitmaps.split(4096)])


class PageDrawer:
    """Draws pages of glyphs at a level, on the training device, as the renderer would."""

    def __init__(self, alphabet: Alphabet, device):
        self.alphabet, self.device = alphabet, device
        self._bitmaps: dict[int, torch.Tensor] = {}
        self._shrink: dict[int, torch.Tensor] = {}
        self.dtype = torch.float16 if torch.device(device).type == "cuda" else torch.float32

    @torch.no_grad()
    def draw(self, glyphs: torch.Tensor, columns: int, side: int) -> torch.Tensor:
        """glyphs [B, rows, columns] -> pixels [B, 1, side, side] in -1..1."""
        with torch.autocast(glyphs.device.type, enabled=False):
            return self._draw(glyphs, columns, side)

    def _draw(self, glyphs, columns: int, side: int):
        grid = GRIDS[columns]
        if columns not in self._bitmaps:
            self._bitmaps[columns] = self.alphabet.cell_bitmaps(columns).to(self.device, self.dtype)
        cells = self._bitmaps[columns][glyphs]  # [B, rows, columns, h, w]
        b = glyphs.shape[0]
        page = cells.transpose(2, 3).reshape(b, grid.rows * grid.cell_height, grid.columns * grid.cell_width)
        canvas = torch.full((b, 1280, 1280), 255, dtype=self.dtype, device=self.device)
        y, x = grid.margin_y, grid.margin_x
        canvas[:, y : y + page.shape[1], x : x + page.shape[2]] = page
        if side != 1280:
            if side not in self._shrink:
                self._shrink[side] = area_weights(1280, side).to(self.device, self.dtype)
            s = self._shrink[side]
            canvas = torch.floor(s @ canvas @ s.T + 0.5 + 1e-3)
        return (canvas.float() / 127.5 - 1)[:, None]
