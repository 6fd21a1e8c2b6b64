"""Text in other languages out of Debian's packages: documents, manual pages, message catalogues, dictionaries.

`tools/fetch_training_text.sh` unpacks them, a folder a language. What is read: HTML and plain text, manual
pages, catalogues of gettext (.mo), language packs of Mozilla's programs (.xpi), Hunspell's
dictionaries (.dic beside .aff). Of these, dictionaries give words, all else text.
"""

from __future__ import annotations

import gettext
import gzip
import itertools
import pathlib
import random
import re
import unicodedata
import zipfile
import zlib

from ..languages import LANGUAGES, Language
from .documents import PageText, fresh_lines, plain_manual
from .gathered import Gathered

PART = 6_000  # characters; what is no document of its own falls into parts of this size
VALIDATION_BYTES = 90_000  # of a language
WORDS = 20_000  # of a language
UNTRANSLATED = 40  # a line with so many Latin letters and none of the language was left in English
MARKUP = re.compile(r"<[^<>\n]{1,200}>|&[a-zA-Z]+;|~(?=\w)|_(?=\w)")


def messages_of(file: pathlib.Path) -> list[str]:
    """The translations of a catalogue."""
    try:
        with open(file, "rb") as stream:
            catalogue = gettext.GNUTranslations(stream)._catalog
    except (OSError, ValueError, UnicodeDecodeError, IndexError):
        return []
    return [text for key, text in catalogue.items() if key and isinstance(text, str)]


def pack_messages(file: pathlib.Path) -> list[str]:
    """The messages of a language pack: values of its .ftl, .properties and .dtd files."""
    found = []
    try:
        with zipfile.ZipFile(file) as archive:
            for name in sorted(archive.namelist()):
                if not name.endswith((".ftl", ".properties", ".dtd")):
                    continue
                text = archive.read(name).decode("utf-8", "replace")
                if name.endswith(".dtd"):
                    found += re.findall(r'<!ENTITY\s+\S+\s+"([^"]+)"', text)
                else:
                    found += re.findall(r"^(?:[\w.-]+|\s+\.[\w-]+)\s*=\s*(.+)$|^ {4}([^.\s\[*}].*)$", text, re.M)
    except (OSError, zipfile.BadZipFile, zlib.error):
        return []
    return ["".join(groups) if isinstance(groups, tuple) else groups for groups in found]


def dictionary_words(file: pathlib.Path) -> list[str]:
    """The words of a Hunspell dictionary, without their flags, in the encoding that its .aff file names."""
    encoding = "utf-8"
    try:
        head = file.with_suffix(".aff").read_bytes()[:4000]
        named = re.search(rb"^SET\s+(\S+)", head.removeprefix(b"\xef\xbb\xbf"), re.M)
        encoding = named[1].decode("ascii") if named else "iso-8859-1"
    except OSError:
        pass
    try:
        lines = file.read_bytes().decode(encoding, "ignore").splitlines()[1:]
    except LookupError:
        return []
    # Korean ones have syllables in parts.
    return [unicodedata.normalize("NFC", re.split(r"[/\t ]", line, maxsplit=1)[0].strip()) for line in lines]


def parts_of(name: str, text: str) -> list[tuple[str, str]]:
    ends = [0, *(m.end() for m in re.finditer(rf"(?s).{{{PART}}}.*?\n", text)), len(text)]
    return [(f"{name}-{i:04}", text[a:b]) for i, (a, b) in enumerate(itertools.pairwise(ends))]


def documents_of(folder: pathlib.Path) -> list[tuple[str, str]]:
    """Name and text of the documents in a package's folder, in a fixed order."""
    documents = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and not p.is_symlink()):
        name = path.name.lower()
        if name.endswith(".mo"):
            documents += parts_of(path.stem, "\n".join(messages_of(path)) + "\n")
            continue
        if name.endswith(".xpi"):
            documents += parts_of(path.stem, "\n".join(pack_messages(path)) + "\n")
            continue
        if name.endswith((".dic", ".aff")):
            continue
        try:
            raw = path.read_bytes()
            if name.endswith(".gz"):
                raw, name = gzip.decompress(raw), name.removesuffix(".gz")
            text = raw.decode("utf-8").replace("\r\n", "\n")
        except (OSError, EOFError, zlib.error, UnicodeDecodeError):
            continue
        if name.endswith((".html", ".htm", ".xhtml")):
            documents.append((name, PageText.of(text)))
        elif re.search(r"\.[1-9]$", name):
            documents.append((name, plain_manual(text)))
        elif name.endswith(".txt"):
            documents += parts_of(name.removesuffix(".txt"), text)
    return documents


