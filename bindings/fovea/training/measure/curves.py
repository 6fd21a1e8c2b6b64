"""Draws the log of a run: loss, tokens and glyphs right, share of steps, one panel a level.

    python -m fovea.training curves run
    python -m fovea.training curves train.log --out pictures

Reads metrics.jsonl, or train.log, which has less: no share of steps, and only every hundredth step.
Needs matplotlib.
"""

from __future__ import annotations

import argparse
import json
import math
import re
from dataclasses import dataclass, field
from pathlib import Path

LEVELS = ("large", "base", "small", "tiny", "faint", "trace")
FIGURES = ("loss", "tokens", "glyphs", "patches")
PAIR = re.compile(r"([a-z]+)(\d+)")
LINE = re.compile(r"\[ *([\d.]+)\] step (\d+) done ([\d.]+) rate ([\d.]+) bad (\d+) ([\d.]+) steps/s(.*)")


@dataclass
class Point:
    """One line of a log. `pairs`: (level, columns) -> its figures; `steps`: batches of each since the one before."""

    step: int
    seconds: float
    rate: float
    speed: float  # steps a second
    stage: str = ""
    pairs: dict[tuple[str, int], dict[str, float]] = field(default_factory=dict)
    steps: dict[tuple[str, int], int] = field(default_factory=dict)


def _pair(name: str) -> tuple[str, int]:
    level, columns = PAIR.fullmatch(name).groups()
    return level, int(columns)


def _of_json(line: str) -> Point:
    d = json.loads(line)
    pairs = {_pair(name): figures for name, figures in d["pairs"].items()}
    return Point(d["step"], d["seconds"], d["rate"], d["steps_per_second"], d["stage"], pairs,
                 {p: f["steps"] for p, f in pairs.items()})


def _of_text(line: str) -> Point | None:
    found = LINE.search(line)
    if not found:
        return None
    seconds, step, _, rate, _, speed, rest = found.groups()
    pairs = {}
    for word in rest.split():
        name, _, values = word.partition(":")
        numbers = values.split("/")
        # A line that was cut off ends in half a word.
        if PAIR.fullmatch(name) and len(numbers) == len(FIGURES) and all(numbers):
            pairs[_pair(name)] = dict(zip(FIGURES, map(float, numbers)))
    return Point(int(step), float(seconds), float(rate), float(speed), pairs=pairs)


def read(source) -> list[Point]:
    """`source`: folder of a run, metrics.jsonl or train.log. Raises ValueError when there is nothing to draw."""
    file = Path(source)
    if file.is_dir():
        file = file / ("metrics.jsonl" if (file / "metrics.jsonl").exists() else "train.log")
    points: list[Point] = []
    for line in file.read_text(errors="replace").splitlines():
        try:
            point = _of_json(line) if line.startswith("{") else _of_text(line)
        except (ValueError, KeyError, AttributeError):
            continue  # the last line of a run that was killed
        if point is None:
            continue
        # A resumed run does again what came after its last state.
        while points and points[-1].step >= point.step:
            points.pop()
        points.append(point)
    if not points:
        raise ValueError(f"{file}: no line of a training log was found")
    return points


def _pairs_of(points) -> list[tuple[str, int]]:
    pairs = {p for point in points for p in point.pairs}
    return sorted(pairs, key=lambda p: (LEVELS.index(p[0]), p[1]))


def series(points: list[Point], pair, figure: str) -> tuple[list[int], list[float]]:
    """Steps and values; a text log repeats a pair's figures until it is drawn again, which is left out."""
    steps, values, last = [], [], None
    for point in points:
        figures = point.pairs.get(pair)
        if figures is not None and (point.steps or figures != last):
            steps.append(point.step)
            values.append(figures[figure])
        last = figures
    return steps, values


def nines(accuracy: float) -> float:
    """0.9 -> 1, 0.99 -> 2: so that the last per cent can be seen. Ends at 99.99 %."""
    return -math.log10(max(1e-4, 1 - accuracy))


def _matplotlib():
    try:
        import matplotlib
    except ImportError:
        message = "curves needs matplotlib: install python3-matplotlib (Debian) or `pip install matplotlib`"
        raise SystemExit(message) from None
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    plt.rcParams.update({"font.size": 10, "axes.grid": True, "grid.alpha": 0.3, "axes.spines.top": False,
                         "axes.spines.right": False, "figure.dpi": 110})
    return plt


def _stages(axes, points, named: bool) -> None:
    """A line where a stage begins."""
    for before, point in zip(points, points[1:]):
        if point.stage != before.stage:
            axes.axvline(before.step, color="0.3", linestyle=":", linewidth=1)
            if named:
                axes.annotate(point.stage, (before.step, 1), xycoords=("data", "axes fraction"), xytext=(3, -2),
                              textcoords="offset points", va="top", fontsize=8, color="0.3")


def _set_loss_scale(axes, losses: list[float]) -> None:
    """Logarithmic with plain numbers, where the losses span a decade."""
    if min(losses) > 0 and max(losses) > 10 * min(losses):
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_formatter("")


