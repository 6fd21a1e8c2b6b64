"""Muon for the hidden matrices, AdamW for everything else."""

from __future__ import annotations

import math

import torch

# Embeddings, positions, heads and the small maps around the reader learn better with AdamW.
_ADAMW = ("embed_tokens", "pos_embed", "position_embedding", "patch_embed", "mlp.gate.weight", "class_embedding",
          "image_newline", "view_seperator", "glyph_reader", "patch_reader", "cursor", "glimpse")


def orthogonalised(update: torch.Tensor) -> torch.Tensor:
    """[n, rows, columns]: five Newton-Schulz steps towards the nearest semi-orthogonal matrix
    (Jordan et al., "Muon: an optimizer for hidden layers in neural networks")."""
    x = update.bfloat16()
    tall = x.shape[1] > x.shape[2]
    if tall:
        x = x.transpose(1, 2)
    x = x / (x.flatten(1).norm(dim=1)[:, None, None] + 1e-7)
    for _ in range(5):
        a = x @ x.transpose(1, 2)
        x = 3.4445 * x + (-4.7750 * a + 2.0315 * (a @ a)) @ x
    return x.transpose(1, 2) if tall else x


class Muon:
    """Momentum 0.95, Nesterov; matrices of one shape are orthogonalised together."""

    def __init__(self, parameters, decay: float = 0.05):
        self.decay, self.momentum = decay, {}
        self.groups: dict[tuple[int, int], list[tuple[torch.Tensor, int]]] = {}
        for p in parameters:
            shape = p.shape[-2:] if p.dim() == 3 else (p.shape[0], p.numel() // p.shape[0])
            self.groups.setdefault(tuple(shape), []).append(p)

    @torch.no_grad()
    def step(self, lr: float) -> None:
        for shape, parameters in self.groups.items():
            grad = torch.cat([p.grad.reshape(-1, *shape) for p in parameters])
            if shape not in self.momentum:
                self.momentum[shape] = torch.zeros_like(grad)
            momentum = self.momentum[shape]
            momentum.mul_(0.95).add_(grad)
            update = orthogonalised(grad.add(momentum, alpha=0.95)).to(grad.dtype)
            update *= lr * 0.2 * math.sqrt(max(shape))
            at = 0
            for p in parameters:
                n = p.numel() // (shape[0] * shape[1])
                p.mul_(1 - lr * self.decay).sub_(update[at : at + n].reshape(p.shape))
                at += n


class Optimiser:
    """Both together, over one flat gradient buffer (so that ranks average it in one call)."""

    def __init__(self, named_parameters, adamw_lr: float, muon_lr: float):
        named = [(n, p) for n, p in named_parameters if p.requires_grad]
        device = named[0][1].device
        self.adamw_lr, self.muon_lr = adamw_lr, muon_lr
        self.gradient = torch.zeros(sum(p.numel() for _, p in named), device=device)
        at = 0
        for _, p in named:
            p.grad = self.gradient[at : at + p.numel()].view_as(p)
            at += p.numel()
        matrices = [p for n, p in named if p.dim() >= 2 and not any(x in n for x in _ADAMW)]
        mine = {id(p) for p in matrices}
        rest = [p for _, p in named if id(p) not in mine]
        self.muon = Muon(matrices)
        groups = [
            {"params": [p for p in rest if p.dim() >= 2], "weight_decay": 0.05},
            {"params": [p for p in rest if p.dim() < 2], "weight_decay": 0.0},
        ]
        extra = {"fused": True} if device.type == "cuda" else {}
        self.adamw = torch.optim.AdamW(groups, lr=adamw_lr, betas=(0.9, 0.98), **extra)

    def zero(self) -> None:
        self.gradient.zero_()

    def step(self, factor: float, clip: float = 1.0) -> bool:
        """One step at `factor` times the full rates; a gradient that is not finite is skipped (False)."""
        norm = float(self.gradient.norm())
        if not math.isfinite(norm):
            return False
        self.gradient.mul_(min(1.0, clip / (norm + 1e-6)))
        for group in self.adamw.param_groups:
            group["lr"] = self.adamw_lr * factor
        self.adamw.step()
        self.muon.step(self.muon_lr * factor)
        return True
