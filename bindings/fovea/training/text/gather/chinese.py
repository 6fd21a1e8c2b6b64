"""Chinese text out of files and folders, words out of a dictionary.

Plain text, HTML, JSON messages and manual pages, any of them `.xz` or `.gz`. Each file or folder named
is one source, and small sources are used up before large ones.
"""

from __future__ import annotations

import gzip
import itertools
import json
import lzma
import pathlib
import random
import re
import zlib

from ..chinese import HANZI
from .documents import PageText, fresh_lines, plain_manual
from .gathered import SKIPPED_FOLDERS, Gathered, is_held_out

CHINESE_BYTES = 11_500_000
CHINESE_VALIDATION_BYTES = 150_000
CHINESE_PART = 10_000  # characters; plain text, a collection, falls into documents of this size
CHINESE_WORDS = 37_000
LEAST_HANZI = 0.2  # of a document's characters; those with less were never translated


def messages(source: str) -> str:
    """The Chinese strings of a JSON or JavaScript file, one a line."""
    found = []
    for literal in re.findall(r'"(?:[^"\\\n]|\\.)*"', source):
        try:
            value = json.loads(literal)
        except ValueError:  # an escape that only JavaScript has
            continue
        if re.search(f"[{HANZI}]", value):
            found.append(value)
    return "\n".join(found)


def chinese_documents(source: pathlib.Path) -> list[tuple[str, str]]:
    """Name and text of the documents in a file or folder, in a fixed order."""
    documents = []
    for path in sorted(p for p in source.rglob("*") if p.is_file()) if source.is_dir() else [source]:
        if SKIPPED_FOLDERS & set(path.relative_to(source).parts) or path.is_symlink():
            continue
        try:
            raw = path.read_bytes()
            name = path.name.lower()
            for suffix, unpack in ((".xz", lzma.decompress), (".gz", gzip.decompress)):
                if name.endswith(suffix):
                    raw, name = unpack(raw), name.removesuffix(suffix)
            text = raw.decode("utf-8")
        except (OSError, EOFError, zlib.error, lzma.LZMAError, UnicodeDecodeError):
            continue
        text = text.replace("\r\n", "\n")
        if name.endswith((".html", ".htm", ".xhtml")):
            documents.append((name, PageText.of(text)))
        elif name.endswith((".json", ".js")):
            documents.append((name, messages(text)))
        elif re.search(r"\.[1-9]$", name):
            documents.append((name, plain_manual(text)))
        elif name.endswith(".txt") or "." not in name:
            ends = [0, *(m.end() for m in re.finditer(rf"(?s).{{{CHINESE_PART}}}.*?\n", text)), len(text)]
            stem = name.removesuffix(".txt")
            documents += [(f"{stem}-{i:04}", text[a:b]) for i, (a, b) in enumerate(itertools.pairwise(ends))]
    return documents


def new_lines(text: str, seen: set[str]) -> str:
    """The text without the lines that are in `seen`, to which its own are added; empty when it
    is not Chinese."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", text).replace("\u3000\u3000", "")
    text = re.sub(r"[^\S\n\t\u3000]", " ", text)
    text = re.sub("[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u200b-\u200f\ue000-\uf8ff\ufe00-\ufe0f\ufeff\ufffd]", "", text)
    text = fresh_lines(text, seen)
    if len(re.findall(f"[{HANZI}]", text)) < LEAST_HANZI * len(text) or len(text) < 40:
        return ""
    return text + "\n\n"


def gather_chinese(sources: list[pathlib.Path], seed: int, train: bool = True) -> Gathered:
    """Documents of the sources, CHINESE_BYTES at most, shuffled. Small sources come whole. Without `train`:
    those that are held out."""
    gathered = Gathered()
    documents = [chinese_documents(source) for source in sources]
    by_size = sorted(range(len(sources)), key=lambda place: sum(len(text) for _, text in documents[place]))
    seen: set[str] = set()
    used: dict[int, list[int]] = {place: [] for place in by_size}  # bytes held out, bytes to train with
    # Held-out text takes its lines first: training must not have them.
    for held_out, room, into in (
        (True, CHINESE_VALIDATION_BYTES, gathered.validation),
        (False, CHINESE_BYTES if train else 0, gathered.train),
    ):
        for rank, place in enumerate(by_size):
            share, size = room // (len(sources) - rank), 0
            ours = [each for each in documents[place] if is_held_out(pathlib.PurePath(each[0])) == held_out]
            random.Random(f"{seed} chinese {place}").shuffle(ours)
            for _, text in ours:
                if size >= share:
                    break
                text = new_lines(text[:CHINESE_PART] if held_out else text, seen)
                size += len(text.encode())
                into.append(text)
            room -= size
            used[place].append(size)
    for place, source in enumerate(sources):
        held, train = used[place]
        gathered.table[f"{place + 1} {source.name}"[:24]] = (train, held)
    random.Random(f"{seed} chinese").shuffle(gathered.train)
    random.Random(f"{seed} chinese validation").shuffle(gathered.validation)
    return gathered


def chinese_words(dictionary: pathlib.Path) -> list[str]:
    """The commonest words of one to four hanzi, the commonest first."""
    counts: dict[str, int] = {}
    for line in dictionary.read_text(encoding="utf-8").splitlines():
        fields = line.split()
        if len(fields) > 1 and fields[1].isdigit() and re.fullmatch(f"[{HANZI}]{{1,4}}", fields[0]):
            counts[fields[0]] = int(fields[1])
    return sorted(counts, key=lambda word: (-counts[word], word))[:CHINESE_WORDS]
