"""Text that no language model can guess: only a reader of glyphs reads it.

Shuffled words, random letters, digits and signs, ids, other alphabets, and every
character of the atlas. It keeps the decoder honest about strings it has not seen.
"""

from __future__ import annotations

import base64
import dataclasses
import re
import string

import numpy as np


def _codes(text: str) -> np.ndarray:
    """Code points, [n] u32."""
    return np.frombuffer(text.encode("utf-32-le"), dtype="<u4")


def _letters(first: int, last: int) -> str:
    return "".join(c for c in map(chr, range(first, last + 1)) if c.isalpha())


LATIN_1 = _letters(0xC0, 0xFF)
LATIN_A = _letters(0x100, 0x17F)
GREEK = _letters(0x391, 0x3C9)
CYRILLIC = _letters(0x410, 0x44F) + "ЁёЄєІіЇї"
ALPHABETS = (
    string.ascii_lowercase * 3 + LATIN_1,
    string.ascii_lowercase * 2 + LATIN_1 + LATIN_A,
    GREEK,
    CYRILLIC,
    string.ascii_lowercase,
    string.ascii_letters,
)
SYMBOLS = (
    "←↑→↓↔↕⇐⇒⇔↦↳↵",
    "─│┌┐└┘├┤┬┴┼═║╔╗╚╝╠╣╦╩╬╭╮╯╰━┃█▓▒░▀▄▌▐■□▪▲△▶▼◆◇○●◦",
    "✓✔✕✗✘✅❌⭐⚠☆★☐☑☒",
    "±×÷≈≠≤≥∞∑∏∂√∫∈∉∅∆∇∀∃∧∨∩∪⊂⊃⊆°µ·′″‰¹²³⁴₀₁₂½¼¾π",
    "‘’“”‚„‹›«»–—…•†‡§¶©®™€£¥¢¿¡\u00a0",
)
PUNCTUATION = string.punctuation
HEX = "0123456789abcdef"
IDS = string.ascii_letters + string.digits
PRINTABLE = string.ascii_letters + string.digits + string.punctuation


@dataclasses.dataclass(frozen=True)
class Words:
    """Words of the corpus, each counted once, and the characters that must be seen."""

    words: np.ndarray  # [n] object: str
    identifiers: np.ndarray  # [n] object: lower-case ASCII str
    alphabet: np.ndarray  # [n] u32, code points; empty: none asked for

    @classmethod
    def of(cls, text: str, alphabet: str = "") -> Words:
        # Words in other scripts, which tables in sources hold, are left out unless asked for.
        strange = re.compile(f"[^\\x21-\u024f\u2010-\u203a{re.escape(alphabet)}]")
        words = sorted(w for w in set(text.split()) if len(w) < 24 and not strange.search(w))
        identifiers = sorted({w.lower() for w in re.findall(r"[A-Za-z]{2,12}", text)})
        # Carriage return and escape have glyphs too.
        visible = "".join(c for c in dict.fromkeys(alphabet) if c.isprintable() or c in "\r\x1b")
        return cls(np.array(words, dtype=object), np.array(identifiers, dtype=object), _codes(visible))


def _text(codes: np.ndarray) -> str:
    return codes.astype("<u4", copy=False).tobytes().decode("utf-32-le")


# Makers join their pieces with this sign, which `generate` replaces: text stays in few
# large strings until then.
CUT = "\0"


