"""How much of a question's evidence stands in a context: the tables of context.md."""

from __future__ import annotations

import re
from typing import Any

from ..documents import table
from ..subject import Sentence, Subject, Values
from ..work import Work

METHODS = {"newest": "the newest text", "pages": "whole pages, best first", "messages": "whole messages by FTS5",
           "pieces": "**pieces**", "overview": "without the question"}


def share(value: float) -> str:
    """As .58; all of it as 1.00."""
    return f"{value:.2f}".removeprefix("0")


def measure(work: Work) -> Values:
    printed = work.run("python", "bench/context_quality.py", work.transcripts(), "--build", work.build)
    return parsed(printed)


def parsed(printed: str) -> Values:
    """By history: pages, questions, and of each method the shares by budget."""
    found: Values = {}
    history: dict[str, Any] = {}
    for line in printed.splitlines():
        head = re.match(r"(\w+): (\d+) pages, \d+ messages, (\d+) questions; evidence at ([\d, ]+) tokens", line)
        if head:
            history = found[head[1]] = {"pages": int(head[2]), "questions": int(head[3]),
                                        "budgets": [int(budget) for budget in head[4].split(",")], "methods": {}}
        elif line.startswith("  "):
            method, *shares = line.split()
            history["methods"][method] = [float(one) for one in shares]
    return found


def blocks(values: Values) -> dict[str, str]:
    titles = {"chats": "chats with an assistant", "agent": "a coding agent's run"}
    return {f"context-{name}": table(
        [f"{titles[name]}, {one['pages']} pages", *(f"{budget:,}" for budget in one["budgets"])],
        ([METHODS[method], *map(share, shares)] for method, shares in one["methods"].items() if method in METHODS))
        for name, one in values.items()}


def numbers(values: Values) -> dict[str, Any]:
    """Of each history its questions, and the shares at 2,000 tokens."""
    at = values["chats"]["budgets"].index(2000)
    shares = {f"{name}_{method}": ShareNumber(one["methods"][method][at])
              for name, one in values.items() for method in METHODS}
    return {**shares, "questions": min(one["questions"] for one in values.values())}


class ShareNumber(float):
    """A share that a sentence writes as .58."""

    def __format__(self, form: str) -> str:
        return share(float(self))


SUBJECT = Subject(
    name="context", title="how much of the evidence a context holds", minutes=5, measure=measure,
    programs=("bench/context_quality.py", "bench/search_quality.py"),
    blocks=blocks, numbers=numbers,
    sentences=(
        Sentence("README.md", "at 2,000 tokens they hold {chats_pieces} (chats) and {agent_pieces} (a coding agent) of the "
                              "evidence; whole pages hold {chats_pages} and {agent_pages}, the newest text "
                              "{chats_newest} and {agent_newest}"),
        Sentence("doc/context.md", "asks {questions} questions of each of two histories"),
    ),
    tolerance=0.01, needs_transcripts=True,
)
