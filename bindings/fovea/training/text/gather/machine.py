"""Code and documents out of the files that a machine holds."""

from __future__ import annotations

import collections
import dataclasses
import gzip
import os
import pathlib
import random
import re
import subprocess
import sys
import zlib

from .documents import plain_manual
from .gathered import SKIPPED_FOLDERS, VALIDATION_BYTES, Gathered, is_held_out

SLICE_BYTES = 30_000
LONGEST_MEAN_LINE = 220  # longer ones are minified or data
MOST_STRANGE = 0.01  # of a slice's characters; more is a table of Unicode or another script
STRANGE = re.compile("[\u0530-\u1dff\u2c00-\ufe0e\ufe10-\ufffd\U00010000-\U0001f2ff\U0001fb00-\U0010ffff]")


@dataclasses.dataclass(frozen=True)
class FileKind:
    """One row of the table of what to gather."""

    name: str
    kind: str  # of text: "code" or "docs"
    megabytes: float  # at most this much raw text
    suffixes: tuple[str, ...]  # lower case, or whole file names


FILE_KINDS = (
    FileKind("python", "code", 13.0, (".py", ".pyi")),
    FileKind("c, c++", "code", 8.0, (".c", ".h", ".hpp", ".hh", ".cc", ".cpp", ".cxx", ".inl", ".ipp")),
    FileKind("go", "code", 6.0, (".go",)),
    FileKind("rust", "code", 4.0, (".rs",)),
    FileKind("javascript", "code", 3.5, (".js", ".mjs", ".cjs", ".jsx")),
    FileKind("typescript", "code", 2.0, (".ts", ".tsx", ".mts", ".cts")),
    FileKind("perl", "code", 2.0, (".pl", ".pm")),
    FileKind("html", "code", 1.2, (".html", ".htm", ".vue", ".svelte")),
    FileKind("css", "code", 0.8, (".css", ".scss")),
    FileKind("shell", "code", 1.0, (".sh", ".bash", ".zsh")),
    FileKind("cmake", "code", 0.8, (".cmake", "cmakelists.txt")),
    FileKind("make", "code", 0.5, (".mk", ".am", ".mak", "makefile", "makefile.in")),
    FileKind("sql", "code", 0.6, (".sql",)),
    FileKind("java, kotlin", "code", 1.0, (".java", ".kt", ".scala", ".cs", ".swift")),
    FileKind("php", "code", 0.6, (".php",)),
    FileKind("tcl", "code", 0.4, (".tcl",)),
    FileKind("ruby, lua", "code", 0.5, (".rb", ".lua")),
    FileKind("assembly", "code", 0.3, (".s", ".asm")),
    FileKind(
        "other code", "code", 0.8, (".m4", ".el", ".vim", ".awk", ".r", ".jl", ".proto", ".cu", ".cuh", ".pyx", ".pxd")
    ),
    FileKind("markdown", "docs", 4.0, (".md", ".markdown")),
    FileKind("restructuredtext", "docs", 1.5, (".rst",)),
    FileKind("manual pages", "docs", 1.2, (".1.gz", ".3.gz", ".5.gz", ".7.gz", ".8.gz", ".1", ".8")),
    FileKind("changelogs", "docs", 0.6, ("changelog.gz", "changelog.debian.gz", "news.gz", "changes", "news")),
    FileKind("json", "docs", 1.3, (".json", ".jsonl")),
    FileKind("yaml", "docs", 0.9, (".yaml", ".yml")),
    FileKind("toml, ini", "docs", 0.5, (".toml", ".ini", ".cfg", ".conf", ".service")),
    FileKind("csv", "docs", 0.5, (".csv", ".tsv")),
    FileKind("xml", "docs", 0.7, (".xml", ".svg", ".xsd")),
    FileKind("translations", "docs", 0.2, (".po", ".pot")),
    FileKind("plain text", "docs", 0.6, (".txt", "readme", "todo")),
    FileKind("licences", "docs", 0.1, ("license", "license.txt", "copying", "copyright")),
)
BY_SUFFIX = {suffix: kind for kind in FILE_KINDS for suffix in kind.suffixes}


