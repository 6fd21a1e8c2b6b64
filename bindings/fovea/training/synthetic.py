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


def _text(codes: np.ndarray) -> str:
    return codes.astype("<u4", copy=False).tobytes().decode("utf-32-le")


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
        words = sorted({w for w in text.split() if len(w) < 24})
        identifiers = sorted({w.lower() for w in re.findall(r"[A-Za-z]{2,12}", text)})
        visible = "".join(c for c in dict.fromkeys(alphabet) if c.isprintable())
        return cls(np.array(words, dtype=object), np.array(identifiers, dtype=object), _codes(visible))


def _pieces(rng: np.random.Generator, stream: str, low: int, high: int) -> list[str]:
    """Cuts a string into pieces of low..high characters."""
    sizes = rng.integers(low, high + 1, size=len(stream) // max(1, low) + 1)
    ends = np.cumsum(sizes)
    ends = ends[: int(np.searchsorted(ends, len(stream))) + 1].tolist()
    starts = [0, *ends[:-1]]
    return [stream[a:b] for a, b in zip(starts, ends) if a < len(stream)]


def _stream(rng: np.random.Generator, alphabet: str, characters: int) -> str:
    codes = _codes(alphabet)
    return _text(codes[rng.integers(0, len(codes), size=characters)])


def _shuffled_words(rng, words, n):
    return rng.choice(words.words, size=n // 6 + 2).tolist()


def _one_case_words(rng, words, n):
    picked = rng.choice(words.identifiers, size=n // 7 + 2).tolist()
    return [w.upper() for w in picked] if rng.random() < 0.3 else [w.capitalize() for w in picked]


def _random_words(rng, words, n):
    return _pieces(rng, _stream(rng, ALPHABETS[rng.integers(len(ALPHABETS))], n), 1, 12)


def _capitalised_words(rng, words, n):
    return [w.capitalize() if i % 3 == 0 else w for i, w in enumerate(_random_words(rng, words, n))]


def _digits(rng, words, n):
    return _pieces(rng, _stream(rng, "0123456789" * 4 + ".,-:/", n), 1, 14)


def _numbers(rng, words, n):
    count = n // 8 + 2
    values = (rng.standard_normal(count) * 10.0 ** rng.integers(-4, 7, size=count)).tolist()
    form = ("%.2f", "%.4f", "%d", "%.3e", "%g", "%.1f%%", "$%.2f", "%.6g")[rng.integers(8)]
    return [form % value for value in values]


def _hex(rng, words, n):
    size = (4, 7, 8, 12, 16, 32, 40, 64)[rng.integers(8)]
    pieces = _pieces(rng, _stream(rng, HEX, n), size, size)
    return [("0x" + p) for p in pieces] if rng.random() < 0.2 else pieces


def _uuids(rng, words, n):
    stream = _stream(rng, HEX, n + 64)
    return [
        f"{s[:8]}-{s[8:12]}-4{s[13:16]}-{s[16:20]}-{s[20:]}"
        for s in (stream[i : i + 32] for i in range(0, len(stream) - 32, 32))
    ]


def _base64(rng, words, n):
    text = base64.b64encode(rng.bytes(n * 3 // 4 + 3)).decode()
    return _pieces(rng, text, 16, int(rng.integers(17, 100)))


def _ids(rng, words, n):
    return _pieces(rng, _stream(rng, IDS, n), 3, int(rng.integers(4, 30)))


def _prefixed_ids(rng, words, n):
    heads = ("toolu_01", "msg_01", "req_011", "call_", "chatcmpl-", "sk-", "ghp_", "i-0", "org-", "run_")
    return [heads[len(p) % 10] + p for p in _pieces(rng, _stream(rng, IDS, n), 10, 29)]


def _joined(rng, words, n):
    picked = rng.choice(words.identifiers, size=n // 6 + 6).tolist()
    sizes = rng.integers(1, 5, size=n // 10 + 2).tolist()
    style, result, at = int(rng.integers(6)), [], 0
    for size in sizes:
        part = picked[at : at + size]
        at = (at + size) % (len(picked) - 4)
        if style == 0:
            result.append(part[0] + "".join(w.capitalize() for w in part[1:]))
        elif style == 1:
            result.append("".join(w.capitalize() for w in part))
        else:
            result.append(("_", "-", ".", "/")[style - 2].join(part))
    return result


def _punctuation(rng, words, n):
    return _pieces(rng, _stream(rng, PUNCTUATION, n), 1, int(rng.integers(2, 9)))


def _printable(rng, words, n):
    return _pieces(rng, _stream(rng, PRINTABLE, n), 1, int(rng.integers(2, 24)))


def _symbols(rng, words, n):
    chosen = SYMBOLS[rng.integers(len(SYMBOLS))] if rng.random() < 0.6 else "".join(SYMBOLS)
    pieces = _pieces(rng, _stream(rng, chosen, n // 3), 1, 4)
    return [x for pair in zip(rng.choice(words.words, size=len(pieces)).tolist(), pieces) for x in pair]


def _atlas(rng, words, n):
    if not len(words.alphabet):
        return _printable(rng, words, n)
    text = _text(words.alphabet[rng.integers(0, len(words.alphabet), size=n)])
    return _pieces(rng, text, 1, int(rng.integers(2, 12)))


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
WEIGHTS = np.array([weight for _, weight in KINDS]) / sum(weight for _, weight in KINDS)
SEPARATORS = (" ", " ", " ", " ", ", ", "\n", "  ", " | ", "\t", ",", "/", ": ", "; ", "\n  ")


def generate(rng: np.random.Generator, words: Words, characters: int) -> str:
    """At least `characters` characters: stretches of one kind and one separator each, or all
    kinds mixed word by word."""
    if rng.random() < 0.2:
        return _mixed(rng, words, characters)
    stretches, length = [], -1  # the last stretch is followed by no newline
    while length < characters:
        maker = KINDS[rng.choice(len(KINDS), p=WEIGHTS)][0]
        pieces = maker(rng, words, int(rng.integers(60, 800)))
        separator = SEPARATORS[rng.integers(len(SEPARATORS))]
        if rng.random() < 0.35:  # lines of a few words
            each = int(rng.integers(2, 14))
            lines = [separator.join(pieces[i : i + each]) for i in range(0, len(pieces), each)]
            stretch = "\n".join(lines)
        else:
            stretch = separator.join(pieces)
        stretches.append(stretch)
        length += len(stretch) + 1
    return "\n".join(stretches)


def _mixed(rng: np.random.Generator, words: Words, characters: int) -> str:
    """Pieces of every kind in random order."""
    pool: list[str] = []
    while sum(map(len, pool)) < characters:
        for place in rng.choice(len(KINDS), size=6, p=WEIGHTS):
            pool += KINDS[place][0](rng, words, max(60, characters // 8))
    order = rng.permutation(len(pool)).tolist()
    return (" ", " ", "\n", ", ")[rng.integers(4)].join([pool[i] for i in order])
