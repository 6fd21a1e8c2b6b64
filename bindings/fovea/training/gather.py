"""Gathers training text from what a machine holds: its sources, its documents, books given.

    python -m fovea.training.gather --out corpus --books books.txt.xz

Writes `code`, `docs` and `prose` as `.txt.xz`, and for each a `val_*.txt.xz` of text
that the first never holds. UTF-8, LF. The same files and seed give the same bytes.
"""

from __future__ import annotations

import argparse
import collections
import dataclasses
import gzip
import lzma
import os
import pathlib
import random
import re
import subprocess
import sys
import zlib

SLICE_BYTES = 30_000
VALIDATION_BYTES = 400_000
PROSE_BYTES = 32_000_000
PROSE_CHUNK = 100_000
LONGEST_MEAN_LINE = 220  # longer ones are minified or data
MOST_STRANGE = 0.01  # of a slice's characters; more is a table of Unicode or another script
STRANGE = re.compile("[\u0530-\u1dff\u2c00-\ufe0e\ufe10-\ufffd\U00010000-\U0001f2ff\U0001fb00-\U0010ffff]")


@dataclasses.dataclass(frozen=True)
class Language:
    """One row of the table of what to gather."""

    name: str
    kind: str  # "code" or "docs"
    megabytes: float  # at most this much raw text
    suffixes: tuple[str, ...]  # lower case, or whole file names


LANGUAGES = (
    Language("python", "code", 13.0, (".py", ".pyi")),
    Language("c, c++", "code", 8.0, (".c", ".h", ".hpp", ".hh", ".cc", ".cpp", ".cxx", ".inl", ".ipp")),
    Language("go", "code", 6.0, (".go",)),
    Language("rust", "code", 4.0, (".rs",)),
    Language("javascript", "code", 3.5, (".js", ".mjs", ".cjs", ".jsx")),
    Language("typescript", "code", 2.0, (".ts", ".tsx", ".mts", ".cts")),
    Language("perl", "code", 2.0, (".pl", ".pm")),
    Language("html", "code", 1.2, (".html", ".htm", ".vue", ".svelte")),
    Language("css", "code", 0.8, (".css", ".scss")),
    Language("shell", "code", 1.0, (".sh", ".bash", ".zsh")),
    Language("cmake", "code", 0.8, (".cmake", "cmakelists.txt")),
    Language("make", "code", 0.5, (".mk", ".am", ".mak", "makefile", "makefile.in")),
    Language("sql", "code", 0.6, (".sql",)),
    Language("java, kotlin", "code", 1.0, (".java", ".kt", ".scala", ".cs", ".swift")),
    Language("php", "code", 0.6, (".php",)),
    Language("tcl", "code", 0.4, (".tcl",)),
    Language("ruby, lua", "code", 0.5, (".rb", ".lua")),
    Language("assembly", "code", 0.3, (".s", ".asm")),
    Language(
        "other code", "code", 0.8, (".m4", ".el", ".vim", ".awk", ".r", ".jl", ".proto", ".cu", ".cuh", ".pyx", ".pxd")
    ),
    Language("markdown", "docs", 4.0, (".md", ".markdown")),
    Language("restructuredtext", "docs", 1.5, (".rst",)),
    Language("manual pages", "docs", 1.2, (".1.gz", ".3.gz", ".5.gz", ".7.gz", ".8.gz", ".1", ".8")),
    Language("changelogs", "docs", 0.6, ("changelog.gz", "changelog.debian.gz", "news.gz", "changes", "news")),
    Language("json", "docs", 1.3, (".json", ".jsonl")),
    Language("yaml", "docs", 0.9, (".yaml", ".yml")),
    Language("toml, ini", "docs", 0.5, (".toml", ".ini", ".cfg", ".conf", ".service")),
    Language("csv", "docs", 0.5, (".csv", ".tsv")),
    Language("xml", "docs", 0.7, (".xml", ".svg", ".xsd")),
    Language("translations", "docs", 0.2, (".po", ".pot")),
    Language("plain text", "docs", 0.6, (".txt", "readme", "todo")),
    Language("licences", "docs", 0.1, ("license", "license.txt", "copying", "copyright")),
)
BY_SUFFIX = {suffix: language for language in LANGUAGES for suffix in language.suffixes}

# Test data, caches and recorded sessions are no text to learn from.
SKIPPED_FOLDERS = {
    "transcripts",
    ".git",
    "__pycache__",
    "testdata",
    "test_data",
    "proc",
    "sys",
    "fonts",
    "icons",
    "locale",
    "zoneinfo",
}


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


def language_of(name: str) -> Language | None:
    """The row for a file name, the longest suffix first."""
    name = name.lower()
    if name in BY_SUFFIX:
        return BY_SUFFIX[name]
    stem, first = os.path.splitext(name)
    second = os.path.splitext(stem)[1]
    return BY_SUFFIX.get(second + first) or BY_SUFFIX.get(first)


def find_files(roots: list[pathlib.Path]) -> dict[str, list[pathlib.Path]]:
    """Paths by language, in a fixed order. Of files that share folder and name (versions
    of one package, say) only the first is kept."""
    found: dict[str, list[pathlib.Path]] = collections.defaultdict(list)
    seen: set[tuple[str, str]] = set()
    for root in roots:
        for folder, folders, names in os.walk(root):
            folders[:] = sorted(f for f in folders if f not in SKIPPED_FOLDERS)
            for name in sorted(names):
                language = language_of(name)
                key = (os.path.basename(folder), name)
                if language is None or key in seen:
                    continue
                seen.add(key)
                found[language.name].append(pathlib.Path(folder) / name)
    return found


