"""The glyph reader: the characters of a page's cells from its vision tokens, in one pass."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import nn

from .geometry import GRIDS, cell_map, place_features
from .glyph_head import GlyphHead
from .model_config import ModelConfig


class Refiner(nn.Module):
    """A residual MLP over a cell's features that knows the cell's place: where a token covers more cells
    than it has slots, neighbours share slots, and only the place tells them apart. Telling them apart
    is what the second hidden layer is for: elsewhere it is left out."""

    def __init__(self, c: ModelConfig):
        super().__init__()
        self.norm = nn.LayerNorm(c.slot_features, 1e-5)
        self.cell = nn.Linear(c.slot_features, c.refiner_hidden)
        self.place = nn.Linear(c.address_hidden, c.refiner_hidden, bias=False)
        self.deeper = nn.Linear(c.refiner_hidden, c.refiner_hidden) if c.refiner_layers > 1 else None
        self.out = nn.Linear(c.refiner_hidden, c.slot_features)

    def forward(self, features, place, crowded: bool):
        """features [B, rows, columns, e], place [rows, columns, address_hidden] -> as features.
        `crowded`: a token covers more cells than it has slots."""
        hidden = F.gelu(self.cell(self.norm(features)) + self.place(place))
        if crowded and self.deeper:
            hidden = hidden + F.gelu(self.deeper(hidden))
        return features + self.out(hidden)


class GlyphReader(nn.Module):
    """Reads the character of every cell from the vision token that covers it, in one pass.

    A token gives `slots` vectors; a cell takes their average, weighted by a softmax that depends
    only on the cell's place inside the token's square, and refines it.
    """

    def __init__(self, inputs: int, slots: int, c: ModelConfig, refine: bool = True):
        super().__init__()
        self.config, self.count = c, slots
        self.norm = nn.LayerNorm(inputs, 1e-5)
        self.slots = nn.Linear(inputs, slots * c.slot_features)
        self.address = nn.Sequential(
            nn.Linear(c.address_features, c.address_hidden), nn.GELU(), nn.Linear(c.address_hidden, slots)
        )
        self.head = GlyphHead(c.slot_features, c.head_hidden, c.characters, c.groups)
        self.refiner = Refiner(c) if refine and c.refiner_hidden else None

    def place(self, offset):
        """offset [..., 2] in 0..1 -> [..., address_hidden]."""
        c = self.config
        waves = place_features(offset[..., 0], offset[..., 1], c.address_features, *c.address_cycles)
        return self.address[1](self.address[0](waves))

    def weights(self, place):
        """place [..., address_hidden] -> [..., slots]."""
        return torch.softmax(self.address[2](place).float() * self.config.address_scale, -1)

    def features(self, tokens, columns: int, rows=None):
        """tokens [B, g * g, d] -> [B, L, columns, slot_features], of the rows numbered `rows` [L] or of all."""
        b, n, _ = tokens.shape
        cells = cell_map(columns, math.isqrt(n), str(tokens.device))
        values = self.slots(self.norm(tokens)).view(b, n, self.count, -1).permute(1, 2, 0, 3).flatten(2)  # [n, K, B*e]
        place = self.place(cells.offset)
        table = values.new_zeros(n * cells.most, self.count)
        table = table.index_copy(0, cells.slot, self.weights(place).to(values.dtype))
        out = torch.bmm(table.view(n, cells.most, self.count), values).flatten(0, 1)
        grid = GRIDS[columns]
        slot, place = cells.slot.view(grid.rows, -1), place.view(grid.rows, grid.columns, -1)
        if rows is not None:
            slot, place = slot[rows], place[rows]
        out = out.index_select(0, slot.flatten()).view(*slot.shape, b, -1).permute(2, 0, 1, 3)
        crowded = grid.rows * grid.columns > n * self.count
        return self.refiner(out, place, crowded) if self.refiner else out

    def at(self, tokens, index, offset):
        """Single places, not refined: tokens [B, n, d], index [B, m] of the token, offset [B, m, 2]
        -> features [B, m, slot_features]."""
        picked = self.norm(tokens).gather(1, index[..., None].expand(-1, -1, tokens.shape[-1]))
        values = self.slots(picked).unflatten(-1, (self.count, -1))
        place = self.place(offset)
        return (values * self.weights(place).to(values.dtype)[..., None]).sum(-2)
