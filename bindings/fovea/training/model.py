"""The codec in PyTorch, for training: DeepEncoder, MoE decoder, line reading.

Module names give DeepSeek-OCR's tensor names, except that a layer's experts are stacked in one
tensor (`checkpoint.py` splits them). Products over single tokens run on flat [tokens, width]
tensors whose length is the same for every level, so that compiling them once serves all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

from .geometry import GRIDS, cell_map, cell_x, cell_y, place_features


@dataclass
class ModelConfig:
    """Sizes of fovea-nano. `vocab` counts the BPE tokens and the special ones."""

    characters: int = 1000  # classes of the glyph reader
    sam_width: int = 320
    sam_layers: int = 6
    sam_heads: int = 5
    sam_global: tuple[int, ...] = (2, 5)
    window: int = 8
    neck: int = 256
    downsample: tuple[int, int] = (384, 512)
    clip_layers: int = 3
    clip_heads: int = 8
    width: int = 512
    layers: int = 4
    heads: int = 8
    dense_ffn: int = 1536
    experts: int = 8
    experts_per_token: int = 2
    expert_ffn: int = 192
    shared_experts: int = 2
    vocab: int = 6144
    position_tokens: int = 256
    cursor_features: int = 256
    cursor_cycles: tuple[float, float] = (0.25, 32.0)
    slots: int = 96
    slot_features: int = 48
    head_hidden: int = 128
    address_features: int = 48
    address_hidden: int = 96
    address_cycles: tuple[float, float] = (0.25, 4.0)
    address_scale: float = 2.0
    refiner_hidden: int = 384  # 0: none
    refiner_layers: int = 2  # hidden ones; the second works where a token covers more cells than slots
    glimpse: int = 8

    @property
    def bos(self) -> int:
        return self.vocab - 2

    @property
    def eos(self) -> int:
        return self.vocab - 1

    @property
    def first_position(self) -> int:
        return self.vocab - 2 - self.position_tokens


def attend(q, k, v, mask=None, causal=False):
    """softmax(q k^T / sqrt(e)) v on [..., heads, length, e]."""
    if hasattr(F, "scaled_dot_product_attention"):
        return F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=causal)
    scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
    if causal:
        mask = torch.ones(scores.shape[-2:], dtype=torch.bool, device=q.device).tril()
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    return scores.softmax(-1).to(v.dtype) @ v


def resized_table(table: torch.Tensor, side: int) -> torch.Tensor:
    """[1, d, S, S] -> [side * side, d], by antialiased bicubic as in DeepSeek-OCR."""
    if table.shape[-1] != side:
        table = F.interpolate(table, size=(side, side), mode="bicubic", antialias=True, align_corners=False)
    return table[0].flatten(1).T


class SamAttention(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)


class SamMlp(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.lin1 = nn.Linear(width, 4 * width)
        self.lin2 = nn.Linear(4 * width, width)


class SamBlock(nn.Module):
    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.norm1 = nn.LayerNorm(width, 1e-6)
        self.attn = SamAttention(width)
        self.norm2 = nn.LayerNorm(width, 1e-6)
        self.mlp = SamMlp(width)

    def before(self, x):
        return self.attn.qkv(self.norm1(x))

    def after(self, x, attended):
        x = x + self.attn.proj(attended)
        return x + self.mlp.lin2(F.gelu(self.mlp.lin1(self.norm2(x))))

    def forward(self, x, groups: int):
        """x [tokens, d] in window order; attention inside each of `groups` equal runs."""
        n, d = x.shape
        qkv = self.before(x).view(groups, n // groups, 3, self.heads, d // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        return self.after(x, attend(q, k, v).transpose(1, 2).reshape(n, d))


class LayerNorm2d(nn.Module):
    """Over the channels of [B, C, H, W]."""

    def __init__(self, channels: int):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x):
        y = F.layer_norm(x.permute(0, 2, 3, 1), self.weight.shape, self.weight, self.bias, 1e-6)
        return y.permute(0, 3, 1, 2)


class PatchEmbed(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.proj = nn.Conv2d(1, width, 16, 16)


class SamModel(nn.Module):
    """Window ViT over 16 px patches, then the 16x convolutional compressor."""

    def __init__(self, c: ModelConfig):
        super().__init__()
        self.window, self.global_blocks = c.window, c.sam_global
        self.patch_embed = PatchEmbed(c.sam_width)
        self.pos_embed = nn.Parameter(torch.zeros(1, 64, 64, c.sam_width))
        self.blocks = nn.ModuleList(SamBlock(c.sam_width, c.sam_heads) for _ in range(c.sam_layers))
        self.neck = nn.Sequential(
            nn.Conv2d(c.sam_width, c.neck, 1, bias=False),
            LayerNorm2d(c.neck),
            nn.Conv2d(c.neck, c.neck, 3, padding=1, bias=False),
            LayerNorm2d(c.neck),
        )
        self.net_2 = nn.Conv2d(c.neck, c.downsample[0], 3, 2, 1, bias=False)
        self.net_3 = nn.Conv2d(c.downsample[0], c.downsample[1], 3, 2, 1, bias=False)

    def forward(self, pixels):
        """pixels [B, 1, S, S] in -1..1 -> map [B, C, S/64, S/64], patches [B * (S/16)^2, d] in window order."""
        batch, w = pixels.shape[0], self.window
        x = self.patch_embed.proj(pixels).permute(0, 2, 3, 1)  # [B, G, G, d]
        grid = x.shape[1]
        table = resized_table(self.pos_embed.permute(0, 3, 1, 2), grid).view(grid, grid, -1)
        x = x + table.to(x.dtype)
        x = x.view(batch, grid // w, w, grid // w, w, -1).transpose(2, 3).reshape(batch * grid * grid, -1)
        for i, block in enumerate(self.blocks):
            x = block(x, batch if i in self.global_blocks else batch * (grid // w) ** 2)
        image = x.view(batch, grid // w, grid // w, w, w, -1).transpose(2, 3)
        image = image.reshape(batch, grid, grid, -1).permute(0, 3, 1, 2)
        return self.net_3(self.net_2(self.neck(image))), x


class ClipAttention(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.qkv_proj = nn.Linear(width, 3 * width)
        self.out_proj = nn.Linear(width, width)


class ClipMlp(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.fc1 = nn.Linear(width, 4 * width)
        self.fc2 = nn.Linear(4 * width, width)


class ClipLayer(nn.Module):
    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.layer_norm1 = nn.LayerNorm(width, 1e-5)
        self.self_attn = ClipAttention(width)
        self.layer_norm2 = nn.LayerNorm(width, 1e-5)
        self.mlp = ClipMlp(width)

    def forward(self, x):
        b, n, d = x.shape
        q, k, v = self.self_attn.qkv_proj(self.layer_norm1(x)).view(b, n, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        x = x + self.self_attn.out_proj(attend(q, k, v).transpose(1, 2).reshape(b, n, d))
        h = self.mlp.fc1(self.layer_norm2(x))
        return x + self.mlp.fc2(h * torch.sigmoid(1.702 * h))


class ClipEmbeddings(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.class_embedding = nn.Parameter(torch.zeros(width))
        self.position_embedding = nn.Embedding(257, width)


class ClipTransformer(nn.Module):
    def __init__(self, c: ModelConfig):
        super().__init__()
        self.layers = nn.ModuleList(ClipLayer(c.downsample[1], c.clip_heads) for _ in range(c.clip_layers))


class ClipModel(nn.Module):
    def __init__(self, c: ModelConfig):
        super().__init__()
        self.embeddings = ClipEmbeddings(c.downsample[1])
        self.pre_layrnorm = nn.LayerNorm(c.downsample[1], 1e-5)  # misspelt in DeepSeek-OCR's files
        self.transformer = ClipTransformer(c)

    def forward(self, image):
        """image [B, C, g, g] -> [B, g * g, C]."""
        g = image.shape[-1]
        x = image.flatten(2).transpose(1, 2)
        cls = self.embeddings.class_embedding.to(x.dtype).expand(x.shape[0], 1, -1)
        table = self.embeddings.position_embedding.weight
        side = resized_table(table[1:].T.view(1, -1, 16, 16), g)
        x = torch.cat([cls, x], 1) + torch.cat([table[:1], side]).to(x.dtype)
        x = self.pre_layrnorm(x)
        for layer in self.transformer.layers:
            x = layer(x)
        return x[:, 1:]


class Projector(nn.Module):
    def __init__(self, inputs: int, outputs: int):
        super().__init__()
        self.layers = nn.Linear(inputs, outputs)


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
        self.head = nn.Sequential(
            nn.Linear(c.slot_features, c.head_hidden), nn.GELU(), nn.Linear(c.head_hidden, c.characters)
        )
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
        -> logits [B, m, characters]."""
        picked = self.norm(tokens).gather(1, index[..., None].expand(-1, -1, tokens.shape[-1]))
        values = self.slots(picked).unflatten(-1, (self.count, -1))
        place = self.place(offset)
        out = (values * self.weights(place).to(values.dtype)[..., None]).sum(-2)
        return self.head(out)


