"""What anchors and corrections give and take: the table of policies.md."""

from __future__ import annotations

from ..documents import table
from ..subject import Subject, Values
from ..work import SAMPLE, Work

HEAD = ("level", "read from tokens, %", "with anchors", "with corrections", "anchors right in the reading from tokens, %",
        "tokens, bytes", "anchors", "corrections alone", "corrections after anchors", "whole text")


def measure(work: Work) -> Values:
    printed = work.run("exactness_bench", "--pages", "8", work.sample())
    rows = [[cell.strip() for cell in line.strip("|\n ").split("|")] for line in printed.splitlines()
            if line.startswith("|")][2:]
    return {"levels": {level: dict(zip(HEAD[1:], map(float, cells))) for level, *cells in rows}}


def blocks(values: Values) -> dict[str, str]:
    def cell(name: str, value: float) -> str:
        return f"{value:,.0f}" if name in HEAD[5:] else f"{value:.1f}" if name == HEAD[4] else f"{value:.2f}"
    return {"exactness": table(HEAD, ([level, *(cell(name, row[name]) for name in HEAD[1:])]
                                      for level, row in values["levels"].items()))}


SUBJECT = Subject(
    name="exactness", title="what anchors and corrections give and take", minutes=3, measure=measure,
    programs=("bench/exactness_bench.cpp", SAMPLE), blocks=blocks,
    tolerance=0.01,
)
