"""Which pages come next: dense ones join when easier ones are read, hard ones come more often."""

from __future__ import annotations

import numpy as np

from ..network.geometry import GRIDS, SIDES

Pair = tuple[str, int]  # level, columns


def cells_per_token(pair: Pair) -> float:
    """How hard a pair is: cells that one vision token has to hold."""
    grid, side = GRIDS[pair[1]], SIDES[pair[0]] // 64
    return grid.columns * grid.rows / side**2


def pairs_of(cfg: dict) -> list[Pair]:
    """All pairs of a configuration, the easiest first."""
    pairs = [(level, int(c)) for level in cfg["levels"] for c in cfg["densities"] if int(c) > 32 or level == "tiny"]
    return sorted((p for p in pairs if cells_per_token(p) <= cfg["hardest"]),
                  key=lambda p: (cells_per_token(p), SIDES[p[0]]))


class Curriculum:
    """The same decisions on every rank: they follow from the step's number and shared figures.

    A pair joins when the glyph reader reads `unlock` of some open pair at least a quarter as hard,
    or late in the run at the latest.
    """

    def __init__(self, cfg: dict, start_open: bool = False):
        self.done, self.start_open = 0.0, start_open
        self.skill: dict[Pair, list[float]] = {}
        self.open: set[Pair] = set()
        self.enter(cfg)

    def enter(self, cfg: dict) -> None:
        """Goes on with a stage's levels and densities; what is known of the pairs stays."""
        self.cfg = cfg
        self.pairs = pairs_of(cfg)
        known = set(self.pairs) if self.start_open else self.open & set(self.pairs)
        self.open = known or {min(self.pairs, key=lambda p: (p[1], cells_per_token(p)))}

    def state(self) -> dict:
        """For JSON."""
        return {"done": self.done, "start_open": self.start_open, "open": sorted(self.open),
                "skill": [[*pair, figures] for pair, figures in self.skill.items()]}

    def load_state(self, state: dict) -> None:
        self.done, self.start_open = state["done"], state["start_open"]
        self.open = {(level, columns) for level, columns in state["open"]}
        self.skill = {(level, columns): figures for level, columns, figures in state["skill"]}

    def learn(self, pair: Pair, figures: list[float]) -> None:
        """figures: loss, token accuracy, glyph reader's accuracy, patch reader's accuracy."""
        old = self.skill.get(pair)
        self.skill[pair] = figures if old is None else [0.7 * a + 0.3 * b for a, b in zip(old, figures)]
        able = [cells_per_token(p) for p in self.open if self.skill.get(p, [0, 0, 0])[2] >= self.cfg["unlock"]]
        reach = max(able, default=0)
        for p in self.pairs:
            late = self.done > 0.15 + 0.2 * self.pairs.index(p) / len(self.pairs)
            if late or cells_per_token(p) * 0.25 <= reach:
                self.open.add(p)

    def pick(self, number: int) -> Pair:
        weights = []
        candidates = [p for p in self.pairs if p in self.open]
        for p in candidates:
            right = self.skill.get(p, [0, 0.0])[1]
            w = self.cfg["levels"][p[0]] * self.cfg["densities"][str(p[1])] * (1.03 - right)
            # Easy pages are a bridge: once crossed they are rarely needed.
            weights.append(w * (0.1 if p[1] == 32 and right > 0.85 else 1))
        w = np.array(weights)
        return candidates[np.random.default_rng(number * 7919 + 13).choice(len(candidates), p=w / w.sum())]

    def summary(self) -> str:
        known = (p for p in self.pairs if p in self.skill)
        return " ".join(f"{p[0]}{p[1]}:{'/'.join(f'{v:.3f}' for v in self.skill[p])}" for p in known)
