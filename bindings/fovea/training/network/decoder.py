"""Layers of the MoE decoder."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

from .model_config import ModelConfig


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
