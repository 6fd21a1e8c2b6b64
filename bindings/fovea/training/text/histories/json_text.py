"""JSON as configurations, answers of services and events of agents are written."""

from __future__ import annotations

import json
import typing

from .choice import Choice
from .session import Session

TEXTS = (Session.uuid, Session.url, Session.path, Session.iso, Session.ip, Session.semver, lambda s: s.hex(40))


def _words(s: Session, depth: int) -> str:
    return s.words(1, 12)


# Values of an object, of a session and how many objects may stand inside each other.
LEAVES = (
    (1, lambda s, depth: [s.noun() for _ in range(s.int(0, 5))]),
    (1, lambda s, depth: s.rng.choice((True, False, None, 0, 1, -1))),
    (1, lambda s, depth: round(s.random() * 10 ** s.int(0, 5), s.int(0, 6))),
    (1, lambda s, depth: s.int(0, 10 ** s.int(1, 9))),
    (1, lambda s, depth: s.pick(TEXTS)(s)),
    (2, _words),
)
NESTED = Choice(
    (2, lambda s, depth: nested(s, depth - 1)),
    (1, lambda s, depth: [nested(s, 0) for _ in range(s.int(1, 3))]),
    *LEAVES,
)
FLAT = Choice((3, _words), *LEAVES)


def nested(s: Session, depth: int) -> dict[str, typing.Any]:
    """An object of objects, `depth` levels of them at most."""
    result: dict[str, typing.Any] = {}
    for _ in range(s.int(2, 6)):
        make = s.draw(NESTED if depth else FLAT)
        key = s.name()
        result[key] = make(s, depth)
    return result


def objects(s: Session) -> str:
    indent = s.pick((None, None, 2, 2, 4))
    return "\n".join(dump(s, nested(s, 2), indent) for _ in range(s.int(1, 4)))


def dump(s: Session, value: typing.Any, indent: int | None = None) -> str:
    """JSON with or without blanks after the signs, with or without escapes for what is not ASCII: agents
    write all of these."""
    separators = None if indent or s.chance(0.4) else (",", ":")
    return json.dumps(value, ensure_ascii=s.chance(0.3), indent=indent, separators=separators)
