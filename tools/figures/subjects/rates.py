"""What fewer bytes of vision tokens cost: the first table of training.md and its picture, out of doc/rates.json.

Those figures come from training runs on GPUs, which cannot be repeated here; what is drawn and written from
them can."""

from __future__ import annotations

import json

from ..documents import table
from ..subject import Subject, Values
from ..work import REPOSITORY, Work

DATA, PICTURE = "doc/rates.json", "doc/rates.png"
THREE = "trained, three rates, at "
# The rows shown, as rates.json names them, and their names in the table.
ROWS = {
    "base": {"int8": "int8", "step 0.35": "step 0.35", "step 0.5": "step 0.5",
             f"{THREE}0.5": "trained at three rates, the second", f"{THREE}1": "the first"},
    "small": {"int8": "int8", "step 0.35": "step 0.35", f"{THREE}0.5": "trained at three rates, the second",
              f"{THREE}1": "the first", "trained": "trained at one"},
    "tiny": {"int8": "int8", "step 0.25": "step 0.25", "step 0.35": "step 0.35", "step 0.5": "step 0.5",
             f"{THREE}0.25": "trained at three rates, the third", f"{THREE}0.5": "the second", f"{THREE}1": "the first",
             "trained, step x 0.65": "trained at one, a finer step", "trained": "trained at one"},
    "faint": {"int8": "int8", "step 0.25": "step 0.25", "step 0.5": "step 0.5",
              f"{THREE}0.5": "trained at three rates, the second", "trained": "trained at one"},
}
KINDS = {"prose": "prose", "agent": "agent", "code": "code", "chinese": "Chinese", "random": "random"}


def measure(work: Work) -> Values:
    work.input(DATA, REPOSITORY / DATA)
    work.run("python", "doc/make_rates_picture.py")
    return {"measured": json.loads((REPOSITORY / DATA).read_text())["measured"]}


def blocks(values: Values) -> dict[str, str]:
    found = {(row["level"], row["code"]): row["kinds"] for row in values["measured"]}
    rows = []
    for level, codes in ROWS.items():
        for code, name in codes.items():
            kinds = found[level, code]
            size = kinds["agent"][1]  # of agents' text
            rows.append([level, name, f"{size if code == 'int8' else round(size, -2):,}",
                         *(f"{kinds[kind][0]:.2f}" if kind in kinds else "" for kind in KINDS)])
    return {"rates": table(["level", "code", "bytes", *KINDS.values()], rows)}


SUBJECT = Subject(
    name="rates", title="what fewer bytes of vision tokens cost, from doc/rates.json", minutes=0.2, measure=measure,
    programs=("doc/make_rates_picture.py", DATA), blocks=blocks, pictures=(PICTURE,), of_checkpoint=False,
)
