"""Fits what a row's confidence is made of, so that rows said to be 95 % sure are right in 95 % of the cases.

    memctl experiment held-out/*.txt --densities 64,106,160 --out measured
    python -m fovea.training calibrate --rows measured/rows.csv --checkpoint models/fovea-nano

Logistic regression (log loss, LBFGS) on the same signals that the library weighs; the weights go to
config.json under "fovea.confidence". Prints how often rows are right beside what is said of them, over
rows that the fit did not see (every fifth page's worth of rows is held back).
"""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path

import torch

SIGNALS = ("decoder", "weakest", "glyph_reader")
EDGES = (0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.95, 0.99, 0.999, 1.0000001)
LEAST = -1000  # as `confidence_of` has it: what cannot be is as unlikely as this
BLOCK = 40  # rows that are held back together: about a page, since rows of one page are alike


def rows_of(path: Path) -> list[dict[str, float]]:
    """Raises ValueError, with the file's name and line, for what memctl experiment cannot have written."""
    rows = []
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            try:
                rows.append({name: float(row[name]) for name in (*SIGNALS, "cells_per_token", "exact")})
            except (KeyError, TypeError, ValueError):
                raise ValueError(f"{path}:{len(rows) + 2}: not a line of memctl experiment's rows.csv") from None
    return rows


def design(rows: list[dict]) -> torch.Tensor:
    """[n, 5]: 1, log doubt of each signal, log cells per token; as `confidence_of` in the library has them."""
    table = torch.tensor([[r[s] for s in (*SIGNALS, "cells_per_token")] for r in rows], dtype=torch.float64)
    doubt = torch.log(1e-4 - table[:, : len(SIGNALS)].nan_to_num(LEAST, neginf=LEAST).clamp(LEAST, 0))
    return torch.cat([torch.ones(len(rows), 1, dtype=torch.float64), doubt, table[:, -1:].log()], 1)


def fit(x: torch.Tensor, exact: torch.Tensor, penalty: float = 1e-4) -> torch.Tensor:
    """Weights [5] of least log loss."""
    weights = torch.zeros(x.shape[1], dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.LBFGS([weights], max_iter=200, line_search_fn="strong_wolfe")

    def loss():
        optimiser.zero_grad()
        value = torch.nn.functional.binary_cross_entropy_with_logits(x @ weights, exact)
        value = value + penalty * weights[1:].pow(2).sum()
        value.backward()
        return value

    optimiser.step(loss)
    return weights.detach()


def reliability(said: torch.Tensor, exact: torch.Tensor) -> list[tuple[float, float, int, float, float]]:
    """For each span of what was said: from, to, rows, mean of what was said, share that was right."""
    table = []
    for low, high in zip(EDGES, EDGES[1:]):
        here = (said >= low) & (said < high)
        if here.any():
            table.append((low, min(high, 1.0), int(here.sum()), said[here].mean().item(), exact[here].mean().item()))
    return table


def main(argv=None) -> None:
    p = argparse.ArgumentParser(prog="python -m fovea.training calibrate", description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--rows", type=Path, nargs="+", required=True, help="rows.csv of memctl experiment")
    p.add_argument("--checkpoint", type=Path, help="folder whose config.json gets the weights; without it they are printed")
    args = p.parse_args(argv)
    try:
        rows = [row for path in args.rows for row in rows_of(path)]
    except (OSError, ValueError) as error:
        p.error(str(error))
    if len(rows) < 100:
        p.error(f"{len(rows)} rows are too few to fit on; measure more pages")
    x, exact = design(rows), torch.tensor([r["exact"] for r in rows], dtype=torch.float64)
    held_back = torch.arange(len(rows)) // BLOCK % 5 == 0
    weights = fit(x[~held_back], exact[~held_back])
    print("| confidence, % | rows | mean confidence, % | exact, % |\n|---|---|---|---|")
    for low, high, count, said, right in reliability(torch.sigmoid(x[held_back] @ weights), exact[held_back]):
        print(f"| {100 * low:.1f} to {100 * high:.1f} | {count} | {100 * said:.1f} | {100 * right:.1f} |")
    names = ("bias", *SIGNALS, "cells_per_token")
    confidence = {name: round(w, 5) for name, w in zip(names, fit(x, exact).tolist())}
    print(json.dumps(confidence))
    if args.checkpoint:
        file = args.checkpoint / "config.json"
        config = json.loads(file.read_text())
        config["fovea"]["confidence"] = confidence
        part = file.with_suffix(".part")
        part.write_text(json.dumps(config, indent=1, ensure_ascii=True) + "\n")
        part.replace(file)
