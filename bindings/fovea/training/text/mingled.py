"""Makes text in English that other characters stand in: a few hanzi, accented words, typographic
signs, other alphabets, emoji.

They come seldom, as in what agents write. A reader who has seen them only among their like takes
the likeliest English character in their place.
"""

from __future__ import annotations

import dataclasses
import random
import typing
import unicodedata

from . import synthetic
from .histories.vocabulary import SYMBOLS
from .slices import Slices

SHORTEST, LONGEST = 200, 1500  # characters of one piece
GAPS = (2, 5, 12, 30)  # words between two strangers, on average
SIGNS = "".join(synthetic.SYMBOLS) + "".join(SYMBOLS)
QUOTES = ("“”", "‘’", "«»", "‹›", "„“", "「」", "『』", "《》", "（）", "【】")
DASHES = (" — ", "—", " – ", "–", "… ", " · ", " → ", " ⇒ ", " ≈ ", " × ", " ± ", "\u00a0")


def _accented() -> dict[str, str]:
    """Every ASCII letter that has accents, and its variants in Latin-1 and Latin Extended-A."""
    variants: dict[str, str] = {}
    for c in map(chr, range(0xC0, 0x180)):
        base = unicodedata.normalize("NFD", c)[0]
        if base.isascii() and base != c:
            variants[base] = variants.get(base, "") + c
    return variants


ACCENTED = _accented()


@dataclasses.dataclass(frozen=True)
class Source:
    """What mingled text is made of."""

    hosts: tuple[Slices, ...]  # English text
    hanzi_words: typing.Sequence[str]  # the commonest first, or empty
    wide: str  # characters of two cells, or empty
    alphabet: str  # all characters, or empty
    foreign: typing.Sequence[typing.Sequence[str]] = ()  # words of each other language


def _hanzi(rng: random.Random, source: Source, word: str) -> str:
    if not source.wide or rng.random() < 0.5:
        words = source.hanzi_words or ("字",)
        return "".join(words[int(len(words) * rng.random() ** 2)] for _ in range(rng.choice((1, 1, 1, 2, 4))))
    return "".join(rng.choices(source.wide, k=rng.choice((1, 1, 2, 3, 6))))


def _accent(rng: random.Random, source: Source, word: str) -> str:
    places = [i for i, c in enumerate(word) if c in ACCENTED]
    letters = list(word)
    for i in rng.sample(places, min(len(places), rng.choice((1, 1, 1, 2, 3)))):
        letters[i] = rng.choice(ACCENTED[word[i]])
    return "".join(letters)


def _quoted(rng: random.Random, source: Source, word: str) -> str:
    left, right = rng.choice(QUOTES[:3] if rng.random() < 0.7 else QUOTES)
    return left + word + right


def _dashed(rng: random.Random, source: Source, word: str) -> str:
    return word + rng.choice(DASHES) + rng.choice(word.split("-"))


def _other_alphabet(rng: random.Random, source: Source, word: str) -> str:
    made = "".join(rng.choices(rng.choice((synthetic.GREEK, synthetic.CYRILLIC)), k=max(1, len(word))))
    return made if rng.random() < 0.5 else made.lower()


def _foreign(rng: random.Random, source: Source, word: str) -> str:
    """Some words of another language."""
    if not source.foreign:
        return _other_alphabet(rng, source, word)
    words = rng.choice(source.foreign)
    return " ".join(words[int(len(words) * rng.random())] for _ in range(rng.choice((1, 1, 1, 2, 4))))


def _sign(rng: random.Random, source: Source, word: str) -> str:
    signs = source.alphabet if source.alphabet and rng.random() < 0.3 else SIGNS
    return "".join(rng.choices(signs, k=rng.choice((1, 1, 1, 2, 3))))


# How often each kind of stranger is drawn, in per cent; whether it takes a word's place or stands by it.
KINDS = ((_hanzi, 30, False), (_accent, 22, True), (_quoted, 10, True), (_dashed, 8, True), (_other_alphabet, 4, False),
         (_foreign, 14, False), (_sign, 12, False))  # fmt: skip
MAKERS, WEIGHTS, REPLACES = zip(*KINDS)
JOINTS = (" ", " ", " ", "", "", ": ", " (", '"', "=", "/", "_")


def _stranger(rng: random.Random, source: Source, word: str) -> str:
    kind = rng.choices(range(len(KINDS)), WEIGHTS)[0]
    made = MAKERS[kind](rng, source, word)
    if REPLACES[kind]:
        return made
    if rng.random() < 0.3:
        return made
    joint = rng.choice(JOINTS)
    return word + joint + made + (")" if joint == " (" else joint if joint == '"' else "")


def generate(rng: random.Random, source: Source, characters: int) -> str:
    """At least `characters` characters in pieces of one host each."""
    pieces, length = [], -1  # the last piece is followed by no newline
    while length < characters:
        words = rng.choice(source.hosts).lines(rng, rng.randint(SHORTEST, LONGEST)).split(" ")
        gap = rng.choice(GAPS)
        place = int(rng.expovariate(1 / gap))
        while place < len(words):
            if words[place].strip():
                words[place] = _stranger(rng, source, words[place])
            place += 1 + int(rng.expovariate(1 / gap))
        pieces.append(" ".join(words))
        length += len(pieces[-1]) + 1
    return "\n".join(pieces)
