"""What agents call tools with."""

from __future__ import annotations

from .commands import command
from .json_text import nested
from .session import Session
from .talk import paragraph, sentence
from .vocabulary import SUFFIXES, VERBS


def _shell(s: Session) -> dict:
    line = command(s)
    if s.chance(0.3):
        tails = ("", " 2>&1 | tail -20", " | head -50", f" && {command(s)}")
        line = f"cd {s.cwd} && {line}" + s.pick(tails)
    call = {"command": line, "description": f"{s.pick(VERBS).capitalize()} {s.noun()} {s.noun()}"}
    return call | ({"timeout": s.int(1, 600) * 1000} if s.chance(0.2) else {})


def _read(s: Session, path: str) -> dict:
    part = {"offset": s.int(1, 900), "limit": s.int(20, 400)} if s.chance(0.4) else {}
    return {"file_path": path} | part


def _write(s: Session, path: str) -> dict:
    return {"file_path": path, "content": s.code(s.size(200, 5000)) + "\n"}


def _edit(s: Session, path: str) -> dict:
    old = s.code(s.int(60, 500))
    new = old[: len(old) // 2] + s.code(s.int(40, 300))
    return {"file_path": path, "old_string": old, "new_string": new, "replace_all": False}


def _grep(s: Session, path: str) -> dict:
    patterns = (s.identifier(), f"def {s.pick(VERBS)}_\\w+\\(", f"(?i){s.noun()}|{s.noun()}", "TODO|FIXME")
    return {
        "pattern": s.pick(patterns),
        "path": s.folder(),
        "output_mode": s.pick(("content", "files_with_matches")),
        "-n": True,
    }


def _glob(s: Session, path: str) -> dict:
    return {"pattern": f"**/*{s.noun()}*.{s.pick(SUFFIXES)}"}


def _todo(s: Session) -> dict:
    return {
        "content": f"{s.pick(VERBS).capitalize()} {s.words(2, 8)}",
        "status": s.pick(("completed", "in_progress", "pending")),
        "activeForm": f"{s.pick(VERBS).capitalize().removesuffix('e')}ing {s.noun()}",
    }


def _todos(s: Session, path: str) -> dict:
    return {"todos": [_todo(s) for _ in range(s.int(2, 6))]}


def _fetch(s: Session, path: str) -> dict:
    return {"url": s.url(), "prompt": sentence(s)}


def _search(s: Session, path: str) -> dict:
    return {"query": s.words(2, 9)}


def _task(s: Session, path: str) -> dict:
    return {
        "description": s.words(2, 5),
        "prompt": paragraph(s),
        "subagent_type": s.pick(("general-purpose", "Explore", "code-reviewer")),
    }


def _other(s: Session, path: str) -> dict:
    return nested(s, 1)


INPUTS = {
    "Read": _read, "Write": _write, "Edit": _edit, "MultiEdit": _edit, "Grep": _grep, "Glob": _glob,
    "TodoWrite": _todos, "WebFetch": _fetch, "WebSearch": _search, "Task": _task,
}  # fmt: skip


def tool_input(s: Session, tool: str) -> dict:
    """The arguments of one call."""
    if tool in ("Bash", "BashOutput"):
        return _shell(s)
    return INPUTS.get(tool, _other)(s, s.under(f"{s.folder()}/{s.file()}"))
