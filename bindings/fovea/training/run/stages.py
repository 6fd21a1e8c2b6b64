"""Stages of a run: which parts learn, on what, and for how long."""

from __future__ import annotations

import math
from dataclasses import dataclass

# Part: how the names of its parameters start. Every parameter of `Trainer` is in exactly one. A model has either the
# parts of pictures or the pooled encoder.
PARTS = {
    "first_tower": ("model.sam_model.patch_embed.", "model.sam_model.pos_embed", "model.sam_model.blocks."),
    "compressor": ("model.sam_model.neck.", "model.sam_model.net_"),
    "second_tower": ("model.vision_model.",),
    "projector": ("model.projector.", "model.image_newline", "model.view_seperator"),
    "pooled_encoder": ("model.pooled_encoder.",),
    "token_code": ("model.token_code.",),
    "glyph_reader": ("model.glyph_reader.",),
    "patch_reader": ("patch_reader.",),
    "decoder": ("model.embed_tokens.", "model.cursor.", "model.glimpse.", "model.layers.", "model.norm."),
}
GROUPS = {"encoder": ("first_tower", "compressor", "second_tower", "projector", "pooled_encoder"), "all": tuple(PARTS)}
# What a stage may set anew; all other keys hold for the whole run.
OVERRIDES = ("levels", "densities", "mix", "weights", "adamw_lr", "muon_lr", "warmup", "constant", "floor")


@dataclass(frozen=True)
class Stage:
    """`begin`, `end`: shares of the whole run. `cfg`: the configuration with this stage's changes."""

    name: str
    begin: float
    end: float
    parts: tuple[str, ...]
    cfg: dict

    def within(self, done: float) -> float:
        """How much of the stage is over when that share of the run is."""
        return min(1.0, max(0.0, (done - self.begin) / (self.end - self.begin)))

    def learns(self, parameter: str) -> bool:
        return part_of(parameter) in self.parts


def part_of(parameter: str) -> str:
    return next(part for part, starts in PARTS.items() if parameter.startswith(starts))


def _parts(names) -> set[str]:
    return {part for name in names for part in GROUPS.get(name, (name,))}


def stages_of(cfg: dict) -> list[Stage]:
    """The stages of a configuration; without any, one in which everything learns."""
    given = cfg.get("stages") or [{"name": "all", "share": 1.0}]
    total = sum(s["share"] for s in given)
    if abs(total - 1) > 1e-6 or min(s["share"] for s in given) <= 0:
        raise ValueError(f'the "share" of each stage must be above 0, and all together 1; they sum to {total:g}')
    out, begin = [], 0.0
    for s in given:
        parts = _parts(s["train"]) if "train" in s else set(PARTS) - _parts(s.get("freeze", ()))
        if not parts:
            raise ValueError(f'stage "{s["name"]}" trains nothing')
        changes = {key: s[key] for key in OVERRIDES if key in s}
        end = begin + s["share"]
        out.append(Stage(s["name"], begin, end, tuple(p for p in PARTS if p in parts), {**cfg, **changes}))
        begin = end
    return out


def stage_at(stages: list[Stage], done: float) -> int:
    """Number of the stage that runs when that share of the run is over."""
    return next((i for i, s in enumerate(stages) if done < s.end - 1e-9), len(stages) - 1)


def freeze(trainer, stage: Stage) -> None:
    """Parameters that do not learn get no gradient, so the optimiser leaves them as they are."""
    for name, p in trainer.named_parameters():
        p.requires_grad_(stage.learns(name))
        p.grad = None


def schedule(done: float, step: int, cfg: dict) -> float:
    """Share of the full learning rate: warm-up, constant, cosine to the floor.

    `done` and `step` count from the start of the stage.
    """
    warm = min(1.0, (step + 1) / max(1, cfg["warmup"]))
    fall = max(0.0, (done - cfg["constant"]) / max(1e-9, 1 - cfg["constant"]))
    return warm * (cfg["floor"] + (1 - cfg["floor"]) * 0.5 * (1 + math.cos(math.pi * min(1.0, fall))))
