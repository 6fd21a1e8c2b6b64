"""Sessions in a shell: prompts, commands, what they print."""

from __future__ import annotations

from .commands import (
    command, compiler, diff, git_log, git_status, grep, install, listing, ls, process_table, pytest, traceback,
)  # fmt: skip
from .data import csv, floats, http
from .json_text import objects
from .logs import log
from .markdown import tree
from .session import Session
from .terminal import on_terminal, progress
from .vocabulary import NAMES

OUTPUTS = (
    ls, git_log, git_status, diff, grep, grep, pytest, pytest, install, compiler, traceback, log, tree, process_table,
    csv, floats, http, listing, objects, progress,
)  # fmt: skip


def output(s: Session) -> str:
    return on_terminal(s, s.pick(OUTPUTS)(s))


def _prompt(s: Session) -> str:
    return s.pick(
        (
            "$ ",
            "$ ",
            "# ",
            "> ",
            f"{s.pick(NAMES)}@{s.noun()}:~/{s.noun()}$ ",
            f"(venv) {s.pick(NAMES)}@{s.hex(12)}:{s.cwd}# ",
            "❯ ",
            f"➜  {s.noun()} git:(main) ✗ ",
        )
    )


def shell(s: Session) -> str:
    prompt = _prompt(s)
    parts = []
    for _ in range(s.int(1, 4)):
        parts += [prompt + command(s), output(s)]
    return "\n".join(parts)


KINDS = ((4, shell),)