class RmsNorm(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x):
        y = x.float()
        y = y * torch.rsqrt(y.pow(2).mean(-1, keepdim=True) + 1e-6)
        return y.to(x.dtype) * self.weight.to(x.dtype)


class Mlp(nn.Module):
    def __init__(self, width: int, hidden: int):
        super().__init__()
        self.gate_proj = nn.Linear(width, hidden, bias=False)
        self.up_proj = nn.Linear(width, hidden, bias=False)
        self.down_proj = nn.Linear(hidden, width, bias=False)

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x)), x.new_zeros(())


class Experts(nn.Module):
    """A layer's routed experts, stacked: gate, up [E, hidden, d], down [E, d, hidden]."""

    def __init__(self, c: ModelConfig):
        super().__init__()
        self.gate_proj = nn.Parameter(torch.empty(c.experts, c.expert_ffn, c.width))
        self.up_proj = nn.Parameter(torch.empty(c.experts, c.expert_ffn, c.width))
        self.down_proj = nn.Parameter(torch.empty(c.experts, c.width, c.expert_ffn))

    def forward(self, x, weight):
        """x [N, d], weight [N, E] (0 for experts not chosen). Computes all: small experts, big batches."""
        gate = F.linear(x, self.gate_proj.flatten(0, 1))
        up = F.linear(x, self.up_proj.flatten(0, 1))
        h = (F.silu(gate) * up).unflatten(-1, (weight.shape[-1], -1)) * weight[..., None].to(x.dtype)
        return F.linear(h.flatten(-2), self.down_proj.transpose(0, 1).flatten(1))


