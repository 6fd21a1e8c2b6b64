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
import lzma
import pathlib

from ..languages import LANGUAGES
from .books import gather_books
from .chinese import chinese_words, gather_chinese
from .gathered import Gathered
from .languages import gather_language
from .machine import gather_files, machine_roots


def write_xz(path: pathlib.Path, texts: list[str]) -> tuple[int, int]:
    """Writes the texts one after another; returns raw and compressed bytes."""
    raw = "".join(texts).encode()
    packed = lzma.compress(raw, preset=6)
    path.write_bytes(packed)
    return len(raw), len(packed)


def parser() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser(prog="python -m fovea.training gather", description=__doc__.split("\n")[0])
    p.add_argument("--out", type=pathlib.Path, required=True, help="folder to write to")
    p.add_argument("--books", type=pathlib.Path, nargs="+", action="extend", default=[], help="prose, .txt or .txt.xz")
    p.add_argument("--chinese", type=pathlib.Path, nargs="+", action="extend", default=[],
                   help="files and folders of Chinese text")
    p.add_argument("--chinese-words", type=pathlib.Path, help="dictionary: a word and its frequency in each line")
    p.add_argument("--language", nargs="+", action="append", default=[], metavar=("CODE", "FOLDER"),
                   help="a language and folders with its unpacked packages; repeat for each language")
    p.add_argument("--only-languages", action="store_true",
                   help="leave everything else in --out unchanged, for a corpus that has it already")
    p.add_argument("--root", type=pathlib.Path, action="append", default=[], help="another folder of sources")
    p.add_argument("--only", action="store_true", help="read the --root folders and no others")
    p.add_argument("--only-held-out", action="store_true", help="nothing to train with: text to measure on")
    p.add_argument("--seed", type=int, default=1)
    return p


def gather(options) -> tuple[dict[str, Gathered], dict[str, list[str]]]:
    """Text and words of each kind asked for."""
    gathered: dict[str, Gathered] = {}
    words: dict[str, list[str]] = {}
    train = not options.only_held_out
    if not options.only_languages:
        gathered = gather_files(options.root + ([] if options.only else machine_roots()), options.seed, train)
        gathered["prose"] = gather_books(options.books, options.seed, train)
    if options.chinese:
        gathered["chinese"] = gather_chinese(options.chinese, options.seed, train)
    if options.chinese_words:
        words["chinese"] = chinese_words(options.chinese_words)
    for code, *folders in options.language:
        gathered[code], words[code] = gather_language(code, [pathlib.Path(f) for f in folders], options.seed, train)
    return gathered, words


def files_of(gathered: dict[str, Gathered], words: dict[str, list[str]]) -> dict[str, list[str]]:
    """The texts of each file, by its name without the ending. A language may have words alone."""
    files = {}
    for kind, into in gathered.items():
        files[kind], files[f"val_{kind}"] = into.train, into.validation
    files |= {f"{kind}_words": [word + "\n" for word in some] for kind, some in words.items()}
    return {name: texts for name, texts in files.items() if "".join(texts).strip()}


def main(arguments: list[str] | None = None) -> int:
    p = parser()
    options = p.parse_args(arguments)
    for code, *folders in options.language:
        if code not in LANGUAGES or not folders:
            p.error(f"--language takes one of {', '.join(LANGUAGES)} and a folder; it got {code} {folders}")
    options.out.mkdir(parents=True, exist_ok=True)
    gathered, words = gather(options)
    print(f"{'kind':7} {'what':24} {'train':>10} {'held out':>9}")
    for kind, into in gathered.items():
        for name, (train, held) in into.table.items():
            print(f"{kind:7} {name:24} {train:10,} {held:9,}")
    total = 0
    for name, texts in files_of(gathered, words).items():
        raw, packed = write_xz(options.out / f"{name}.txt.xz", texts)
        total += packed
        print(f"{name}.txt.xz: {raw:,} bytes, {packed:,} compressed")
    print(f"all: {total:,} compressed")
    return 0