def _cut(rng: np.random.Generator, alphabet: str | np.ndarray, characters: int, low: int, high: int) -> str:
    """Random characters in pieces of low..high."""
    codes = _codes(alphabet) if isinstance(alphabet, str) else alphabet
    stream = codes[rng.integers(0, len(codes), size=characters)]
    ends = np.cumsum(rng.integers(low + 1, high + 2, size=characters // (low + 1) + 1)) - 1
    stream[ends[ends < characters]] = 0
    return _text(stream)


def _words(rng: np.random.Generator, words: np.ndarray, count: int) -> list[str]:
    return words[rng.integers(0, len(words), size=count)].tolist()


def _shuffled_words(rng, words, n):
    return CUT.join(_words(rng, words.words, n // 6 + 2))


def _one_case_words(rng, words, n):
    text = CUT.join(_words(rng, words.identifiers, n // 7 + 2))
    return text.upper() if rng.random() < 0.4 else text.title()


def _random_words(rng, words, n):
    return _cut(rng, ALPHABETS[rng.integers(len(ALPHABETS))], n, 1, 12)


def _capitalised_words(rng, words, n):
    return _random_words(rng, words, n).title()


def _digits(rng, words, n):
    return _cut(rng, "0123456789" * 4 + ".,-:/", n, 1, 14)


def _numbers(rng, words, n):
    count = n // 8 + 2
    values = (rng.standard_normal(count) * 10.0 ** rng.integers(-4, 7, size=count)).tolist()
    form = ("%.2f", "%.4f", "%d", "%.3e", "%g", "%.1f%%", "$%.2f", "%.6g")[rng.integers(8)]
    return CUT.join([form % value for value in values])


def _hex(rng, words, n):
    size = (4, 7, 8, 12, 16, 32, 40, 64)[rng.integers(8)]
    text = _cut(rng, HEX, n, size, size)
    return text.replace(CUT, CUT + "0x") if rng.random() < 0.2 else text


def _uuids(rng, words, n):
    codes = _codes(HEX)[rng.integers(0, 16, size=(n // 36 + 2, 37))]
    codes[:, [8, 13, 18, 23]] = ord("-")
    codes[:, 14] = ord("4")
    codes[:, 36] = 0
    return _text(codes.ravel()[:-1])


def _base64(rng, words, n):
    text = base64.b64encode(rng.bytes(n * 3 // 4 + 3)).decode()
    width = int(rng.integers(16, 100))
    return CUT.join([text[i : i + width] for i in range(0, len(text), width)])


def _ids(rng, words, n):
    return _cut(rng, IDS, n, 3, int(rng.integers(4, 30)))


def _prefixed_ids(rng, words, n):
    heads = ("toolu_01", "msg_01", "req_011", "call_", "chatcmpl-", "sk-", "ghp_", "i-0", "org-", "run_")
    return _cut(rng, IDS, n, 10, 29).replace(CUT, CUT + heads[rng.integers(len(heads))])


def _joined(rng, words, n):
    """camelCase, PascalCase, snake_case and other joins of one to four words."""
    picked = _words(rng, words.identifiers, n // 6 + 6)
    style = int(rng.integers(6))
    joint = ("", "", "_", "-", ".", "/")[style]
    if style < 2:
        picked = [word.capitalize() for word in picked]
    cuts = (rng.random(len(picked)) < 0.4).tolist()
    text = "".join([word + (CUT if cut else joint) for word, cut in zip(picked, cuts)])
    if style:
        return text
    return CUT.join([piece[:1].lower() + piece[1:] for piece in text.split(CUT)])


def _punctuation(rng, words, n):
    return _cut(rng, PUNCTUATION, n, 1, int(rng.integers(2, 9)))


def _printable(rng, words, n):
    return _cut(rng, PRINTABLE, n, 1, int(rng.integers(2, 24)))


def _symbols(rng, words, n):
    chosen = SYMBOLS[rng.integers(len(SYMBOLS))] if rng.random() < 0.6 else "".join(SYMBOLS)
    symbols = _cut(rng, chosen, n // 3, 1, 4).split(CUT)
    return CUT.join([x for pair in zip(_words(rng, words.words, len(symbols)), symbols) for x in pair])


def _atlas(rng, words, n):
    if not len(words.alphabet):
        return _printable(rng, words, n)
    return _cut(rng, words.alphabet, n, 1, int(rng.integers(2, 12)))


# How often each kind of row is drawn.
KINDS = (
    (_shuffled_words, 20),
    (_one_case_words, 4),
    (_random_words, 12),
    (_capitalised_words, 3),
    (_digits, 7),
    (_numbers, 6),
    (_hex, 6),
    (_uuids, 3),
    (_base64, 5),
    (_ids, 8),
    (_prefixed_ids, 3),
    (_joined, 9),
    (_punctuation, 4),
    (_printable, 6),
    (_symbols, 5),
    (_atlas, 12),
)
WEIGHTS = np.cumsum([weight for _, weight in KINDS]) / sum(weight for _, weight in KINDS)
SEPARATORS = (" ", " ", " ", " ", ", ", "\n", "  ", " | ", "\t", ",", "/", ": ", "; ", "\n  ")


def _drawn(rng: np.random.Generator, words: Words, characters: int) -> str:
    """Pieces of a kind drawn by weight."""
    return KINDS[int(np.searchsorted(WEIGHTS, rng.random(), side="right"))][0](rng, words, characters)


def generate(rng: np.random.Generator, words: Words, characters: int) -> str:
    """At least `characters` characters: stretches of one kind and one separator each, or all
    kinds mixed word by word."""
    if rng.random() < 0.2:
        return _mixed(rng, words, characters)
    stretches, length = [], -1  # the last stretch is followed by no newline
    while length < characters:
        text = _drawn(rng, words, int(rng.integers(100, 1500)))
        separator = SEPARATORS[rng.integers(len(SEPARATORS))]
        if rng.random() < 0.35:  # lines of a few words
            pieces, each = text.split(CUT), int(rng.integers(2, 14))
            text = "\n".join([separator.join(pieces[i : i + each]) for i in range(0, len(pieces), each)])
        else:
            text = text.replace(CUT, separator)
        stretches.append(text)
        length += len(text) + 1
    return "\n".join(stretches)


def _mixed(rng: np.random.Generator, words: Words, characters: int) -> str:
    """Pieces of every kind in random order."""
    texts: list[str] = []
    while sum(map(len, texts)) < characters:
        texts += [_drawn(rng, words, max(60, characters // 8)) for _ in range(6)]
    pool = CUT.join(texts).split(CUT)
    order = rng.permutation(len(pool)).tolist()
    return (" ", " ", "\n", ", ")[rng.integers(4)].join([pool[i] for i in order])
