"""The codec in PyTorch, for training: DeepEncoder, MoE decoder, line reading.

Module names give DeepSeek-OCR's tensor names, except that a layer's experts are stacked in one
tensor (`checkpoint.py` splits them).
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import nn

from .alphabet import Alphabet, PageDrawer
from .decoder import DecoderLayer, RmsNorm
from .encoder import ClipModel, Projector, SamModel
from .geometry import GRIDS, SIDES, cell_x, cell_y, place_features
from .model_config import ModelConfig
from .pooled_encoder import CellDrawer, PooledEncoder
from .readers import GlyphReader
from .token_code import LevelCode

ENCODER_PARTS = ("sam_model.", "vision_model.", "projector.", "pooled_encoder.")  # how its parameters' names start
LEVEL_OF = {(side // 64) ** 2: level for level, side in SIDES.items()}  # by the number of its tokens


def quantised(tokens):
    """Vision tokens as the store holds them where their level has no code: 8 bits a value, one scale a token; gradients pass."""
    with torch.autocast(tokens.device.type, enabled=False):
        v = tokens.float()
        scale = v.abs().amax(-1, keepdim=True).clamp(min=1e-8) / 127
        return (v + (torch.round(v / scale) * scale - v).detach()).to(tokens.dtype)


def disturbed(tokens, step):
    """tokens [B, n, d] as rounding to multiples of `step` [B] times a token's root mean square disturbs them, whatever
    code does it: uniform noise; gradients pass."""
    v = tokens.detach().float()
    size = v.square().mean(-1, keepdim=True).sqrt() * step[:, None, None]
    return tokens + ((torch.rand_like(v) - 0.5) * size).to(tokens.dtype)


class CodecModel(nn.Module):
    """Everything under the name `model.` of a checkpoint."""

    def __init__(self, c: ModelConfig):
        super().__init__()
        self.config = c
        self.pooled_encoder = PooledEncoder(c) if c.encoder == "pooled" else None
        if not self.pooled_encoder:
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
        self.token_code = nn.ModuleDict()  # of levels; those without one keep int8 tokens

    def drawer(self, alphabet: Alphabet, device) -> PageDrawer | CellDrawer:
        """What makes pages of glyphs into what the encoder takes."""
        return CellDrawer(alphabet, device) if self.pooled_encoder else PageDrawer(alphabet, device)

    def raw_tokens(self, page):
        """What the drawer makes of pages (of pictures: pixels [B, 1, S, S] in -1..1) -> vision tokens
        [B, (S/64)^2, d], patches of the first tower (None without pictures)."""
        if self.pooled_encoder:
            return self.pooled_encoder(page), None
        image, patches = self.sam_model(page)
        seen = self.vision_model(image)
        return self.projector.layers(torch.cat([seen, image.flatten(2).transpose(1, 2)], -1)), patches

    def code_of(self, tokens) -> LevelCode | None:
        """The code of the level that has so many tokens [B, n, d]."""
        level = LEVEL_OF.get(tokens.shape[1])
        return self.token_code[level] if level in self.token_code else None

    def stored(self, tokens, rate: int = 0):
        """Raw tokens [B, n, d] -> as they come back from the store at a rate of its code, bits [B, n] that each takes there."""
        code = self.code_of(tokens)
        if code is None:
            return quantised(tokens), tokens.new_full(tokens.shape[:2], 8 * tokens.shape[-1] + 32, dtype=torch.float32)
        back, q = code(tokens, rate)
        return back.to(tokens.dtype), code.coded_bits(q, rate)

    def encode(self, page, rate: int = 0):
        """What the drawer makes of pages -> vision tokens [B, (S/64)^2, d] as stored, bits [B, (S/64)^2] of each."""
        return self.stored(self.raw_tokens(page)[0], rate)

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
    if not model.pooled_encoder:
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
    for p in (model.image_newline, model.view_seperator):
        nn.init.normal_(p, std=0.02)
    if model.pooled_encoder:
        model.pooled_encoder.initialise()
    else:
        _initialise_places_of_pictures(model)
    with torch.no_grad():
        y = (torch.arange(c.position_tokens).float() + 0.5) / c.position_tokens
        sines = place_features(y, y, c.width, *c.cursor_cycles)
        model.embed_tokens.weight[c.first_position : c.first_position + c.position_tokens] = 0.05 * sines


def _initialise_places_of_pictures(model: CodecModel) -> None:
    c = model.config
    nn.init.normal_(model.vision_model.embeddings.class_embedding, std=0.02)

    def table(side: int, width: int, high: float):
        t = (torch.arange(side).float() + 0.5) / side
        return 0.5 * place_features(t[None].expand(side, side), t[:, None].expand(side, side), width, 0.25, high)

    with torch.no_grad():
        model.sam_model.pos_embed.copy_(table(64, c.sam_width, 32.0)[None])
        model.vision_model.embeddings.position_embedding.weight[1:] = table(16, c.downsample[1], 8.0).flatten(0, 1)


def with_new_encoder(old: CodecModel, c: ModelConfig) -> CodecModel:
    """A codec of these sizes, whose encoder is of another kind than `old` has: readers and decoder are taken over, the
    encoder starts anew. Token codes are left out, since they are of the old encoder's tokens."""
    model = CodecModel(c)
    initialise(model)
    new = {name: t for name, t in model.state_dict().items() if name.startswith(ENCODER_PARTS)}
    kept = {name: t for name, t in old.state_dict().items() if not name.startswith((*ENCODER_PARTS, "token_code."))}
    model.load_state_dict(new | kept)
    return model
