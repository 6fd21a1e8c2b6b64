"""The languages beside English and Chinese: their letters, how much of each is learned, and text made up in them.

Two pieces in three are text that a language model could guess; the rest, random words and random
characters, only a reader of glyphs reads. Where running text is scarce, sentences are made of a
dictionary's words.
"""

from __future__ import annotations

import dataclasses
import random
import re

import numpy as np

from . import chinese
from .slices import Slices

SHORTEST, LONGEST = 100, 800  # characters of one piece
CJK = "\u4e00-\u9fff"
KANA = "\u3041-\u30ff"
HANGUL = "\uac00-\ud7a3"


@dataclasses.dataclass(frozen=True)
class Language:
    """One row of the table of languages."""

    letters: str  # of a regular expression's set: what its text is known by
    share: float  # of the text in these languages
    megabytes: float  # of UTF-8, at most this much is gathered
    comma: str = ", "
    stop: str = ". "
    blank: str = " "  # between words
    # Share of a document's characters, blanks aside, that must be its letters: with fewer it was never
    # translated. Latin letters are those of many languages, so only the accented ones tell.
    least: float = 0.25


LANGUAGES = {
    "ja": Language(KANA + CJK, 13, 6.0, "、", "。", ""),
    "ko": Language(HANGUL, 14, 4.5),
    "zh_TW": Language(CJK, 12, 5.0, "，", "。", ""),
    "vi": Language("\u00c0-\u01b0\u1ea0-\u1ef9", 5, 2.0, least=0.08),
    "de": Language("\u00c4\u00d6\u00dc\u00e4\u00f6\u00fc\u00df", 5, 2.0, least=0.01),
    "fr": Language("\u00c0\u00c2\u00c7-\u00cb\u00ce\u00cf\u00d4\u00d9\u00db\u00dc\u00e0\u00e2\u00e7-\u00eb\u00ee\u00ef\u00f4\u00f9\u00fb\u00fc\u0152\u0153",
                   4, 2.0, least=0.015),
    "pl": Language("\u00d3\u00f3\u0104-\u0107\u0118\u0119\u0141-\u0144\u015a\u015b\u0179-\u017c", 5, 2.0, least=0.03),
    "tr": Language("\u00c7\u00d6\u00dc\u00e7\u00f6\u00fc\u011e\u011f\u0130\u0131\u015e\u015f", 5, 2.0, least=0.03),
    "ar": Language("\u0600-\u06ff", 7, 3.0, "، "),
    "fa": Language("\u0600-\u06ff", 3, 1.5, "، "),
    "he": Language("\u05d0-\u05ea", 5, 2.5),
    "hi": Language("\u0900-\u097f", 6, 3.0, ", ", "। "),
    "bn": Language("\u0980-\u09ff", 4, 2.0, ", ", "। "),
    "ta": Language("\u0b80-\u0bff", 6, 2.0),
    "te": Language("\u0c00-\u0c7f", 4, 2.0),
    "th": Language("\u0e00-\u0e7f", 6, 3.0, " ", " ", ""),
    "lo": Language("\u0e80-\u0eff", 2, 1.0, " ", " ", ""),
    "km": Language("\u1780-\u17ff", 3, 2.5, " ", "។ ", ""),
    "ka": Language("\u10a0-\u10ff", 3, 2.0),
    "hy": Language("\u0530-\u058f", 3, 1.5, ", ", "։ "),
    "am": Language("\u1200-\u139f", 3, 1.5, "፣ ", "። "),
    "el": Language("\u0370-\u03ff\u1f00-\u1fff", 2, 1.5),
    "ru": Language("\u0400-\u052f", 3, 2.0),
}

BUILTIN = {  # so that tests need no files
    "ko": "먼저 시험을 돌리고 나서 변경 사항을 올려 주세요.\n설정 파일을 찾을 수 없습니다: config.json\n",
    "hi": "पहले परीक्षण चलाएँ, फिर बदलाव भेजें।\nफ़ाइल नहीं मिली: config.json\n",
    "ar": "شغّل الاختبارات أولاً، ثم أرسل التغييرات.\nلم يُعثر على الملف: config.json\n",
}

