"""Sizes of the codec."""

from __future__ import annotations

from dataclasses import dataclass

ENCODERS = ("image", "pooled")
# What an encoder of either kind is described by.
ENCODER_SIZES = ("encoder", "sam_width", "sam_layers", "sam_heads", "sam_global", "window", "neck", "downsample",
                 "clip_layers", "clip_heads", "pool_features", "pool_waves", "pool_layers")


@dataclass
class ModelConfig:
    """Sizes of fovea-nano. `vocab` counts the BPE tokens and the special ones."""

    characters: int = 1000  # classes of the glyph reader
    groups: tuple[int, ...] = ()  # classes that begin a group of its head, see glyph_head.py
    encoder: str = "image"  # or "pooled", the control without a picture, see pooled_encoder.py
    sam_width: int = 320
    sam_layers: int = 6
    sam_heads: int = 5
    sam_global: tuple[int, ...] = (2, 5)
    window: int = 8
    neck: int = 256
    downsample: tuple[int, int] = (384, 512)
    clip_layers: int = 3
    clip_heads: int = 8
    pool_features: int = 48  # of a character
    pool_waves: tuple[int, int] = (8, 16)  # that tell places in a token's square apart: down, across
    pool_layers: int = 8  # 0: a linear layer alone
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
