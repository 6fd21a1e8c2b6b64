"""An encoder without a picture, the control for the one that has it: the characters of the cells that a vision token
covers, each bound to its place in the token's square, averaged, and taken to the token's width by an MLP."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

from .alphabet import Alphabet
from .geometry import cell_map
from .model_config import ModelConfig

PLACES = (20, 40)  # down and across a token's square: no two cells share one, even on the densest page at trace


@dataclass(frozen=True)
class PageCells:
    """Pages for the encoder. classes [B, rows, columns] of their cells; token_grid: vision tokens across a page."""

    classes: torch.Tensor
    token_grid: int


class CellDrawer:
    """Does for this encoder what `PageDrawer` does for the one of pictures."""

    def __init__(self, alphabet: Alphabet, device):
        self.class_of = torch.from_numpy(alphabet.class_of_glyph()).to(device)

    def draw(self, glyphs: torch.Tensor, columns: int, side: int) -> PageCells:
        """glyphs [B, rows, columns] of pages that a picture would show with `side` px."""
        return PageCells(self.class_of[glyphs], side // 64)


class PooledLayer(nn.Module):
    """A residual MLP over single tokens."""

    def __init__(self, width: int):
        super().__init__()
        self.norm = nn.LayerNorm(width, 1e-6)
        self.fc1 = nn.Linear(width, 4 * width)
        self.fc2 = nn.Linear(4 * width, width)

    def forward(self, x):
        return x + self.fc2(F.gelu(self.fc1(self.norm(x))))


class PooledEncoder(nn.Module):
    """Binding is the outer product of a character's embedding and its place's. A sum of the two would forget, once
    averaged, which character stood where."""

    def __init__(self, c: ModelConfig):
        super().__init__()
        down, across = c.pool_waves
        bound = down * across * c.pool_features
        self.waves = c.pool_waves
        self.characters = nn.Embedding(c.characters, c.pool_features)
        self.places = nn.Parameter(torch.zeros(*PLACES, down * across))
        self.norm = nn.LayerNorm(bound, 1e-6)
        self.mix = nn.Linear(bound, c.width)
        self.mix_norm = nn.LayerNorm(c.width, 1e-6)  # as before the second tower's layers, or its size would drown theirs
        self.layers = nn.ModuleList(PooledLayer(c.width) for _ in range(c.pool_layers))

    @torch.no_grad()
    def initialise(self) -> None:
        """Starting weights of what binds: places begin as cosines of both directions, which tell neighbours apart."""
        nn.init.normal_(self.characters.weight, std=0.1)
        down, across = (self._cosines(places, waves) for places, waves in zip(PLACES, self.waves))
        self.places.copy_((down[:, None, :, None] * across[None, :, None, :]).flatten(2))

    @staticmethod
    def _cosines(places: int, waves: int) -> torch.Tensor:
        """[places, waves] of 0, 1/2, 1 ... cycles, each with a mean square of 1."""
        t = (torch.arange(places).float() + 0.5) / places
        table = torch.cos(math.pi * t[:, None] * torch.arange(waves))
        return table / table.square().mean(0).sqrt()

    def forward(self, page: PageCells):
        """-> vision tokens [B, token_grid^2, d]."""
        b, _, columns = page.classes.shape
        n = page.token_grid**2
        cells = cell_map(columns, page.token_grid, str(page.classes.device))
        characters = self.characters(page.classes.flatten(1))  # [B, cells, e]
        values = characters.new_zeros(b, n * cells.most, characters.shape[-1]).index_copy(1, cells.slot, characters)
        values = values.view(b, n, cells.most, -1).permute(1, 2, 0, 3).flatten(2)  # [n, most, B * e]
        x, y = (cells.offset * cells.offset.new_tensor(PLACES[::-1])).long().unbind(-1)
        places = self.places[y, x]  # [cells, S]
        places = places / torch.bincount(cells.token, minlength=n)[cells.token, None]  # an average over each block
        table = places.new_zeros(n * cells.most, places.shape[1]).index_copy(0, cells.slot, places)
        pooled = torch.bmm(table.view(n, cells.most, -1).transpose(1, 2), values)  # [n, S, B * e]
        pooled = pooled.view(n, places.shape[1], b, -1).permute(2, 0, 1, 3).flatten(2)  # [B, n, S * e]
        tokens = self.mix_norm(self.mix(self.norm(pooled)))
        for layer in self.layers:
            tokens = layer(tokens)
        return tokens
