"""Markdown as agents write it: tables, lists, fenced code, trees of files."""

from __future__ import annotations

import json

from .choice import Choice
from .commands import command, diff
from .data import yaml
from .json_text import nested
from .session import Session
from .talk import paragraph, sentence
from .vocabulary import LANGUAGES, SYMBOLS, VERBS

RULES = ("---", "------", ":---", "---:", ":-:", "----------")
BULLETS = ("- ", "- ", "* ", "• ", "  - ", "- [ ] ", "- [x] ", "#. ")
BRANCHES = ("├── ", "├── ", "└── ", "├─ ")
HEADS = ("# ", "## ", "## ", "### ", "### ", "#### ", "**")


def _mark(s: Session) -> str:
    stars = "⭐" * s.int(1, 5)
    return s.pick(("✅", "❌", stars, "⚠️", "✓", "—", "n/a", "yes", "no", "**High**", "Medium", "Low", "TBD"))


CELLS = Choice(
    (4, Session.number),
    (1, lambda s: f"`{s.identifier()}`"),
    (1, _mark),
    (1, lambda s: f"**{s.number()}**"),
    (3, lambda s: s.words(1, 7)),
)


def table(s: Session) -> str:
    columns, rows = s.int(2, 6), s.int(2, 10)
    head = [s.pick((s.noun().capitalize(), s.words(1, 3), s.noun())) for _ in range(columns)]
    rule = s.pick(RULES)
    lines = ["| " + " | ".join(head) + " |", s.pick(("|", "| ")) + "|".join([rule] * columns) + "|"]
    for _ in range(rows):
        cells = [s.draw(CELLS)(s) for _ in range(columns)]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _lead(s: Session) -> str:
    """What stands before a point's sentence."""
    return s.pick(
        (
            "",
            "",
            f"**{s.noun().capitalize()}**: ",
            f"**{s.words(1, 3)}** — ",
            f"`{s.identifier()}` - ",
            f"`{s.path()}`: ",
            s.pick(SYMBOLS) + " ",
        )
    )


def bullets(s: Session) -> str:
    mark = s.pick(BULLETS)
    lines = []
    for number in range(1, s.int(2, 8) + 1):
        head = f"{number}. " if mark == "#. " else mark
        lines.append(head + _lead(s) + sentence(s))
    return "\n".join(lines)


def _json(s: Session) -> str:
    value = nested(s, 2)
    return json.dumps(value, indent=s.pick((2, 2, 4)), ensure_ascii=False)


def _commands(s: Session) -> str:
    return "\n".join(command(s) for _ in range(s.int(1, 5)))


def _code(s: Session) -> str:
    return s.code(s.size(80, 1500))


FENCED = {"json": _json, "bash": _commands, "diff": diff, "yaml": yaml}


def fenced(s: Session) -> str:
    language = s.pick(LANGUAGES)
    return f"```{language}\n{FENCED.get(language, _code)(s)}\n```"


def tree(s: Session) -> str:
    lines, depth = [s.noun() + "/"], 0
    for _ in range(s.int(4, 16)):
        depth = max(0, min(3, depth + s.int(-1, 1)))
        branch, name = s.pick(BRANCHES), s.pick((s.file(), s.noun() + "/"))
        lines.append("│   " * depth + branch + name + s.pick(("", "", f"  # {s.words(2, 6)}")))
    return "\n".join(lines)


def box(s: Session) -> str:
    width = s.int(16, 60)
    lines = ["┌" + "─" * width + "┐"]
    lines += [f"│ {s.words(1, 8)[: width - 2]:{width - 2}} │" for _ in range(s.int(1, 5))]
    return "\n".join([*lines, "└" + "─" * width + "┘"])


def heading(s: Session) -> str:
    mark = s.pick(HEADS)
    text = s.pick(
        (
            s.words(1, 6),
            f"{s.pick(VERBS).capitalize()} the {s.noun()}",
            f"{s.int(1, 9)}. {s.words(1, 5)}",
            f"Phase {s.int(1, 6)}: {s.words(1, 5)}",
            f"{s.pick(SYMBOLS)} {s.words(1, 4)}",
        )
    )
    return f"**{text}**" if mark == "**" else mark + text


def rule(s: Session) -> str:
    return s.pick(("---", "---", "***", "─" * s.int(10, 60), "=" * s.int(10, 70)))


def quote(s: Session) -> str:
    return "> " + sentence(s)


PARTS = Choice(
    (22, heading), (30, paragraph), (20, bullets), (8, table), (12, fenced), (2, tree), (1, box), (4, rule),
    (3, quote),
)  # fmt: skip


def markdown(s: Session) -> str:
    return "\n\n".join([make(s) for make in PARTS.draw_many(s.rng, s.int(2, 9))])


KINDS = ((4, markdown),)
