"""Whose memory a file belongs to, read from its path."""

from __future__ import annotations

import re
from collections.abc import Sequence

import fovea

FIELDS = ("user", "agent", "session", "run")

_PARTS = re.compile(r"\{(?P<field>[^{}]*)\}|(?P<deep>\*\*/)|(?P<any>\*\*)|(?P<star>\*)|(?P<brace>[{}])|(?P<text>[^*{}]+)")


def scope_name(parts: Sequence[str]) -> str:
    """As Fovea writes a scope: user/agent/session, with a run unless that is "default"."""
    kept = parts[:3] if len(parts) > 3 and parts[3] == "default" else parts
    return "/".join(part.replace("%", "%25").replace("/", "%2F") for part in kept)


def scope_parts(name: str) -> list[str]:
    """The four parts of what scope_name writes; those missing at the end are "default"."""
    parts = [part.replace("%2F", "/").replace("%2f", "/").replace("%25", "%") for part in name.split("/")]
    if len(parts) > len(FIELDS) or not all(parts):
        raise fovea.InvalidArgument(f"scope {name!r}: expected user/agent/session/run, those at the end may be missing")
    return parts + ["default"] * (len(FIELDS) - len(parts))


class ScopePattern:
    """A path with fields, such as "{user}/{agent}/{session}.jsonl".

    A field stands for a part of one name, `*` for any part of one, `**` for any number of folders.
    """

    def __init__(self, text: str, base: str = "default") -> None:
        """base: the scope whose parts stand where the pattern has no field. Raises fovea.InvalidArgument."""
        self.text = text
        self._base = scope_parts(base)
        self._pattern = re.compile(self._regular_expression(text), re.DOTALL)

    def scope_of(self, path: str) -> str | None:
        """path: below its source, with "/". None: the pattern does not fit."""
        match = self._pattern.fullmatch(path)
        if not match:
            return None
        found = match.groupdict()
        return scope_name([found.get(field) or given for field, given in zip(FIELDS, self._base)])

    @staticmethod
    def _regular_expression(text: str) -> str:
        made, seen = "", set()
        for part in _PARTS.finditer(text):
            field = part["field"]
            if part["brace"]:
                raise fovea.InvalidArgument(f"--scope-pattern {text}: a brace is not closed or not opened")
            if field is not None and field not in FIELDS:
                raise fovea.InvalidArgument(f"--scope-pattern {text}: there is no field {{{field}}}; there are "
                                            + ", ".join(f"{{{known}}}" for known in FIELDS))
            if field is not None:
                made += f"(?P={field})" if field in seen else f"(?P<{field}>[^/]+?)"
                seen.add(field)
            else:
                made += ("(?:.*/)?" if part["deep"] else ".*" if part["any"] else "[^/]*" if part["star"]
                         else re.escape(part["text"]))
        if not seen:
            raise fovea.InvalidArgument(f"--scope-pattern {text}: it has no field, such as {{user}}; for one scope for "
                                        "all files there is --scope")
        return made
