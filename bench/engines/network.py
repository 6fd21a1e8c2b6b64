"""fovea-nano as other engines are given it: three parts with fixed inputs and outputs, written for inference.

The weights are those of the checkpoint, 8 bits expanded to float32. What depends on the page's layout alone (position
tables, which vision token covers a cell) is computed once, here; projections that share an input are one product.
Nothing is specific to an engine, so that all of them run the same graph.
"""

from __future__ import annotations

import copy
import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from fovea.training.network.attention import attend
from fovea.training.network.decoder import DecoderLayer, rotate
from fovea.training.network.encoder import resized_table
from fovea.training.network.geometry import GRIDS, SIDES, cell_map, cell_x, cell_y, place_features
from fovea.training.network.model import CodecModel

COLUMNS = 106  # of the pages that are compared
NEVER = 1 << 20  # cells of a token that has no text


class Encoder(nn.Module):
    """Pictures [B, side, side] uint8 -> vision tokens [B, n, d] float32, before they are rounded for the store."""

    def __init__(self, model: CodecModel, level: str):
        super().__init__()
        patches, tokens = SIDES[level] // 16, SIDES[level] // 64
        self.sam, self.clip, self.projector = copy.deepcopy(model.sam_model), model.vision_model, model.projector.layers
        table = resized_table(model.sam_model.pos_embed.permute(0, 3, 1, 2), patches)
        self.sam.pos_embed = nn.Parameter(table.view(1, patches, patches, -1))
        table = model.vision_model.embeddings.position_embedding.weight
        side = resized_table(table[1:].T.reshape(1, -1, 16, 16), tokens)
        self.register_buffer("positions", torch.cat([table[:1], side]).detach())

    def forward(self, pictures: Tensor) -> Tensor:
        kind = self.positions.dtype
        pixels = (pictures[:, None].float() / 255.0 - 0.5) / 0.5
        local = self.sam(pixels.to(kind))[0].flatten(2).transpose(1, 2)  # [B, n, C]
        first = self.clip.embeddings.class_embedding.expand(local.shape[0], 1, -1)
        x = self.clip.pre_layrnorm(torch.cat([first, local], 1) + self.positions)
        for layer in self.clip.transformer.layers:
            x = layer(x)
        return self.projector(torch.cat([x[:, 1:], local], -1)).float()


class Feed(nn.Module):
    """What follows attention in a layer of the decoder. All routed experts are computed and weighed with 0 where they
    are not chosen: that needs no shapes that depend on data, which exported graphs cannot have."""

    def __init__(self, layer: DecoderLayer, experts_per_token: int):
        super().__init__()
        mlp = layer.mlp
        self.chosen = experts_per_token
        own = getattr(mlp, "shared_experts", mlp)
        self.gate = mlp.gate if hasattr(mlp, "experts") else None
        gates, ups, downs = [own.gate_proj.weight], [own.up_proj.weight], [own.down_proj.weight]
        if self.gate is not None:
            gates.append(mlp.experts.gate_proj.flatten(0, 1))
            ups.append(mlp.experts.up_proj.flatten(0, 1))
            downs.append(mlp.experts.down_proj.transpose(0, 1).flatten(1))
        self.own = own.gate_proj.weight.shape[0]
        self.into = linear(torch.cat(gates + ups))
        self.out = linear(torch.cat(downs, 1))

    def forward(self, x: Tensor) -> Tensor:
        """[N, d] -> [N, d]."""
        gate, up = self.into(x).chunk(2, -1)
        hidden = F.silu(gate) * up
        if self.gate is None:
            return self.out(hidden)
        share = self.gate(x).float().softmax(-1)
        best = share.topk(self.chosen, -1)
        weight = torch.zeros_like(share).scatter(-1, best.indices, best.values).to(x.dtype)
        routed = hidden[:, self.own :].unflatten(-1, (weight.shape[-1], -1)) * weight[..., None]
        return self.out(torch.cat([hidden[:, : self.own], routed.flatten(1)], -1))


