"""What a beam search finds on coarse pages: speed.md's table."""

from __future__ import annotations

import json

from ..documents import table
from ..held_out import PROGRAMS, texts
from ..subject import Subject, Values
from ..work import Work
from .accuracy import NAMES

WIDTHS = (1, 2, 4, 8)
LEVELS = ("tiny", "faint", "trace")
KINDS = ("prose", "agent", "code", "docs", "chinese")
PAGES = 2


def measure(work: Work) -> Values:
    """Accuracy by kind, level and width."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    for width in WIDTHS:
        out = work.folder / f"width-{width}"
        work.run("memctl", "--beam-width", str(width), "experiment", *texts(work, KINDS), "--levels", ",".join(LEVELS),
                 "--pages", str(PAGES), "--no-shuffles", "--out", out)
        for curve in json.loads((out / "experiment.json").read_text())["curves"]:
            by_level = found.setdefault(curve["domain"], {})
            by_level.setdefault(curve["level"], {})[str(width)] = round(curve["accuracy"], 6)
    return {"kinds": found}


def blocks(values: Values) -> dict[str, str]:
    kinds = values["kinds"]
    rows = ([level, NAMES[kind], *(f"{100 * kinds[kind][level][str(width)]:.2f}" for width in WIDTHS)]
            for level in LEVELS for kind in (*KINDS, "random"))
    return {"beam": table(["level", "text", *(f"width {width}" for width in WIDTHS)], rows)}


SUBJECT = Subject(
    name="beam", title="coarse pages read with a beam search", minutes=12, measure=measure,
    programs=(*PROGRAMS, "tools/figures/subjects/accuracy.py"), blocks=blocks, tolerance=0.002,
)
