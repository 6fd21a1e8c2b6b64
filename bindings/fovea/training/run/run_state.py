"""Where a run stands: what changes from step to step, beside weights and moments."""

from __future__ import annotations

import collections
from dataclasses import dataclass, field

import numpy as np
import torch

from .curriculum import Pair

NUMBERS = ("step", "bad", "done", "stage", "stage_step")


@dataclass
class RunState:
    step: int = 0
    bad: int = 0  # steps whose gradient was not finite
    done: float = 0.0  # share of the run that is over
    stage: int = 0  # its number
    stage_step: int = 0  # the step that it began at
    frequency: np.ndarray | None = None  # of each token in the training text; counted when first saved
    # Figures [FIGURES] of every step since the ranks last exchanged them.
    measured: dict[Pair, list[torch.Tensor]] = field(default_factory=dict)
    bits: dict[str, float] = field(default_factory=dict)  # a token, of each level's last batches
    recent: dict[str, collections.deque] = field(default_factory=dict)  # glyphs of each level's last batches

    @classmethod
    def of(cls, facts: dict) -> RunState:
        """As state.json has it; at the start where that is empty."""
        return cls(**{name: facts[name] for name in NUMBERS if name in facts})

    def facts(self) -> dict:
        """For state.json."""
        measured = [[*pair, *figures.tolist()] for pair, rows in self.measured.items() for figures in rows]
        return {name: getattr(self, name) for name in NUMBERS} | {"measured": measured}

    def add(self, pair: Pair, figures: torch.Tensor) -> None:
        self.measured.setdefault(pair, []).append(figures)

    def remember(self, level: str, glyphs: np.ndarray) -> None:
        self.recent.setdefault(level, collections.deque(maxlen=4)).append(glyphs)
