"""What a caller may do, and in which scopes."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable
from contextvars import ContextVar
from typing import Literal, get_args

import fovea
from fovea.server.problems import Problem
from fovea.server.scopes import Parts, parts_of, parts_of_scope, whole

Right = Literal["read", "write", "erase", "metrics"]
RIGHTS: tuple[Right, ...] = get_args(Right)

# The parts of a scope that a condition can name: a search then looks beyond the request's own scope.
_WIDENING = ("user", "agent", "session", "run")


@dataclasses.dataclass(frozen=True)
class Grant:
    """scopes: the first parts of scopes; all that begin so are granted. `()` is every scope."""

    token: str  # its public id; "": nobody had to show one
    rights: frozenset[str]
    scopes: tuple[Parts, ...]
    default: Parts = ()  # the scope of requests that name none; `()`: the first of `scopes`

    def require(self, right: Right) -> None:
        if right not in self.rights:
            raise Problem(403, "forbidden", f"the token lacks the right {right!r}; make one with "
                                            f"`fovea-server token create --rights {right}`")

    def covers(self, parts: Parts) -> bool:
        """All that begins with these parts."""
        return any(parts[:len(granted)] == granted for granted in self.scopes)

    def scope_of(self, name: str | None) -> str:
        """The scope that a request is for. Raises Problem for one that is not granted, whether it exists or not."""
        if name is None:
            named = self.default or next(iter(self.scopes), ())
            if not named:
                raise Problem(403, "forbidden", "the token has no scope; make one with "
                                                "`fovea-server token create --scope USER/AGENT`")
        else:
            named = parts_of(name)
        parts = whole(named)
        if not self.covers(parts):
            raise Problem(403, "forbidden", "the token is not for this scope; leave `scope` out to use the token's own")
        return str(fovea.Scope(*parts))


@dataclasses.dataclass(frozen=True)
class Caller:
    """Who makes the request in hand, and the scope that it is for."""

    grant: Grant
    scope: str

    def knows_the_user(self) -> bool:
        """May learn the names of all scopes of the request's user."""
        return self.grant.covers(parts_of(self.scope)[:1])

    def require_own(self, where: Iterable[str]) -> None:
        """A condition on a part of the scope widens a search to all scopes that differ in this part and those below."""
        for condition in where:
            letters = re.match(r"[^a-z]*([a-z]*)", condition)
            field = letters[1] if letters else ""
            if field not in _WIDENING:
                continue
            if not self.grant.covers(parts_of(self.scope)[:_WIDENING.index(field)]):
                raise Problem(403, "forbidden", f"where: a condition on {field!r} looks into scopes that the token is "
                                                "not for; leave it out")

    def sees(self, scope: fovea.Scope) -> bool:
        return self.grant.covers(parts_of_scope(scope))


# Of the request in hand. Tools of MCP have no other way to it.
current: ContextVar[Caller] = ContextVar("caller")
