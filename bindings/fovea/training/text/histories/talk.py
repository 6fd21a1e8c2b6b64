"""Sentences as agents and people write them to each other."""

from __future__ import annotations

from .choice import Choice
from .session import Session
from .vocabulary import FOREIGN_LABELS, FOREIGN_LETTERS, SYMBOLS, VERBS

NOTHING = ("None", "null", "nil", "undefined", "-1", "False", "0")

# Of a session, a noun and a verb: about files, numbers and names, or of prose.
SENTENCES = Choice(
    (1, lambda s, noun, verb: f"Let me {verb} the {noun} {s.noun()} in `{s.path()}`."),
    (1, lambda s, noun, verb: f"I'll {verb} the {noun} first, then {s.pick(VERBS)} `{s.identifier()}()`."),
    (1, lambda s, noun, verb: f"The {noun} takes {s.number()} instead of {s.number()} — {s.words(3, 10)}."),
    (1, lambda s, noun, verb: f"Now I'll check whether `{s.identifier()}` is still used by the {noun} {s.noun()}:"),
    (1, lambda s, noun, verb: f"{s.pick(SYMBOLS)} **{noun.capitalize()} {s.noun()}**: {s.words(4, 14)}"),
    (1, lambda s, noun, verb: f"All {s.int(2, 400)} tests pass. {s.words(4, 16)}."),
    (1, lambda s, noun, verb: f"That's wrong: `{s.identifier()}` returns `{s.pick(NOTHING)}` when {s.words(4, 12)}."),
    (1, lambda s, noun, verb: f"See {s.url()} for the {noun} ({s.number()}, {s.number()})."),
    (1, lambda s, noun, verb: f"Can you {verb} the {noun} so that {s.words(5, 16)}?"),
    (1, lambda s, noun, verb: f"{foreign(s)} ({s.pick(FOREIGN_LABELS)}): {s.words(3, 12)}"),
    (6, lambda s, noun, verb: s.words(6, 34)),
)


def sentence(s: Session) -> str:
    make, noun = s.draw(SENTENCES), s.noun()
    return make(s, noun, s.pick(VERBS))


def paragraph(s: Session) -> str:
    return " ".join(sentence(s) for _ in range(s.int(1, 4)))


def foreign(s: Session) -> str:
    """Words in letters that English has not."""
    letters = s.pick(FOREIGN_LETTERS)
    return " ".join(
        ["".join(s.rng.choices(letters, k=s.int(2, 10))).capitalize() for _ in range(s.int(1, 4))]
    )
