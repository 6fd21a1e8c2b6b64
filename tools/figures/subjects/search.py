"""How well pages are found by hashed words: a sentence of search.md."""

from __future__ import annotations

import re
from typing import Any

from ..subject import Sentence, Subject, Values
from ..work import Work
from .context import ShareNumber


def measure(work: Work) -> Values:
    printed = work.run("python", "bench/search_quality.py", work.transcripts(), "--build", work.build, "--hashed")
    head = re.search(r"(\d+) pages, (\d+) questions", printed)
    sizes = re.search(r"([\d,]+) with text and words, ([\d,]+) with hashed words", printed)
    assert head and sizes, printed
    methods = {match[1].strip(): [float(one) for one in match[2].split()]
               for match in re.finditer(r"^(.+?)\s+((?:\d\.\d+ ){3}\d\.\d+) \|", printed, re.MULTILINE)}
    return {"pages": int(head[1]), "questions": int(head[2]), "methods": methods,
            "text_store_bytes": int(sizes[1].replace(",", "")), "hashed_store_bytes": int(sizes[2].replace(",", ""))}


def numbers(values: Values) -> dict[str, Any]:
    text, hashed = (values["methods"][name] for name in ("piece", "piece, hashed"))
    return {"questions": values["questions"], "pages": values["pages"],
            "text_five": ShareNumber(text[1]), "hashed_five": ShareNumber(hashed[1]),
            "text_first": ShareNumber(text[0]), "hashed_first": ShareNumber(hashed[0]),
            "text_size": values["text_store_bytes"] / 1e6, "hashed_size": values["hashed_store_bytes"] / 1e6}


SUBJECT = Subject(
    name="search", title="how well pages are found without their text", minutes=3, measure=measure,
    programs=("bench/search_quality.py", "bench/search_rankings.cpp"),
    numbers=numbers,
    sentences=(
        Sentence("doc/search.md", "Of {questions} questions about {pages} pages (`bench/search_quality.py`), {text_five} had "
                                  "evidence among the first five pages with the text, and {hashed_five} with hashed words "
                                  "in its place ({text_first} and {hashed_first} on the first)."),
        Sentence("doc/search.md", "The store took {hashed_size:.2f} MB instead of {text_size:.2f} MB."),
    ),
    tolerance=0.01, needs_transcripts=True,
)
