"""What a subject's measurement gave last: `doc/figures/SUBJECT.json`."""

from __future__ import annotations

import datetime
import hashlib
import inspect
import json
import math
import pathlib
import platform
import re
from typing import Any

from .subject import Subject
from .work import REPOSITORY, Work, fingerprint, sha256

FOLDER = REPOSITORY / "doc" / "figures"


def machine() -> str:
    """The processor's name, without marks."""
    found = re.search(r"^model name\s*:\s*(.+)$", _processors(), re.MULTILINE)
    return re.sub(r"\((?:R|TM)\)", "", found[1]).strip() if found else platform.machine()


def _processors() -> str:
    try:
        return pathlib.Path("/proc/cpuinfo").read_text()
    except OSError:
        return ""


def path_of(subject: Subject) -> pathlib.Path:
    return FOLDER / f"{subject.name}.json"


def load(subject: Subject) -> dict[str, Any] | None:
    path = path_of(subject)
    return json.loads(path.read_text()) if path.exists() else None


def programs_of(subject: Subject) -> dict[str, str]:
    """What decides the values, by name: the function that measures, and files that it uses. What writes
    the documents is not among it."""
    function = hashlib.sha256(inspect.getsource(subject.measure).encode()).hexdigest()
    return {subject.measure.__qualname__: function, **{name: sha256(REPOSITORY / name) for name in subject.programs}}


def reason_to_measure(subject: Subject) -> str:
    """Why what is kept no longer holds; empty where it does."""
    kept = load(subject)
    if kept is None:
        return "never measured"
    if subject.of_checkpoint and kept["checkpoint"] != fingerprint():
        return "another checkpoint"
    for name, digest in programs_of(subject).items():
        if kept["programs"].get(name) != digest:
            return f"{name} has changed"
    for name in subject.pictures:
        picture = REPOSITORY / name
        if not picture.exists() or kept["pictures"].get(name) != sha256(picture):
            return f"{name} is not what was drawn"
    return ""


def differences(old: Any, new: Any, tolerance: float, place: str = "") -> list[str]:
    """Where two documents differ: numbers by more than the tolerance, a share of the larger one."""
    if isinstance(old, dict) and isinstance(new, dict):
        return [line for key in dict.fromkeys([*old, *new])
                for line in differences(old.get(key), new.get(key), tolerance, f"{place}.{key}" if place else str(key))]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return [line for at, (a, b) in enumerate(zip(old, new)) for line in differences(a, b, tolerance, f"{place}[{at}]")]
    numbers = isinstance(old, (int, float)) and isinstance(new, (int, float))
    if old == new or (numbers and math.isclose(old, new, rel_tol=tolerance)):
        return []
    return [f"{place}: {old} before, {new} now"]


def keep(subject: Subject, work: Work, values: dict[str, Any], seconds: float) -> list[str]:
    """Writes what was measured; returns what differs from before by more than the subject's tolerance.
    Where nothing does, the values stay, so that another machine's last digits change no document."""
    before = load(subject)
    changed = ["measured for the first time"]
    if before:
        changed = [f"{name} is another text than before" for name, digest in work.inputs.items()
                   if digest != before["inputs"].get(name)]
        changed += differences(before["values"], values, subject.tolerance)
    if before and not changed:
        values = before["values"]
    kept = {
        "checkpoint": fingerprint() if subject.of_checkpoint else None,
        "measured": datetime.date.today().isoformat(),
        "machine": machine(),
        "seconds": round(seconds),
        "commands": work.commands,
        "inputs": work.inputs,
        "programs": programs_of(subject),
        "pictures": {name: sha256(REPOSITORY / name) for name in subject.pictures},
        "values": values,
    }
    FOLDER.mkdir(exist_ok=True)
    path_of(subject).write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")
    return changed