DRESSINGS = (chinese.event, chinese.event, chinese.tool_result, chinese.bullets, chinese.table, chinese.comments)


@dataclasses.dataclass(frozen=True)
class Source:
    """What text in one language is made of. The first two as `chinese.Source` has them."""

    language: Language
    text: Slices | None  # none: there are words alone
    code: Slices
    words: np.ndarray  # [n] object: str
    letters: np.ndarray  # [n] u32, code points: of its script, as far as the atlas has them
    latin: np.ndarray  # [n] object: str, words of code

    @classmethod
    def of(cls, code: str, text: Slices | None, code_text: Slices, words: list[str], latin: list[str],
           alphabet: str) -> Source:
        language = LANGUAGES[code]
        letters = "".join(re.findall(f"[{language.letters}]", alphabet)) or "?"
        points = np.frombuffer(letters.encode("utf-32-le"), "<u4")
        return cls(language, text, code_text, np.array(words, object), points, np.array(latin or ["data"], object))


def words_of(text: str, language: Language) -> list[str]:
    """Words that come in the text, for want of a dictionary: runs of its letters, of two to twelve."""
    return sorted(set(re.findall(f"[{language.letters}]{{2,12}}", text))) or ["?"]


def _text(rng, arrays, source, n):
    return source.text.slice(rng, n)


def _dressed(rng, arrays, source, n):
    return rng.choice(DRESSINGS)(rng, arrays, source, n)


def _sentences(rng, arrays, source, n):
    """Words of the dictionary in sentences, now and then a number or a word of code among them."""
    words = source.words[arrays.integers(0, len(source.words), n // 4 + 2)].tolist()
    language, parts, since = source.language, [], 0
    for word in words:
        draw, since = rng.random(), since + 1
        parts.append(word if draw < 0.93 else str(rng.randint(0, 9999)) if draw < 0.96 else rng.choice(source.latin))
        ends = since > 3 and rng.random() < 0.15
        parts.append(rng.choice((language.stop, language.stop, "? ", "! ", "\n")) if ends
                     else language.comma if rng.random() < 0.08 else language.blank)
        since = 0 if ends else since
    return "".join(parts)[:n]


def _words(rng, arrays, source, n):
    words = source.words[arrays.integers(0, len(source.words), n // 4 + 2)].tolist()
    return rng.choice((" ", ", ", "\n", " | ", "/", "、", ": ")).join(words)


def _letters(rng, arrays, source, n):
    """Letters of the script, each as likely as the others, in groups of any length."""
    codes = source.letters[arrays.integers(0, len(source.letters), n)].copy()
    longest = rng.choice((3, 8, 20, 60))
    ends = np.cumsum(arrays.integers(2, longest + 2, n // 2 + 1)) - 1
    codes[ends[ends < n]] = ord(rng.choice(" \n ,-"))
    return codes.tobytes().decode("utf-32-le")


# How often each kind of piece is drawn, in per cent.
KINDS = ((_text, 45), (_dressed, 15), (_sentences, 12), (_words, 6), (_letters, 22))
MAKERS, WEIGHTS = zip(*KINDS)


def generate(arrays: np.random.Generator, sources: dict[str, Source], characters: int) -> str:
    """At least `characters` characters in pieces of one language and kind each. A language without running
    text has sentences in its place."""
    rng = random.Random(int(arrays.integers(1 << 62)))
    names = list(sources)
    shares = [LANGUAGES[name].share for name in names]
    pieces, length = [], -1  # the last piece is followed by no newline
    while length < characters:
        # A page in daily life is of one language: it changes after some pieces.
        source = sources[rng.choices(names, shares)[0]]
        for _ in range(rng.choice((1, 4, 12))):
            make = rng.choices(MAKERS, WEIGHTS)[0]
            if source.text is None and make in (_text, _dressed):
                make = _sentences
            pieces.append(make(rng, arrays, source, rng.randint(SHORTEST, LONGEST)))
            length += len(pieces[-1]) + 1
            if length >= characters:
                break
    return "\n".join(pieces)
