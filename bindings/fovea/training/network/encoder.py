"""DeepEncoder: window ViT, convolutional compressor, global ViT, projector. Products over single tokens run on
flat [tokens, width] tensors whose length is the same for every level, so that compiling them once serves all."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

from .attention import attend
from .model_config import ModelConfig


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
