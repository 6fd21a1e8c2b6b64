"""DeepEncoder in plain PyTorch, as the official code computes it: everything in the weights' type, SAM's relative
positions as one mask for scaled_dot_product_attention. What Fovea's encoder is compared with."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor



def resized_grid(table: Tensor, side: int) -> Tensor:
    """[g, g, d] -> [side, side, d], antialiased bicubic in float32."""
    if table.shape[0] == side:
        return table
    planes = table.float().permute(2, 0, 1)[None]
    planes = F.interpolate(planes, size=(side, side), mode="bicubic", antialias=True, align_corners=False)
    return planes[0].permute(1, 2, 0).to(table.dtype)


def resized_line(table: Tensor, length: int) -> Tensor:
    if table.shape[0] == length:
        return table
    line = F.interpolate(table.float().T[None], size=length, mode="linear", align_corners=False)
    return line[0].T.to(table.dtype)


class Encoder:
    """`weights`: the checkpoint's tensors by name, on one device."""

    def __init__(self, weights: dict[str, Tensor], config: dict):
        sizes = config["vision_config"]["width"]
        self.sam, self.clip = sizes["sam_vit_b"], sizes["clip-l-14-224"]
        self.window = self.sam.get("window_size", 14)
        self.weights = weights

    def linear(self, name: str, x: Tensor) -> Tensor:
        return F.linear(x, self.weights[name + ".weight"], self.weights.get(name + ".bias"))

    def norm(self, name: str, x: Tensor, epsilon: float) -> Tensor:
        return F.layer_norm(x, x.shape[-1:], self.weights[name + ".weight"], self.weights[name + ".bias"], epsilon)

    def channel_norm(self, name: str, x: Tensor) -> Tensor:
        """Over the channels of [B, c, h, w]."""
        return self.norm(name, x.permute(0, 2, 3, 1), 1e-6).permute(0, 3, 1, 2)

    def relative_mask(self, name: str, q: Tensor, side: int) -> Tensor:
        """`q`: [B, heads, side * side, d]. Returns [B, heads, n, n]."""
        place = torch.arange(side, device=q.device)
        rows = place[:, None] - place[None, :] + side - 1
        table_h, table_w = (resized_line(self.weights[f"{name}.rel_pos_{axis}"], 2 * side - 1)[rows] for axis in "hw")
        grid = q.unflatten(2, (side, side))
        bias_h = torch.einsum("bahwd,hkd->bahwk", grid, table_h)
        bias_w = torch.einsum("bahwd,wkd->bahwk", grid, table_w)
        return (bias_h[..., :, None] + bias_w[..., None, :]).flatten(4).flatten(2, 3)

    def sam_attention(self, name: str, x: Tensor) -> Tensor:
        """`x`: [B, side, side, width]."""
        b, side, _, width = x.shape
        heads = self.sam["heads"]
        qkv = self.linear(name + ".qkv", x).view(b, side * side, 3, heads, width // heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        out = F.scaled_dot_product_attention(q, k, v, attn_mask=self.relative_mask(name, q, side))
        return self.linear(name + ".proj", out.transpose(1, 2).reshape(b, side, side, width))

    def windowed(self, name: str, x: Tensor) -> Tensor:
        b, side, _, width = x.shape
        size = self.window
        pad = -side % size
        x = F.pad(x, (0, 0, 0, pad, 0, pad))
        n = x.shape[1] // size
        windows = x.view(b, n, size, n, size, width).transpose(2, 3).reshape(-1, size, size, width)
        out = self.sam_attention(name, windows).view(b, n, n, size, size, width).transpose(2, 3)
        return out.reshape(b, n * size, n * size, width)[:, :side, :side]

    def sam_features(self, pixels: Tensor) -> Tensor:
        base = "model.sam_model"
        patch = F.conv2d(pixels, self.weights[f"{base}.patch_embed.proj.weight"],
                         self.weights[f"{base}.patch_embed.proj.bias"], stride=16)
        x = patch.permute(0, 2, 3, 1)
        x = x + resized_grid(self.weights[f"{base}.pos_embed"][0], x.shape[1])
        for i in range(self.sam["layers"]):
            name = f"{base}.blocks.{i}"
            attend = self.sam_attention if i in self.sam["global_attn_indexes"] else self.windowed
            x = x + attend(name + ".attn", self.norm(name + ".norm1", x, 1e-6))
            hidden = F.gelu(self.linear(name + ".mlp.lin1", self.norm(name + ".norm2", x, 1e-6)))
            x = x + self.linear(name + ".mlp.lin2", hidden)
        y = F.conv2d(x.permute(0, 3, 1, 2), self.weights[f"{base}.neck.0.weight"])
        y = F.conv2d(self.channel_norm(f"{base}.neck.1", y), self.weights[f"{base}.neck.2.weight"], padding=1)
        y = self.channel_norm(f"{base}.neck.3", y)
        for part in ("net_2", "net_3"):
            y = F.conv2d(y, self.weights[f"{base}.{part}.weight"], stride=2, padding=1)
        return y  # [B, 1024, side / 64, side / 64]

    def clip_features(self, local: Tensor) -> Tensor:
        """`local`: [B, n, width]. Returns the same shape."""
        base = "model.vision_model"
        b, n, width = local.shape
        heads = self.clip["heads"]
        table = self.weights[f"{base}.embeddings.position_embedding.weight"]
        old, side = math.isqrt(table.shape[0] - 1), math.isqrt(n)
        grid = resized_grid(table[1:].view(old, old, width), side).reshape(n, width)
        first = self.weights[f"{base}.embeddings.class_embedding"].expand(b, 1, width)
        x = torch.cat([first, local], 1) + torch.cat([table[:1], grid])
        x = self.norm(f"{base}.pre_layrnorm", x, 1e-5)
        for i in range(self.clip["layers"]):
            name = f"{base}.transformer.layers.{i}"
            qkv = self.linear(name + ".self_attn.qkv_proj", self.norm(name + ".layer_norm1", x, 1e-5))
            q, k, v = qkv.view(b, n + 1, 3, heads, width // heads).permute(2, 0, 3, 1, 4)
            out = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(b, n + 1, width)
            x = x + self.linear(name + ".self_attn.out_proj", out)
            hidden = self.linear(name + ".mlp.fc1", self.norm(name + ".layer_norm2", x, 1e-5))
            x = x + self.linear(name + ".mlp.fc2", hidden * torch.sigmoid(1.702 * hidden))
        return x[:, 1:]

    def __call__(self, pixels: Tensor) -> Tensor:
        """`pixels`: [B, 3, S, S] of the weights' type. Returns [B, n, d]."""
        local = self.sam_features(pixels).flatten(2).transpose(1, 2)
        return self.linear("model.projector.layers", torch.cat([self.clip_features(local), local], -1))