class Layer(nn.Module):
    def __init__(self, layer: DecoderLayer, experts_per_token: int):
        super().__init__()
        attention = layer.self_attn
        self.heads = layer.heads
        self.before, self.after = layer.input_layernorm, layer.post_attention_layernorm
        self.qkv = linear(torch.cat([getattr(attention, f"{part}_proj").weight for part in "qkv"]))
        self.out, self.feed = attention.o_proj, Feed(layer, experts_per_token)

    def project(self, x: Tensor, cos: Tensor, sin: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """[N, d] -> q, k, v [N, heads, e], q and k turned."""
        q, k, v = self.qkv(self.before(x)).unflatten(-1, (3, self.heads, -1)).unbind(1)
        return rotate(q, cos.to(x.dtype), sin.to(x.dtype)), rotate(k, cos.to(x.dtype), sin.to(x.dtype)), v

    def finish(self, x: Tensor, attended: Tensor) -> Tensor:
        x = x + self.out(attended)
        return x + self.feed(self.after(x))


def linear(weight: Tensor) -> nn.Linear:
    out = nn.Linear(weight.shape[1], weight.shape[0], bias=False)
    out.weight = nn.Parameter(weight.detach().clone())
    return out


class Layers(nn.Module):
    def __init__(self, model: CodecModel):
        super().__init__()
        self.each = nn.ModuleList(Layer(layer, model.config.experts_per_token) for layer in model.layers)


class Start(nn.Module):
    """What is computed once a page. Vision tokens as stored [B, n, d] -> features of its cells as the decoder looks
    ahead at them [B, rows * (columns + ahead), e], keys of each layer [B, heads, P, e], values of each layer."""

    def __init__(self, model: CodecModel, layers: Layers, level: str):
        super().__init__()
        c, reader, side = model.config, model.glyph_reader, SIDES[level] // 64
        self.grid, self.side, self.ahead = GRIDS[COLUMNS], side, c.glimpse
        self.layers, self.norm, self.slots = layers, reader.norm, reader.slots
        self.refiner, self.count = reader.refiner, reader.count
        cells = cell_map(COLUMNS, side, "cpu")
        place = reader.place(cells.offset)
        weights = torch.zeros(side * side * cells.most, self.count).index_copy(0, cells.slot, reader.weights(place))
        shown = self.grid.rows * self.grid.columns > side * side * self.count
        t = (torch.arange(side).float() + 0.5) / side
        on_page = model.cursor_at(t[None].expand(side, side), t[:, None].expand(side, side))
        length = side * (side + 1) + 2
        cos, sin = model.rotary(torch.arange(length))
        self.crowded = shown
        for name, value in {"weights": weights.view(side * side, cells.most, self.count), "slot": cells.slot,
                            "place": self.refiner.place(place), "on_page": on_page, "cos": cos, "sin": sin,
                            "begin": model.embed_tokens.weight[c.bos], "newline": model.image_newline,
                            "end": model.view_seperator}.items():
            self.register_buffer(name, value.detach().clone())

    def features(self, tokens: Tensor) -> Tensor:
        b, n, _ = tokens.shape
        values = self.slots(self.norm(tokens)).view(b, n, self.count, -1).permute(1, 2, 0, 3).flatten(2)
        found = torch.bmm(self.weights, values).flatten(0, 1).index_select(0, self.slot)  # [cells, B * e]
        x = found.view(len(self.slot), b, -1).transpose(0, 1)  # [B, cells, e]
        hidden = F.gelu(self.refiner.cell(self.refiner.norm(x)) + self.place)
        if self.crowded and self.refiner.deeper:
            hidden = hidden + F.gelu(self.refiner.deeper(hidden))
        x = (x + self.refiner.out(hidden)).view(b, self.grid.rows, self.grid.columns, -1)
        return F.pad(x, (0, 0, 0, self.ahead)).flatten(1, 2)

    def prefix(self, tokens: Tensor) -> Tensor:
        b, _, d = tokens.shape
        rows = tokens.view(b, self.side, self.side, d) + self.on_page
        rows = torch.cat([rows, self.newline.expand(b, self.side, 1, d)], 2).flatten(1, 2)
        return torch.cat([self.begin.expand(b, 1, d), rows, self.end.expand(b, 1, d)], 1)

    def forward(self, tokens: Tensor) -> tuple[Tensor, ...]:
        tokens = tokens.to(self.begin.dtype)
        b = tokens.shape[0]
        x = self.prefix(tokens)
        p, d = x.shape[1:]
        x = x.flatten(0, 1)
        cos, sin = self.cos.repeat(b, 1, 1), self.sin.repeat(b, 1, 1)
        keys, values = [], []
        for layer in self.layers.each:
            q, k, v = (t.view(b, p, layer.heads, -1).transpose(1, 2) for t in layer.project(x, cos, sin))
            x = layer.finish(x, attend(q, k, v, causal=True).transpose(1, 2).reshape(b * p, d))
            keys.append(k.contiguous())
            values.append(v.contiguous())
        return (self.features(tokens), *keys, *values)


class Step(nn.Module):
    """One token for each of R rows of B pages. The rows of a page share the keys and values of its start; their own
    come in buffers with room for T, of which the first `step` are used.

    ids, rows, cells, room: [B, R] int64, the last token of a row, its number, cells read, cells left; step: [] int64;
    features, start: from `Start`; own keys and values of each layer: [B, R, heads, T, e].
    Returns the next tokens [B, R] int64, their keys of each layer [B, R, heads, e], values of each layer.
    """

    def __init__(self, model: CodecModel, layers: Layers, token_cells: list[int], start: int):
        """`token_cells`: cells of every token with text; `start`: inputs before the rows."""
        super().__init__()
        c, grid = model.config, GRIDS[COLUMNS]
        self.layers, self.norm, self.glimpse, self.ahead = layers, model.norm, model.glimpse, c.glimpse
        self.embed = model.embed_tokens
        self.head = linear(model.embed_tokens.weight[: len(token_cells)])
        self.start, self.width = start, grid.columns + c.glimpse
        half = c.cursor_features // 2
        columns, lines = cell_x(grid, torch.arange(grid.columns + 1)), cell_y(grid, torch.arange(grid.rows))
        both = model.cursor.weight.split(half, 1)  # y, then x
        def waves(places: Tensor) -> Tensor:
            return place_features(places, places, c.cursor_features, *c.cursor_cycles)[:, :half]
        cos, sin = model.rotary(torch.arange(start + 4 * grid.columns))
        for name, value in {"by_row": waves(lines) @ both[0].T,
                            "by_column": waves(columns) @ both[1].T + model.cursor.bias,
                            "token_cells": torch.tensor(token_cells), "cos": cos, "sin": sin}.items():
            self.register_buffer(name, value.detach().clone())

    def inputs(self, ids: Tensor, rows: Tensor, cells: Tensor, features: Tensor) -> Tensor:
        b, r = ids.shape
        first = rows * self.width + cells + torch.arange(b)[:, None] * features.shape[1]
        seen = features.flatten(0, 1)[first.flatten()[:, None] + torch.arange(self.ahead)].flatten(1)  # [N, ahead * e]
        x = self.embed(ids.flatten()) + self.by_row[rows.flatten()] + self.by_column[cells.flatten()]
        return x + self.glimpse(seen)

    def attention(self, q, k, v, before, own, unused) -> Tensor:
        """q, k, v: [B, R, heads, e] -> [B, R, heads, e]."""
        q = q / math.sqrt(q.shape[-1])
        p, t = before[0].shape[2], own[0].shape[3]
        on_start = (q.transpose(1, 2) @ before[0].transpose(2, 3)).transpose(1, 2)  # [B, R, heads, P]
        on_own = (own[0] @ q[..., None])[..., 0].masked_fill(unused, float("-inf"))
        on_self = (q * k).sum(-1, keepdim=True)
        weight = torch.cat([on_start, on_own, on_self], -1).softmax(-1)
        a, b, c = weight.split([p, t, 1], -1)
        from_start = (a.transpose(1, 2) @ before[1]).transpose(1, 2)
        return from_start + (b[..., None, :] @ own[1])[..., 0, :] + c * v

    def forward(self, ids, rows, cells, room, step, features, start, own) -> tuple[Tensor, ...]:
        """`start`, `own`: keys of each layer, then values of each."""
        b, r = ids.shape
        n = len(self.layers.each)
        x = self.inputs(ids, rows, cells, features)
        place = (self.start + step).reshape(1)
        cos, sin = self.cos[place], self.sin[place]
        unused = torch.arange(own[0].shape[3]) >= step
        keys, values = [], []
        for i, layer in enumerate(self.layers.each):
            q, k, v = (t.unflatten(0, (b, r)) for t in layer.project(x, cos, sin))
            attended = self.attention(q, k, v, (start[i], start[n + i]), (own[i], own[n + i]), unused)
            x = layer.finish(x, attended.flatten(2).flatten(0, 1))
            keys.append(k)
            values.append(v)
        scores = self.head(self.norm(x)).masked_fill(self.token_cells > room.flatten()[:, None], float("-inf"))
        return (scores.argmax(-1).view(b, r), *keys, *values)
