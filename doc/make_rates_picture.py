#!/usr/bin/env python3
"""Draws rates.png out of rates.json: what vision tokens of fewer bytes cost in accuracy. Needs matplotlib:

    python3 doc/make_rates_picture.py
"""

from __future__ import annotations

import json
import pathlib

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402
from matplotlib.ticker import FuncFormatter, NullFormatter  # noqa: E402

DOC = pathlib.Path(__file__).resolve().parent
KINDS = ("prose", "agent", "code", "chinese", "random")


def points(rows: list[dict], kind: str, trained: bool) -> list[tuple[float, float]]:
    """(kilobytes, errors in %) of one kind of text, the fewest bytes first."""
    some = [r["kinds"][kind] for r in rows if kind in r["kinds"] and r["code"].startswith("trained") == trained]
    return sorted((size / 1000, max(100 - right, 0.01)) for right, size in some)


def draw_level(axes, rows: list[dict], title: str) -> None:
    for n, kind in enumerate(KINDS):
        for trained, line in ((False, "o-"), (True, "s--")):
            found = points(rows, kind, trained)
            if found:
                axes.plot(*zip(*found), line, color=f"C{n}", markersize=4, label=None if trained else kind)
    axes.set(title=title, xlabel="kB of vision tokens a page", ylabel="characters wrong, %", xscale="log", yscale="log")
    axes.xaxis.set_major_locator(matplotlib.ticker.FixedLocator((4, 5, 6, 8, 10, 15, 20, 30)))


def main() -> None:
    data = json.loads((DOC / "rates.json").read_text())
    figure, panels = plt.subplots(1, 3, figsize=(15, 5.2))
    for axes, level in zip(panels, ("tiny", "faint")):
        draw_level(axes, [r for r in data["measured"] if r["level"] == level], f"{level}: held-out text")
    for level, found in data["training"].items():
        panels[2].plot([size / 1000 for size, _ in found], [right for _, right in found], label=level)
    panels[2].set(title="in training, all text, while the step grew", xlabel="kB of vision tokens a page",
                  ylabel="decoder's tokens right, %", xscale="log")
    panels[2].xaxis.set_major_locator(matplotlib.ticker.FixedLocator((2, 3, 5, 10, 20, 50)))
    panels[2].legend(fontsize=8)
    for axes in panels:
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.grid(alpha=0.3)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="lower center", ncol=len(KINDS), bbox_to_anchor=(0.33, 0),
                  title="solid: untrained, the right end int8; dashed: trained", fontsize=9, title_fontsize=9)
    figure.tight_layout(rect=(0, 0.12, 1, 1))
    figure.savefig(DOC / "rates.png", dpi=80)


if __name__ == "__main__":
    main()
