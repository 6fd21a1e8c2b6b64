"""Muon for the hidden matrices, AdamW for everything else."""

from __future__ import annotations

import math

import torch

# Embeddings, positions, heads and the small maps around the reader learn better with AdamW.
_ADAMW = ("embed_tokens", "pos_embed", "position_embedding", "patch_embed", "mlp.gate.weight", "class_embedding",
          "image_newline", "view_seperator", "glyph_reader", "patch_reader", "cursor", "glimpse",
          "pooled_encoder.characters", "pooled_encoder.places")
CODE = "token_code."  # in a parameter's name


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

    def __init__(self, named, decay: float = 0.05):
        self.decay, self.momentum = decay, {}
        self.groups: dict[tuple[int, int], list[tuple[str, torch.Tensor]]] = {}
        for name, p in named:
            shape = p.shape[-2:] if p.dim() == 3 else (p.shape[0], p.numel() // p.shape[0])
            self.groups.setdefault(tuple(shape), []).append((name, p))

    def momenta(self):
        """(name, momentum) of each parameter: views, made on the first call."""
        for shape, named in self.groups.items():
            counts = [p.numel() // (shape[0] * shape[1]) for _, p in named]
            if shape not in self.momentum:
                self.momentum[shape] = named[0][1].new_zeros(sum(counts), *shape, requires_grad=False)
            yield from zip((name for name, _ in named), self.momentum[shape].split(counts))

    @torch.no_grad()
    def step(self, lr: float) -> None:
        for shape, named in self.groups.items():
            parameters = [p for _, p in named]
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
    """Both together, over one flat gradient buffer (so that ranks average it in one call).

    Parameters that do not require a gradient are left out of everything, also of weight decay.
    """

    def __init__(self, named_parameters, adamw_lr: float, muon_lr: float):
        named = [(n, p) for n, p in named_parameters if p.requires_grad]
        named.sort(key=lambda item: CODE in item[0])  # stable: the codes lie behind the others
        device = named[0][1].device
        self.adamw_lr, self.muon_lr = adamw_lr, muon_lr
        self.gradient = torch.zeros(sum(p.numel() for _, p in named), device=device)
        at = 0
        for _, p in named:
            p.grad = self.gradient[at : at + p.numel()].view_as(p)
            at += p.numel()
        self.codes = LevelCodes([(n, p) for n, p in named if CODE in n])
        codes = sum(p.numel() for n, p in named if CODE in n)
        self.parts = self.gradient.split([len(self.gradient) - codes, codes])
        named = [(n, p) for n, p in named if CODE not in n]
        matrices = [(n, p) for n, p in named if p.dim() >= 2 and not any(x in n for x in _ADAMW)]
        mine = {n for n, _ in matrices}
        self.rest = [(n, p) for n, p in named if n not in mine]
        self.muon = Muon(matrices)
        groups = [
            {"params": [p for _, p in self.rest if p.dim() >= 2], "weight_decay": 0.05},
            {"params": [p for _, p in self.rest if p.dim() < 2], "weight_decay": 0.0},
        ]
        self.fused = device.type == "cuda"
        extra = {"fused": True} if self.fused else {}
        self.adamw = torch.optim.AdamW(groups, lr=adamw_lr, betas=(0.9, 0.98), **extra)

    def state(self) -> dict[str, torch.Tensor]:
        """The moments of every parameter, by its name."""
        out = {f"muon.momentum.{name}": m for name, m in self.muon.momenta()}
        for name, p in self.rest:
            held = self.adamw.state.get(p)
            if held:
                out[f"adamw.average.{name}"] = held["exp_avg"]
                out[f"adamw.square.{name}"] = held["exp_avg_sq"]
                out[f"adamw.steps.{name}"] = torch.as_tensor(float(held["step"]))
        out.update(self.codes.state())
        return out

    def load_state(self, state: dict[str, torch.Tensor]) -> None:
        """Takes the moments of the parameters that `state` knows; the others start at zero."""
        for name, m in self.muon.momenta():
            if f"muon.momentum.{name}" in state:
                m.copy_(state[f"muon.momentum.{name}"])
        for name, p in self.rest:
            if f"adamw.average.{name}" in state:
                self.adamw.state[p] = {
                    "step": torch.tensor(float(state[f"adamw.steps.{name}"]), device=p.device if self.fused else "cpu"),
                    "exp_avg": state[f"adamw.average.{name}"].to(p.device, copy=True),
                    "exp_avg_sq": state[f"adamw.square.{name}"].to(p.device, copy=True),
                }
        self.codes.load_state(state)

    def zero(self) -> None:
        self.gradient.zero_()

    def step(self, factor: float, clip: float = 1.0, level: str = "", code_lr: float = 0.0) -> bool:
        """One step at `factor` times the full rates; a gradient that is not finite is skipped (False).
        `level`: whose token code learns too, at a rate of its own."""
        norms = torch.stack([part.norm() for part in self.parts]).tolist()
        if not all(map(math.isfinite, norms)):
            return False
        for part, norm in zip(self.parts, norms):
            part.mul_(min(1.0, clip / (norm + 1e-6)))
        for group in self.adamw.param_groups:
            group["lr"] = self.adamw_lr * factor
        self.adamw.step()
        self.muon.step(self.muon_lr * factor)
        self.codes.step(level, code_lr * factor)
        return True


class LevelCodes:
    """Adam for the token codes: a step moves those of the level that the batch was of, and no other's."""

    def __init__(self, named):
        self.levels: dict[str, list[tuple[str, torch.Tensor]]] = {}
        for name, p in named:
            self.levels.setdefault(name.split(CODE)[1].split(".")[0], []).append((name, p))
        self.moments: dict[str, list[torch.Tensor]] = {}  # by parameter: average, square
        self.steps: dict[str, int] = {}  # by level

    @torch.no_grad()
    def step(self, level: str, lr: float) -> None:
        if level not in self.levels:
            return
        self.steps[level] = n = self.steps.get(level, 0) + 1
        for name, p in self.levels[level]:
            average, square = self.moments.setdefault(name, [torch.zeros_like(p.grad), torch.zeros_like(p.grad)])
            average.lerp_(p.grad, 0.1)
            square.mul_(0.98).addcmul_(p.grad, p.grad, value=0.02)
            spread = name.endswith(".spread")
            rate = lr * (10 if spread else 3 if p.dim() < 2 else 1)
            p.addcdiv_(average / (1 - 0.9**n), (square / (1 - 0.98**n)).sqrt() + 1e-9, value=-rate)

    def state(self) -> dict[str, torch.Tensor]:
        out = {f"code.{kind}.{name}": moment for name, moments in self.moments.items()
               for kind, moment in zip(("average", "square"), moments)}
        return out | {f"code.steps.{level}": torch.as_tensor(n) for level, n in self.steps.items()}

    def load_state(self, state: dict[str, torch.Tensor]) -> None:
        for level, named in self.levels.items():
            if f"code.steps.{level}" in state:
                self.steps[level] = int(state[f"code.steps.{level}"])
                for name, p in named:
                    self.moments[name] = [state[f"code.{kind}.{name}"].to(p.device, copy=True)
                                          for kind in ("average", "square")]