def is_written_in(text: str, language: Language) -> bool:
    signs = len(re.sub(r"\s", "", text))
    return len(re.findall(f"[{language.letters}]", text)) >= language.least * max(20, signs)


def new_lines(text: str, language: Language, seen: set[str]) -> str:
    """The text without the lines that are in `seen`, to which its own are added; empty when it is in another
    language."""
    text = MARKUP.sub("", text)
    text = re.sub("[^\\S\n\t\u3000]", " ", text)
    text = re.sub("[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\ue000-\uf8ff\ufeff\ufffd]", "", text)
    text = fresh_lines(text, seen, lambda line: len(re.findall("[A-Za-z]", line)) < UNTRANSLATED
                       or re.search(f"[{language.letters}]", line))
    return text + "\n\n" if len(text) >= 40 and is_written_in(text, language) else ""


def held_out(documents: list[tuple[str, str]]) -> set[str]:
    """Names of the documents that training must not have: one in twenty by name alone, and one at least of a
    package with some."""
    numbers = {name: zlib.crc32(name.encode("utf-8", "replace")) for name, _ in documents}
    chosen = {name for name, number in numbers.items() if number % 20 == 0}
    return chosen or ({min(numbers, key=numbers.get)} if len(numbers) > 10 else set())


def gather_language(code: str, folders: list[pathlib.Path], seed: int,
                    train: bool = True) -> tuple[Gathered, list[str]]:
    """Documents of the folders, shuffled, small packages whole, and words. Folders are packages, or hold some.
    Without `train`: the documents that are held out."""
    language = LANGUAGES[code]
    packages = [p for folder in folders for p in (sorted(q for q in folder.iterdir() if q.is_dir()) or [folder])]
    gathered = Gathered()
    documents = [documents_of(package) for package in packages]
    by_size = sorted(range(len(packages)), key=lambda place: sum(len(text) for _, text in documents[place]))
    kept_out = [held_out(ours) for ours in documents]
    seen: set[str] = set()
    used = {place: [0, 0] for place in by_size}  # bytes held out, bytes to train with
    # Held-out text takes its lines first: training must not have them.
    for side, room, into in ((0, VALIDATION_BYTES, gathered.validation),
                             (1, int(language.megabytes * 1e6) if train else 0, gathered.train)):
        for rank, place in enumerate(by_size):
            share = room // (len(packages) - rank)
            ours = [each for each in documents[place] if (each[0] in kept_out[place]) == (side == 0)]
            random.Random(f"{seed} {code} {place}").shuffle(ours)
            for _, text in ours:
                if used[place][side] >= share:
                    break
                text = new_lines(text, language, seen)
                used[place][side] += len(text.encode())
                into.append(text)
            room -= used[place][side]
    for place, package in enumerate(packages):
        gathered.table[package.name[:24]] = (used[place][1], used[place][0])
    random.Random(f"{seed} {code}").shuffle(gathered.train)
    random.Random(f"{seed} {code} validation").shuffle(gathered.validation)
    return gathered, words_in(packages, language, seed) if train else []


def words_in(packages: list[pathlib.Path], language: Language, seed: int) -> list[str]:
    """Words of the dictionaries, WORDS at most, in a fixed order."""
    found = {word for package in packages for file in sorted(package.rglob("*.dic")) for word in dictionary_words(file)
             if 1 < len(word) < 20 and re.search(f"[{language.letters}]", word)}
    words = sorted(found)
    return words if len(words) <= WORDS else sorted(random.Random(f"{seed} words").sample(words, WORDS))