def machine_roots() -> list[pathlib.Path]:
    """Folders that usually hold sources and documents, those that exist here."""
    home = pathlib.Path.home()
    candidates = [
        pathlib.Path(sys.prefix) / "lib",
        pathlib.Path(sys.base_prefix) / "lib",
        pathlib.Path("/usr/include"),
        pathlib.Path("/usr/lib"),
        pathlib.Path("/usr/share"),
        pathlib.Path("/usr/local/lib"),
        pathlib.Path("/usr/local/include"),
        pathlib.Path("/etc"),
        home / ".rustup" / "toolchains",
        home / ".cargo" / "registry" / "src",
        home / "go" / "pkg" / "mod",
    ]
    for command in (["go", "env", "GOROOT"], ["npm", "root", "-g"]):
        try:
            answer = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
        except (OSError, subprocess.SubprocessError):
            continue
        candidates.append(pathlib.Path(answer.stdout.strip()))
    return [root for root in candidates if root.is_dir()]


def kind_of(name: str) -> FileKind | None:
    """The row for a file name, the longest suffix first."""
    name = name.lower()
    if name in BY_SUFFIX:
        return BY_SUFFIX[name]
    stem, first = os.path.splitext(name)
    second = os.path.splitext(stem)[1]
    return BY_SUFFIX.get(second + first) or BY_SUFFIX.get(first)


def find_files(roots: list[pathlib.Path]) -> dict[str, list[pathlib.Path]]:
    """Paths by kind of file, in a fixed order. Of files that share folder and name (versions
    of one package, say) only the first is kept."""
    found: dict[str, list[pathlib.Path]] = collections.defaultdict(list)
    seen: set[tuple[str, str]] = set()
    for root in roots:
        for folder, folders, names in os.walk(root):
            folders[:] = sorted(f for f in folders if f not in SKIPPED_FOLDERS)
            for name in sorted(names):
                kind = kind_of(name)
                key = (os.path.basename(folder), name)
                if kind is None or key in seen:
                    continue
                seen.add(key)
                found[kind.name].append(pathlib.Path(folder) / name)
    return found


def read_slice(path: pathlib.Path, rng: random.Random) -> str | None:
    """At most SLICE_BYTES of a file that start at a line, or None where it is not fit to
    learn from: no UTF-8, too short, minified, or full of scripts that the codec does not draw."""
    try:
        if path.is_symlink() or path.stat().st_size > 20_000_000:
            return None
        raw = path.read_bytes()
        if path.suffix == ".gz":
            raw = gzip.decompress(raw)
        text = raw.decode("utf-8")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError):
        return None
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\f", "\n")
    if path.name.endswith(".gz") and path.parts[-2].startswith("man"):
        text = plain_manual(text)
    # Starting inside a file half of the time keeps licence headers from filling the corpus.
    if len(text) > SLICE_BYTES or (len(text) > 8_000 and rng.random() < 0.5):
        start = rng.randrange(max(1, len(text) - SLICE_BYTES // 2))
        start = text.find("\n", start) + 1
        text = text[start : start + SLICE_BYTES]
        text = text[: text.rfind("\n") + 1]
    if len(text) < 200 or len(text) / (text.count("\n") + 1) > LONGEST_MEAN_LINE:
        return None
    if not all(c >= " " or c in "\n\t" for c in set(text)):
        return None
    if not text.isascii() and len(STRANGE.findall(text)) > MOST_STRANGE * len(text):
        return None
    return text if text.endswith("\n") else text + "\n"


def gather_files(roots: list[pathlib.Path], seed: int, train: bool = True) -> dict[str, Gathered]:
    """Slices of the machine's files: {"code": ..., "docs": ...}, shuffled. Without `train`: of files that are
    held out."""
    found = find_files(roots)
    gathered = {"code": Gathered(), "docs": Gathered()}
    total = {kind: sum(each.megabytes for each in FILE_KINDS if each.kind == kind) for kind in gathered}
    for each in FILE_KINDS:
        rng = random.Random(f"{seed} {each.name}")
        paths = found[each.name]
        rng.shuffle(paths)
        into = gathered[each.kind]
        budget = int(each.megabytes * 1e6) if train else 0
        held_budget = int(VALIDATION_BYTES * each.megabytes / total[each.kind])
        used = held = 0
        for path in paths:
            side_full = held >= held_budget if is_held_out(path) else used >= budget
            if side_full:
                if used >= budget and held >= held_budget:
                    break
                continue
            text = read_slice(path, rng)
            if text is None:
                continue
            size = len(text.encode())
            if is_held_out(path):
                into.validation.append(text)
                held += size
            else:
                into.train.append(text)
                used += size
        into.table[each.name] = (used, held)
    for kind, into in gathered.items():
        random.Random(f"{seed} {kind}").shuffle(into.train)
        random.Random(f"{seed} {kind} validation").shuffle(into.validation)
    return gathered
