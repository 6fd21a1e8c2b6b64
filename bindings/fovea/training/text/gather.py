"""Gathers training text from what a machine holds: its sources, its documents, books given.

    python -m fovea.training gather --out corpus --books books.txt.xz

Writes `code`, `docs` and `prose` as `.txt.xz`, and for each a `val_*.txt.xz` of text
that the first never holds. UTF-8, LF. The same files and seed give the same bytes.

`--chinese FILE_OR_FOLDER...` adds `chinese` out of plain text, HTML, JSON messages and manual
pages, any of them `.xz` or `.gz`; each file or folder named is one source, and small sources
are used up before large ones. `--chinese-words FILE` adds `chinese_words.txt.xz` out of a
dictionary with a word and its frequency in each line.

`--language ja FOLDER...` adds `ja`, and `ja_words` where there are dictionaries, out of Debian's packages
in that language as `tools/fetch_training_text.sh` unpacks them; `languages.py` lists the languages.
"""

from __future__ import annotations

import argparse
import collections
import dataclasses
import gzip
import html.parser
import itertools
import json
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


CHINESE_BYTES = 11_500_000
CHINESE_VALIDATION_BYTES = 150_000
CHINESE_PART = 10_000  # characters; plain text, a collection, falls into documents of this size
CHINESE_WORDS = 37_000
LEAST_HANZI = 0.2  # of a document's characters; those with less were never translated
HANZI = "\u3400-\u4dbf\u4e00-\u9fff"
WIDE = f"{HANZI}\u3000-\u303f\u3040-\u30ff\uff00-\uffef"

HIDDEN_TAGS = frozenset(("script", "style", "header", "aside", "footer", "nav", "button"))
INLINE_TAGS = frozenset((
    "a", "abbr", "acronym", "b", "big", "bdi", "cite", "code", "del", "dfn", "em", "font", "i", "ins", "kbd", "mark",
    "q", "s", "samp", "small", "span", "strong", "sub", "sup", "td", "th", "tt", "u", "var",
))  # fmt: skip


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
        elif re.match(r"\.(B|I|BR|BI|IR|RB|RI|IB|Nm|Fl|Ar|Xr|Nd|Op)\s+\S", line):
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


class PageText(html.parser.HTMLParser):
    """Collects what a browser shows of a page, without its navigation."""

    def __init__(self):
        super().__init__()
        self.parts: list[str] = []
        self.hidden = self.preformatted = 0

    def handle_starttag(self, tag, attributes):
        self.hidden += tag in HIDDEN_TAGS
        self.preformatted += tag == "pre"
        if tag in ("td", "th"):
            if not self.at_start():
                self.parts.append("  ")
        elif tag not in INLINE_TAGS:
            self.end_line()
            if re.fullmatch("h[1-6]", tag):
                self.parts.append("\n")
            elif tag == "li":
                self.parts.append("- ")

    def handle_endtag(self, tag):
        self.hidden = max(0, self.hidden - (tag in HIDDEN_TAGS))
        self.preformatted = max(0, self.preformatted - (tag == "pre"))
        if tag not in INLINE_TAGS:
            self.end_line()

    def handle_data(self, data):
        if self.hidden:
            return
        if not self.preformatted:
            # A line of source that breaks between hanzi breaks for width alone.
            data = re.sub(rf"(?<=[{WIDE}])\s*\n\s*(?=[{WIDE}])", "", data)
            data = re.sub(r"\s+", " ", data)
            data = data.lstrip() if self.at_start() else data
        if data:
            self.parts.append(data)

    def at_start(self) -> bool:
        return not self.parts or self.parts[-1] == "- " or self.parts[-1].endswith("\n")

    def end_line(self) -> None:
        if not self.at_start():
            self.parts.append("\n")

    @classmethod
    def of(cls, source: str) -> str:
        page = cls()
        page.feed(source)
        page.close()
        return "".join(page.parts)


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
    is not Chinese. What many documents share (licences, navigation) thus comes once."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", text).replace("\u3000\u3000", "")
    text = re.sub(r"[^\S\n\t\u3000]", " ", text)
    text = re.sub("[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u200b-\u200f\ue000-\uf8ff\ufe00-\ufe0f\ufeff\ufffd]", "", text)
    kept: list[str] = []
    for line in text.split("\n"):
        key = line.strip()
        if key and key not in seen:
            seen.add(key)
            kept.append(line.rstrip())
        elif not key and kept and kept[-1]:
            kept.append("")
    text = "\n".join(kept).strip("\n")
    if len(re.findall(f"[{HANZI}]", text)) < LEAST_HANZI * len(text) or len(text) < 40:
        return ""
    return text + "\n\n"


