"""Where things are on a page: grids, positions, the exact area shrink.

Positions are canvas positions divided by 1280, so that one model serves every level and density.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import torch

CANVAS = 1280
SIDES = {"large": 1280, "base": 1024, "small": 640, "tiny": 512, "faint": 384, "trace": 256}


@dataclass(frozen=True)
class Grid:
    """A page layout; `columns` names the density."""

    columns: int
    rows: int
    cell_width: int  # px at 1280
    cell_height: int  # px at 1280

    @property
    def margin_x(self) -> int:
        return (CANVAS - self.columns * self.cell_width) // 2

    @property
    def margin_y(self) -> int:
        return (CANVAS - self.rows * self.cell_height) // 2


# 32 columns is for learning only: the easiest pages, where training starts.
GRIDS = {
    g.columns: g
    for g in (
        Grid(32, 16, 40, 80),
        Grid(64, 32, 20, 40),
        Grid(80, 40, 16, 32),
        Grid(106, 53, 12, 24),
        Grid(128, 64, 10, 20),
        Grid(160, 80, 8, 16),
    )
}


def sine_features(v: torch.Tensor, n: int, low: float, high: float) -> torch.Tensor:
    """[...] -> [..., n]: n/2 sines, then n/2 cosines, of `low` to `high` cycles per unit."""
    steps = torch.linspace(math.log10(low), math.log10(high), n // 2, device=v.device)
    angle = v.float()[..., None] * (2 * math.pi * 10.0**steps)
    return torch.cat([angle.sin(), angle.cos()], -1)


def place_features(x: torch.Tensor, y: torch.Tensor, n: int, low: float, high: float) -> torch.Tensor:
    """Features of a place: [..., n], those of y before those of x."""
    half = n // 2
    return torch.cat([sine_features(y, half, low, high), sine_features(x, half, low, high)], -1)


def cell_x(grid: Grid, column: torch.Tensor) -> torch.Tensor:
    return (grid.margin_x + (column.float() + 0.5) * grid.cell_width) / CANVAS


def cell_y(grid: Grid, row: torch.Tensor) -> torch.Tensor:
    return (grid.margin_y + (row.float() + 0.5) * grid.cell_height) / CANVAS


def area_weights(size: int, out: int) -> torch.Tensor:
    """[out, size]: the share of each input pixel in each output pixel; rows sum to 1."""
    edges = torch.arange(out + 1, dtype=torch.float64) * size / out
    low, high = edges[:-1, None], edges[1:, None]
    pixel = torch.arange(size, dtype=torch.float64)[None]
    overlap = (torch.minimum(high, pixel + 1) - torch.maximum(low, pixel)).clamp(min=0)
    return (overlap * out / size).float()


@dataclass(frozen=True)
class CellMap:
    """Which vision token covers each cell of a page, and how to compute all cells token by token.

    token  [rows * columns] index of the covering vision token
    offset [rows * columns, 2] place inside its square, 0..1 (x, y)
    slot   [rows * columns] place in the padded [tokens * most] table that one batched product fills
    most   cells of the fullest token
    """

    token: torch.Tensor
    offset: torch.Tensor
    slot: torch.Tensor
    most: int


@lru_cache(maxsize=64)
def cell_map(columns: int, token_grid: int, device: str) -> CellMap:
    grid = GRIDS[columns]
    x = cell_x(grid, torch.arange(grid.columns))[None].expand(grid.rows, -1).flatten() * token_grid
    y = cell_y(grid, torch.arange(grid.rows))[:, None].expand(-1, grid.columns).flatten() * token_grid
    column, row = x.floor().long(), y.floor().long()
    token = row * token_grid + column
    order = torch.argsort(token, stable=True)
    counts = torch.bincount(token, minlength=token_grid**2)
    rank = torch.empty_like(token)
    starts = counts.cumsum(0) - counts
    rank[order] = torch.arange(len(token)) - starts[token[order]]
    most = int(counts.max())
    return CellMap(
        token.to(device),
        torch.stack([x - column, y - row], -1).to(device),
        (token * most + rank).to(device),
        most,
    )