def plain_manual(source: str) -> str:
    """Manual page text out of its troff source, near enough to what `man` shows."""
    lines = []
    for line in source.split("\n"):
        if line.startswith(('.\\"', "'\\\"", "'")):
            continue
        line = re.sub(r"\\f(\(..|\[[^]]*\]|.)|\\[&/,|^]|\\s[-+]?\d", "", line)
        line = (
            line.replace("\\-", "-")
            .replace("\\(aq", "'")
            .replace("\\(bu", "•")
            .replace("\\(em", "—")
            .replace("\\e", "\\")
        )
        heading = re.match(r"\.S[HS]\s+(.*)", line)
        if heading:
            lines += ["", heading[1].strip('"').upper()]
        elif line.startswith((".PP", ".TP", ".P", ".LP", ".IP", ".sp")):
            lines.append(line[3:].strip(' "'))
        elif re.match(r"\.(B|I|BR|BI|IR|RB|RI|IB|Nm|Fl|Ar|Xr|Nd|Op)\s", line):
            lines.append("       " + re.sub(r'\s*"\s*', " ", line.split(None, 1)[1]).strip())
        elif not line.startswith("."):
            lines.append("       " + line if line else "")
    return "\n".join(lines)


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


def is_held_out(path: pathlib.Path) -> bool:
    """Whether a file is for validation. Decided by its name alone, so that copies and
    versions of one file fall on one side."""
    return zlib.crc32(path.stem.lower().encode("utf-8", "replace")) % 40 == 0


@dataclasses.dataclass
class Gathered:
    """Text of one kind and how much each language gave, in bytes."""

    train: list[str] = dataclasses.field(default_factory=list)
    validation: list[str] = dataclasses.field(default_factory=list)
    table: dict[str, tuple[int, int]] = dataclasses.field(default_factory=dict)


def gather_files(roots: list[pathlib.Path], seed: int) -> dict[str, Gathered]:
    """Slices of the machine's files: {"code": ..., "docs": ...}, shuffled."""
    found = find_files(roots)
    gathered = {"code": Gathered(), "docs": Gathered()}
    total = {kind: sum(l.megabytes for l in LANGUAGES if l.kind == kind) for kind in gathered}
    for language in LANGUAGES:
        rng = random.Random(f"{seed} {language.name}")
        paths = found[language.name]
        rng.shuffle(paths)
        into = gathered[language.kind]
        budget = int(language.megabytes * 1e6)
        held_budget = int(VALIDATION_BYTES * language.megabytes / total[language.kind])
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
        into.table[language.name] = (used, held)
    for kind, into in gathered.items():
        random.Random(f"{seed} {kind}").shuffle(into.train)
        random.Random(f"{seed} {kind} validation").shuffle(into.validation)
    return gathered


def gather_books(books: list[pathlib.Path], seed: int) -> Gathered:
    """Prose of the files given, PROSE_BYTES at most: each small file whole, of large ones
    chunks spread over them. The end of the first file is held out."""
    gathered = Gathered()
    texts = []
    for path in books:
        opener = lzma.open if path.suffix == ".xz" else open
        with opener(path, "rt", encoding="utf-8", newline="") as file:
            texts.append(file.read().replace("\r\n", "\n"))
    if not texts:
        return gathered
    held_from = texts[0].find("\n", max(0, len(texts[0]) - VALIDATION_BYTES)) + 1
    gathered.validation.append(texts[0][held_from:])
    texts[0] = texts[0][:held_from]
    room = PROSE_BYTES
    for place, (path, text) in sorted(enumerate(zip(books, texts)), key=lambda item: len(item[1][1])):
        share = room // (len(texts) - place) if place else room
        chunks = [text[i : i + PROSE_CHUNK] for i in range(0, len(text), PROSE_CHUNK)]
        sizes = [len(chunk.encode()) for chunk in chunks]
        keep = min(1.0, share / max(1, sum(sizes)))
        rng = random.Random(f"{seed} {place}")
        chosen = sorted(rng.sample(range(len(chunks)), int(len(chunks) * keep)))
        used = sum(sizes[i] for i in chosen)
        room -= used
        gathered.train += [chunks[i] for i in chosen]
        gathered.table[path.name] = (used, len(gathered.validation[0].encode()) if place == 0 else 0)
    random.Random(f"{seed} prose").shuffle(gathered.train)
    return gathered


def write_xz(path: pathlib.Path, texts: list[str]) -> tuple[int, int]:
    """Writes the texts one after another; returns raw and compressed bytes."""
    raw = "".join(texts).encode()
    packed = lzma.compress(raw, preset=6)
    path.write_bytes(packed)
    return len(raw), len(packed)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m fovea.training.gather", description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder to write to")
    parser.add_argument(
        "--books", type=pathlib.Path, nargs="+", action="extend", default=[], help="prose, .txt or .txt.xz"
    )
    parser.add_argument("--root", type=pathlib.Path, action="append", default=[], help="another folder of sources")
    parser.add_argument("--only", action="store_true", help="read the --root folders and no others")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)

    roots = options.root + ([] if options.only else machine_roots())
    gathered = gather_files(roots, options.seed)
    gathered["prose"] = gather_books(options.books, options.seed)
    print(f"{'kind':6} {'what':24} {'train':>10} {'held out':>9}")
    for kind, into in gathered.items():
        for name, (train, held) in into.table.items():
            print(f"{kind:6} {name:24} {train:10,} {held:9,}")
    total = 0
    for kind, into in gathered.items():
        for prefix, texts in (("", into.train), ("val_", into.validation)):
            raw, packed = write_xz(options.out / f"{prefix}{kind}.txt.xz", texts)
            total += packed
            print(f"{prefix}{kind}.txt.xz: {raw:,} bytes, {packed:,} compressed")
    print(f"all: {total:,} compressed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