def _by_level(plt, points, figure: str, title: str, label: str):
    """One panel a level, one line a density."""
    pairs = _pairs_of(points)
    levels = [x for x in LEVELS if any(p[0] == x for p in pairs)]
    densities = sorted({p[1] for p in pairs})
    colour = {c: plt.cm.viridis(0.92 * i / max(1, len(densities) - 1)) for i, c in enumerate(densities)}
    across = 2 if len(levels) in (2, 4) else min(3, len(levels))
    down = -(-len(levels) // across)
    fig, panels = plt.subplots(down, across, figsize=(1.2 + 3.9 * across, 1.2 + 3.0 * down),
                               sharex=True, sharey=True, squeeze=False)
    lines = {}
    for axes, level in zip(panels.flat, levels):
        for pair in (p for p in pairs if p[0] == level):
            steps, values = series(points, pair, figure)
            if figure != "loss":
                values = [nines(v) for v in values]
            marker = "." if len(steps) < 30 else None
            (lines[pair[1]],) = axes.plot(steps, values, color=colour[pair[1]], linewidth=1.5, marker=marker)
        axes.set_title(level, fontsize=11)
        axes.set_xlim(0, points[-1].step)
        _stages(axes, points, named=axes is panels.flat[0])
        if figure == "loss":
            _set_loss_scale(axes, [f["loss"] for point in points for f in point.pairs.values()])
        else:
            axes.set_ylim(0, 4)
            axes.set_yticks(range(5), ["0", "90", "99", "99.9", "99.99"])
    for axes in list(panels.flat)[len(levels):]:
        axes.set_visible(False)
    for column in range(across):
        lowest = [row[column] for row in panels if row[column].get_visible()][-1]
        lowest.set_xlabel("step")
        lowest.tick_params(labelbottom=True)
    for row in panels:
        row[0].set_ylabel(label)
    fig.suptitle(title)
    fig.legend([lines[c] for c in densities], map(str, densities), title="columns", loc="center right", frameon=False)
    fig.tight_layout(rect=(0, 0, 1 - 0.9 / fig.get_figwidth(), 1))
    return fig


def _run(plt, points):
    """Share of steps by level, learning rate, speed."""
    with_steps = any(p.steps for p in points)
    fig, panels = plt.subplots(2 + with_steps, 1, figsize=(9, 2.4 * (2 + with_steps) + 0.6), sharex=True)
    at = [p.step for p in points]
    panels = list(panels)
    fig.suptitle("The run")
    if with_steps:
        axes = panels.pop(0)
        levels = [x for x in LEVELS if any(p[0] == x for p in _pairs_of(points))]
        window = max(1, len(points) // 60)
        edges, shares = [], {x: [] for x in levels}
        for i in range(0, len(points), window):
            some = points[i : i + window]
            total = sum(sum(p.steps.values()) for p in some) or 1
            edges.append(some[-1].step)
            for x in levels:
                shares[x].append(100 * sum(n for p in some for pair, n in p.steps.items() if pair[0] == x) / total)
        colours = plt.cm.plasma([i / len(levels) for i in range(len(levels))])
        areas = axes.stackplot(edges, *shares.values(), colors=colours)
        axes.set_ylabel("share of steps, %")
        axes.set_ylim(0, 100)
        axes.legend(areas[::-1], levels[::-1], title="level", loc="center left", bbox_to_anchor=(1.01, 0.5),
                    frameon=False)
    panels[0].plot(at, [p.rate for p in points], color="C0")
    panels[0].set_ylabel("learning rate,\nshare of the full")
    panels[0].set_ylim(0, 1.05)
    panels[1].plot(at, [p.speed for p in points], color="C2")
    panels[1].set_ylabel("steps a second")
    panels[1].set_ylim(bottom=0)
    panels[1].set_xlabel(f"step ({points[-1].seconds / 60:.1f} minutes in all)")
    panels[1].set_xlim(0, at[-1])
    for i, axes in enumerate(fig.axes):
        _stages(axes, points, named=i == 0)
    fig.tight_layout()
    return fig


def draw(points: list[Point], out) -> list[Path]:
    """Writes the pictures; returns their files."""
    plt = _matplotlib()
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    figures = {
        "loss": _by_level(plt, points, "loss", "Loss of the decoder's tokens", "cross-entropy, nats a token"),
        "tokens": _by_level(plt, points, "tokens", "Tokens that the decoder predicts right", "tokens right, %"),
        "glyphs": _by_level(plt, points, "glyphs", "Cells that the glyph reader reads alone", "characters right, %"),
        "run": _run(plt, points),
    }
    files = []
    for name, figure in figures.items():
        files.append(out / f"{name}.png")
        figure.savefig(files[-1])
        plt.close(figure)
    return files


def main(argv=None) -> None:
    p = argparse.ArgumentParser(prog="python -m fovea.training curves", description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("source", type=Path, help="folder of a run, its metrics.jsonl or its train.log")
    p.add_argument("--out", type=Path, help="folder for the pictures; without it `curves` in the run's folder")
    args = p.parse_args(argv)
    try:
        points = read(args.source)
    except OSError as error:
        p.error(f"{error.filename}: {error.strerror}")
    except ValueError as error:
        p.error(str(error))
    folder = args.source if args.source.is_dir() else args.source.parent
    for file in draw(points, args.out or folder / "curves"):
        print(file)
