"""Names of scopes, as requests and tokens give them."""

from __future__ import annotations

import re
import unicodedata

import fovea

Parts = tuple[str, ...]

MOST_CHARACTERS = 200  # of a part


def parts_of(name: str) -> Parts:
    """ "ann/coder" -> ("ann", "coder"); "%2F" is a "/" in a name. Raises fovea.InvalidArgument for what names no scope."""
    parts = tuple(re.sub("%2[Ff]", "/", part).replace("%25", "%") for part in name.split("/"))
    if not 1 <= len(parts) <= 4 or not all(parts):
        raise fovea.InvalidArgument("scope: expected user/agent/session/run or the first parts of it, such as "
                                    "ann/coder/monday")
    for part in parts:
        # U+FFFD stands where bytes were no UTF-8: different names would be one.
        if len(part) > MOST_CHARACTERS or any(letter == "\ufffd" or unicodedata.category(letter) in ("Cc", "Cs")
                                              for letter in part):
            raise fovea.InvalidArgument(f"scope: expected at most {MOST_CHARACTERS} characters a part, in UTF-8, without "
                                        "control characters")
    return parts


def whole(parts: Parts) -> Parts:
    """All four parts; those missing at the end are "default", as everywhere in Fovea."""
    return parts + ("default",) * (4 - len(parts))


def parts_of_scope(scope: fovea.Scope) -> Parts:
    return scope.user, scope.agent, scope.session, scope.run