def gather_chinese(sources: list[pathlib.Path], seed: int) -> Gathered:
    """Documents of the sources, CHINESE_BYTES at most, shuffled. Small sources come whole."""
    gathered = Gathered()
    documents = [chinese_documents(source) for source in sources]
    by_size = sorted(range(len(sources)), key=lambda place: sum(len(text) for _, text in documents[place]))
    seen: set[str] = set()
    used: dict[int, list[int]] = {place: [] for place in by_size}  # bytes held out, bytes to train with
    # Held-out text takes its lines first: training must not have them.
    for held_out, room, into in (
        (True, CHINESE_VALIDATION_BYTES, gathered.validation),
        (False, CHINESE_BYTES, gathered.train),
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


def write_xz(path: pathlib.Path, texts: list[str]) -> tuple[int, int]:
    """Writes the texts one after another; returns raw and compressed bytes."""
    raw = "".join(texts).encode()
    packed = lzma.compress(raw, preset=6)
    path.write_bytes(packed)
    return len(raw), len(packed)


def main(arguments: list[str] | None = None) -> int:
    from .gather_languages import gather_language  # which needs this module
    from .languages import LANGUAGES

    parser = argparse.ArgumentParser(prog="python -m fovea.training gather", description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder to write to")
    parser.add_argument(
        "--books", type=pathlib.Path, nargs="+", action="extend", default=[], help="prose, .txt or .txt.xz"
    )
    parser.add_argument(
        "--chinese", type=pathlib.Path, nargs="+", action="extend", default=[], help="files and folders of Chinese text"
    )
    parser.add_argument("--chinese-words", type=pathlib.Path, help="dictionary: a word and its frequency in each line")
    parser.add_argument("--language", nargs="+", action="append", default=[], metavar=("CODE", "FOLDER"),
                        help="a language and folders of unpacked packages in it; once for each language")
    parser.add_argument("--only-languages", action="store_true",
                        help="leave all else in --out as it is, for a corpus that has it already")
    parser.add_argument("--root", type=pathlib.Path, action="append", default=[], help="another folder of sources")
    parser.add_argument("--only", action="store_true", help="read the --root folders and no others")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)

    gathered: dict[str, Gathered] = {}
    words: dict[str, list[str]] = {}
    if not options.only_languages:
        gathered = gather_files(options.root + ([] if options.only else machine_roots()), options.seed)
        gathered["prose"] = gather_books(options.books, options.seed)
    if options.chinese:
        gathered["chinese"] = gather_chinese(options.chinese, options.seed)
    if options.chinese_words:
        words["chinese"] = chinese_words(options.chinese_words)
    for code, *folders in options.language:
        if code not in LANGUAGES or not folders:
            parser.error(f"--language takes one of {', '.join(LANGUAGES)} and a folder; it got {code} {folders}")
        gathered[code], words[code] = gather_language(code, [pathlib.Path(f) for f in folders], options.seed)
    print(f"{'kind':7} {'what':24} {'train':>10} {'held out':>9}")
    for kind, into in gathered.items():
        for name, (train, held) in into.table.items():
            print(f"{kind:7} {name:24} {train:10,} {held:9,}")
    total = 0
    for kind, into in gathered.items():
        for prefix, texts in (("", into.train), ("val_", into.validation)):
            if not "".join(texts).strip():  # a language may have words alone
                continue
            raw, packed = write_xz(options.out / f"{prefix}{kind}.txt.xz", texts)
            total += packed
            print(f"{prefix}{kind}.txt.xz: {raw:,} bytes, {packed:,} compressed")
    for kind, some in words.items():
        if some:
            raw, packed = write_xz(options.out / f"{kind}_words.txt.xz", [word + "\n" for word in some])
            total += packed
            print(f"{kind}_words.txt.xz: {raw:,} bytes, {packed:,} compressed")
    print(f"all: {total:,} compressed")
    return 0
