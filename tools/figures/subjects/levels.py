"""The picture of README.md: a page of the sample, and a piece of it at four levels."""

from __future__ import annotations

from ..subject import Subject, Values
from ..work import REPOSITORY, SAMPLE, Work

PICTURE = "doc/levels.png"


def measure(work: Work) -> Values:
    work.sample()
    work.run("python", "doc/make_levels_picture.py", "--memctl", work.build / "memctl", "-o", REPOSITORY / PICTURE)
    return {}


SUBJECT = Subject(
    name="levels", title="the picture of a page at its levels", minutes=1, measure=measure,
    programs=("doc/make_levels_picture.py", SAMPLE), pictures=(PICTURE,),
)
