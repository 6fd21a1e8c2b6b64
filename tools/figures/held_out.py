"""Text that fovea-nano was not trained on, to measure it with: fetched as Debian packages, of which the
training package's own rule holds files out by their names; and Jane Austen's novels, which are not among
the books that it was trained on."""

from __future__ import annotations

import hashlib
import inspect
import pathlib
import struct
import zlib

from .work import REPOSITORY, Failure, Work

LANGUAGES = ("zh_TW", "ja", "ko", "vi", "ar", "fa", "he", "hi", "bn", "ta", "te", "th", "km", "ka", "hy", "am", "el",
             "ru", "de", "fr", "pl", "tr")
KINDS = ("prose", "agent", "code", "docs", "chinese", "mingled", "synthetic")
PROGRAMS = ("tools/fetch_training_text.sh", "bindings/fovea/training/measure/held_out.py")
NOVELS = "en/r-cran-janeaustenr/usr/lib/R/site-library/janeaustenr/data/Rdata.rdb"


def texts(work: Work, names: tuple[str, ...]) -> list[pathlib.Path]:
    """The files of these kinds and languages, made where they are not there yet."""
    # Others where what makes them is other.
    made_by = hashlib.sha256(b"".join((REPOSITORY / name).read_bytes() for name in PROGRAMS))
    made_by.update(inspect.getsource(_make).encode())
    folder = work.shared / f"held-out-{made_by.hexdigest()[:12]}"
    if not all((folder / f"{name}.txt").exists() for name in (*KINDS, *LANGUAGES)):
        _make(work, folder)
    return [work.input(f"{name}.txt", folder / f"{name}.txt") for name in names]


def _make(work: Work, folder: pathlib.Path) -> None:
    fetched, corpus = work.shared / "text", work.shared / "corpus"
    work.run(REPOSITORY / "tools/fetch_training_text.sh", fetched, "en", "zh_CN", *LANGUAGES)
    novels = fetched / "novels.txt"
    novels.write_text("".join(paragraphs(lines) for lines in character_vectors((fetched / NOVELS).read_bytes())))
    languages: list[str | pathlib.Path] = []
    for name in LANGUAGES:
        languages += ["--language", name, *packages(fetched / name)]
    work.run("python", "-m", "fovea.training", "gather", "--out", corpus, "--only-held-out", "--only", "--root",
             fetched / "en", "--books", novels, "--chinese", *packages(fetched / "zh_CN"), *languages)
    work.run("python", "-m", "fovea.training", "held-out", "--corpus", corpus, "--out", folder)


def packages(folder: pathlib.Path) -> list[pathlib.Path]:
    """Those of a language; not LibreOffice's help, of which thousands of pages would be parsed for a few."""
    return [package for package in sorted(folder.iterdir()) if not package.name.startswith("libreoffice-help")]


def character_vectors(database: bytes) -> list[list[str]]:
    """The character vectors of an R package's data (Rdata.rdb). Each has its length when unpacked, then
    zlib's stream of R's serialisation: a head of 23 bytes for UTF-8, the type, the count; each string
    has its flags (the fifth byte after the type is its length)."""
    found, at = [], 0
    while at < len(database):
        unpacker = zlib.decompressobj()
        data = unpacker.decompress(database[at + 4:])
        at = len(database) - len(unpacker.unused_data)
        kind, count = struct.unpack(">ii", data[23:31])
        if data[:2] != b"X\n" or kind & 0xFF != 16:
            raise Failure(f"{NOVELS}: an object is no character vector in the form that is read here")
        strings, place = [], 31
        for _ in range(count):
            length = max(0, struct.unpack(">i", data[place + 4:place + 8])[0])  # -1: a missing string
            strings.append(data[place + 8:place + 8 + length].decode())
            place += 8 + length
        found.append(strings)
    return found


def paragraphs(lines: list[str]) -> str:
    """Lines that were wrapped to a width as the corpus has them: a paragraph a line."""
    text, paragraph = "", []
    for line in [*lines, ""]:
        if line.strip():
            paragraph.append(line.strip())
        elif paragraph:
            text += " ".join(paragraph) + "\n"
            paragraph = []
    return text
