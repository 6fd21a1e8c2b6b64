"""Attention, fused where PyTorch has it."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F


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