class Moe(nn.Module):
    def __init__(self, c: ModelConfig):
        super().__init__()
        self.k = c.experts_per_token
        self.gate = nn.Linear(c.width, c.experts, bias=False)
        self.experts = Experts(c)
        self.shared_experts = Mlp(c.width, c.shared_experts * c.expert_ffn)

    def forward(self, x):
        p = F.linear(x.float(), self.gate.weight.float()).softmax(-1)
        chosen = torch.zeros_like(p).scatter(-1, p.topk(self.k, -1).indices, 1.0)
        balance = p.shape[-1] * (chosen.mean(0) / self.k * p.mean(0)).sum()
        return self.experts(x, p * chosen) + self.shared_experts(x)[0], balance


class DecoderAttention(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.q_proj = nn.Linear(width, width, bias=False)
        self.k_proj = nn.Linear(width, width, bias=False)
        self.v_proj = nn.Linear(width, width, bias=False)
        self.o_proj = nn.Linear(width, width, bias=False)


def rotate(x, cos, sin):
    """Half-split RoPE: x [N, heads, e], cos and sin [N, 1, e/2]."""
    a, b = x.chunk(2, -1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)


class DecoderLayer(nn.Module):
    def __init__(self, c: ModelConfig, dense: bool):
        super().__init__()
        self.heads = c.heads
        self.input_layernorm = RmsNorm(c.width)
        self.self_attn = DecoderAttention(c.width)
        self.post_attention_layernorm = RmsNorm(c.width)
        self.mlp = Mlp(c.width, c.dense_ffn) if dense else Moe(c)

    def before(self, x, cos, sin):
        """[N, d] -> q, k, v [N, heads, e], rotated."""
        h = self.input_layernorm(x)
        q, k, v = (p(h).unflatten(-1, (self.heads, -1)) for p in
                   (self.self_attn.q_proj, self.self_attn.k_proj, self.self_attn.v_proj))
        cos, sin = cos.to(q.dtype), sin.to(q.dtype)
        return rotate(q, cos, sin), rotate(k, cos, sin), v

    def after(self, x, attended):
        x = x + self.self_attn.o_proj(attended)
        y, balance = self.mlp(self.post_attention_layernorm(x))
        return x + y, balance


def quantised(tokens):
    """Vision tokens as the store holds them: 8 bits a value, one scale a token; gradients pass."""
    with torch.autocast(tokens.device.type, enabled=False):
        v = tokens.float()
        scale = v.abs().amax(-1, keepdim=True).clamp(min=1e-8) / 127
        return (v + (torch.round(v / scale) * scale - v).detach()).to(tokens.dtype)


class CodecModel(nn.Module):
    """Everything under the name `model.` of a checkpoint."""

    def __init__(self, c: ModelConfig):
        super().__init__()
        self.config = c
        self.sam_model = SamModel(c)
        self.vision_model = ClipModel(c)
        self.projector = Projector(2 * c.downsample[1], c.width)
        self.image_newline = nn.Parameter(torch.zeros(c.width))
        self.view_seperator = nn.Parameter(torch.zeros(c.width))
        self.glyph_reader = GlyphReader(c.width, c.slots, c)
        self.embed_tokens = nn.Embedding(c.vocab, c.width)
        self.cursor = nn.Linear(c.cursor_features, c.width)
        self.glimpse = nn.Linear(c.glimpse * c.slot_features, c.width)
        self.layers = nn.ModuleList(DecoderLayer(c, i == 0) for i in range(c.layers))
        self.norm = RmsNorm(c.width)

    def encode(self, pixels):
        """pixels [B, 1, S, S] in -1..1 -> vision tokens [B, (S/64)^2, d] as stored, patches of the first tower."""
        image, patches = self.sam_model(pixels)
        seen = self.vision_model(image)
        tokens = self.projector.layers(torch.cat([seen, image.flatten(2).transpose(1, 2)], -1))
        return quantised(tokens), patches

    def cursor_at(self, x, y):
        c = self.config
        return self.cursor(place_features(x, y, c.cursor_features, *c.cursor_cycles))

    def prefix(self, tokens):
        """tokens [B, g * g, d] -> decoder input [B, 1 + g * (g + 1) + 1, d]."""
        b, n, d = tokens.shape
        g = math.isqrt(n)
        t = (torch.arange(g, device=tokens.device).float() + 0.5) / g
        place = self.cursor_at(t[None].expand(g, g), t[:, None].expand(g, g))
        rows = tokens.view(b, g, g, d) + place.to(tokens.dtype)
        newline = self.image_newline.to(tokens.dtype).expand(b, g, 1, d)
        start = self.embed_tokens.weight[self.config.bos].to(tokens.dtype).expand(b, 1, d)
        end = self.view_seperator.to(tokens.dtype).expand(b, 1, d)
        return torch.cat([start, torch.cat([rows, newline], 2).flatten(1, 2), end], 1)

    def row_inputs(self, features, rows, columns: int):
        """What the cursor and the glimpse add at every place of some rows.

        features [B, L, columns, e] of the rows numbered `rows` [L] -> [B, L, columns + 1, d]:
        entry c is for c cells already read.
        """
        c, grid = self.config, GRIDS[columns]
        b, length = features.shape[:2]
        padded = F.pad(features, (0, 0, 0, c.glimpse))
        ahead = padded.unfold(2, c.glimpse, 1).permute(0, 1, 2, 4, 3).flatten(3)  # [B, L, columns + 1, glimpse * e]
        x = cell_x(grid, torch.arange(columns + 1, device=features.device))
        y = cell_y(grid, rows)
        place = self.cursor_at(x[None].expand(length, -1), y[:, None].expand(-1, columns + 1))
        return self.glimpse(ahead) + place.to(features.dtype)

    def position_token(self, rows, columns: int):
        y = cell_y(GRIDS[columns], rows)
        return self.config.first_position + (y * self.config.position_tokens).long()

    def rotary(self, positions):
        """positions [N] -> cos, sin [N, 1, e/2]."""
        e = self.config.width // self.config.heads
        inverse = 10000.0 ** (-torch.arange(0, e, 2, device=positions.device).float() / e)
        angle = positions.float()[:, None] * inverse
        return angle.cos()[:, None], angle.sin()[:, None]


def initialise(model: CodecModel) -> None:
    """Starting weights. Sine tables for positions: small random ones do not learn in hours."""
    c = model.config
    last = ("attn.proj.weight", "lin2.weight", "out_proj.weight", "fc2.weight", "o_proj.weight", "down_proj.weight", "down_proj")
    for name, p in model.named_parameters():
        if p.dim() >= 2 and not name.startswith(("sam_model.neck", "sam_model.net", "sam_model.patch")):
            nn.init.normal_(p, std=0.02 / math.sqrt(8) if name.endswith(last) else 0.02)
    nn.init.normal_(model.projector.layers.weight, std=0.005)
    nn.init.normal_(model.cursor.weight, std=0.004)
    nn.init.normal_(model.embed_tokens.weight, std=0.05)
    refiner = model.glyph_reader.refiner
    if refiner:  # adds nothing at first, so that a codec without one can be given one
        nn.init.normal_(refiner.cell.weight, std=1 / math.sqrt(c.slot_features))
        nn.init.normal_(refiner.place.weight, std=1 / math.sqrt(c.address_hidden))
        nn.init.zeros_(refiner.out.weight)
        nn.init.zeros_(refiner.out.bias)
        if refiner.deeper:
            nn.init.zeros_(refiner.deeper.weight)
            nn.init.zeros_(refiner.deeper.bias)
    for p in (model.image_newline, model.view_seperator, model.vision_model.embeddings.class_embedding):
        nn.init.normal_(p, std=0.02)

    def table(side: int, width: int, high: float):
        t = (torch.arange(side).float() + 0.5) / side
        return 0.5 * place_features(t[None].expand(side, side), t[:, None].expand(side, side), width, 0.25, high)

    with torch.no_grad():
        model.sam_model.pos_embed.copy_(table(64, c.sam_width, 32.0)[None])
        model.vision_model.embeddings.position_embedding.weight[1:] = table(16, c.downsample[1], 8.0).flatten(0, 1)
        y = (torch.arange(c.position_tokens).float() + 0.5) / c.position_tokens
        sines = place_features(y, y, c.width, *c.cursor_cycles)
        model.embed_tokens.weight[c.first_position : c.first_position + c.position_tokens] = 0.05 * sines
