"""Makes text in Chinese: slices of the corpus, what agents write around it, words and hanzi.

Two pieces in three are text that a language model could guess; the rest, random words and
random characters, only a reader of glyphs reads.
"""

from __future__ import annotations

import dataclasses
import json
import random
import re
import typing
import unicodedata

import numpy as np

from .slices import Slices

SHORTEST, LONGEST = 100, 800  # characters of one piece
HANZI = "\u3400-\u4dbf\u4e00-\u9fff"
CUT = "\0"  # between words, until the piece knows what to put there
PUNCTUATION = "，。、；：？！“”‘’（）【】《》「」『』—…～·￥％＋－＝／｜＠＃＆＊０１２３４５６７８９"
PAUSES = np.array(["", "", "", "", "", "，", "，", "。", "、", "：", "；", "！", "？", "\n", " ", "……"], dtype=object)
JOINTS = ("", "", "", " ", "、", "，", "\n", "；", "|", "/")


def gb2312() -> str:
    """The 6,763 hanzi of GB 2312, the common ones first."""
    cells = bytes(byte for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF) for byte in (row, cell))
    return cells.decode("gb2312", errors="ignore")


def wide_characters(alphabet: str) -> str:
    """The characters of two cells in `alphabet`, with those of GB 2312 where it has no hanzi."""
    wide = "".join(c for c in dict.fromkeys(alphabet) if unicodedata.east_asian_width(c) in "WF" and c.isprintable())
    return wide if re.search(f"[{HANZI}]", wide) else wide + gb2312()


@dataclasses.dataclass(frozen=True)
class Source:
    """What Chinese text is made of."""

    text: Slices
    code: Slices
    words: np.ndarray  # [n] object: str of hanzi, the commonest first
    latin: np.ndarray  # [n] object: str, words of code
    alphabet: np.ndarray  # [n] u32, code points of wide characters

    @classmethod
    def of(cls, text: Slices, code: Slices, words: list[str], latin: list[str], alphabet: str) -> Source:
        codes = np.frombuffer(wide_characters(alphabet).encode("utf-32-le"), dtype="<u4")
        return cls(text, code, np.array(words, dtype=object), np.array(latin or ["data"], dtype=object), codes)


def words_of(text: str) -> list[str]:
    """Runs of two to four hanzi between other characters, for want of a dictionary."""
    counts: dict[str, int] = {}
    for run in re.findall(f"(?<![{HANZI}])[{HANZI}]{{2,4}}(?![{HANZI}])", text):
        counts[run] = counts.get(run, 0) + 1
    return sorted(counts, key=lambda word: -counts[word]) or ["字"]


def _line(rng: random.Random, source: Source, longest: int = 60) -> str:
    """A line of the text, or its start."""
    for line in source.text.lines(rng, 3 * longest).split("\n"):
        if line.strip():
            return line.strip()[:longest]
    return "你好"


def _text(rng, arrays, source, n):
    return source.text.slice(rng, n)


# What agents write around the text; those without an underscore do so in any language.


def event(rng, arrays, source, n):
    """A message of a session as one line of JSON, with its newlines and quotes escaped."""
    body = source.text.lines(rng, n)
    if rng.random() < 0.5:
        word = _line(rng, source, 10)
        body = body.replace("，", f'"{word}"', 1) + f'\n{{"{word}": "{_line(rng, source)}"}}'
    role = rng.choice(("user", "assistant"))
    content: typing.Any = body if rng.random() < 0.5 else [{"type": "text", "text": body}]
    message = {"type": role, "message": {"role": role, "content": content}}
    return json.dumps(message, ensure_ascii=False, separators=rng.choice(((",", ":"), (", ", ": "))))


def tool_result(rng, arrays, source, n):
    result = {
        "tool_use_id": f"toolu_{rng.getrandbits(64):016x}",
        "type": "tool_result",
        "content": "\n".join(f"{i:6}\u2192{line}" for i, line in enumerate(source.text.lines(rng, n).split("\n"), 1)),
    }
    return json.dumps(result, ensure_ascii=False)


def _turns(rng, arrays, source, n):
    names = rng.choice((("user", "assistant"), ("user", "assistant"), ("用户", "助手"), ("Human", "Assistant")))
    colon = "：" if names[0] == "用户" else ": "
    return "\n".join(f"{names[i % 2]}{colon}{_line(rng, source, 120)}" for i in range(max(2, n // 50)))


def bullets(rng, arrays, source, n):
    marks = rng.choice(("- ", "* ", "- [ ] ", "- [x] ", "1", "（"))
    lines = [f"{'#' * rng.randint(1, 4)} {_line(rng, source, 24)}", ""]
    for i in range(1, max(3, n // 40)):
        mark = f"{i}. " if marks == "1" else f"（{i}）" if marks == "（" else marks
        text = _line(rng, source)
        lines.append(mark + (f"**{text[:6]}**：{text[6:]}" if rng.random() < 0.3 else text))
    return "\n".join(lines)


def table(rng, arrays, source, n):
    columns = rng.randint(2, 4)
    count = max(3, n // (14 * columns))
    rows = [[_line(rng, source, 12).replace("|", "") for _ in range(columns)] for _ in range(count)]
    rows.insert(1, ["---"] * columns)
    for row in rows[2:]:
        if rng.random() < 0.4:
            row[rng.randrange(columns)] = f"{rng.random() * 10 ** rng.randint(0, 5):.{rng.randint(0, 3)}f}"
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def comments(rng, arrays, source, n):
    sign = rng.choice(("# ", "// ", "  // ", "    # ", "-- ", "/// "))
    lines = [sign + _line(rng, source, 40)]
    for line in source.code.lines(rng, n * 2 // 3).split("\n"):
        draw = rng.random()
        if draw < 0.3:
            lines.append(sign + _line(rng, source, 40))
        lines.append(line + (f"  {sign.strip()} {_line(rng, source, 20)}" if draw > 0.75 else ""))
    return "\n".join(lines)


def _shell(rng, arrays, source, n):
    lines = []
    for _ in range(max(2, n // 90)):
        word = _line(rng, source, rng.randint(2, 8)).replace(" ", "").replace("/", "")
        command = rng.choice(("cat {0}.txt", "grep -rn '{0}' src/", "git commit -m '{0}'", "ls {0}/", "echo \"{0}\""))
        lines.append("$ " + command.format(word))
        lines.append(
            rng.choice(
                (
                    f"{word}.txt:{rng.randint(1, 900)}:{_line(rng, source)}",
                    f"错误：{_line(rng, source)}",
                    f"警告: {_line(rng, source)} (code={rng.randint(1, 255)})",
                    f"bash: {word}: 没有那个文件或目录",
                    f"[main {rng.getrandbits(28):07x}] {word}\n {rng.randint(1, 9)} files changed",
                    f"2026-{rng.randint(1, 12):02}-{rng.randint(1, 28):02} INFO {_line(rng, source)}",
                )
            )
        )
    return "\n".join(lines)


DRESSINGS = (event, event, tool_result, _turns, bullets, table, comments, _shell)


def _dressed(rng, arrays, source, n):
    return rng.choice(DRESSINGS)(rng, arrays, source, n)


# What nobody can guess.


def _drawn_words(arrays: np.random.Generator, source: Source, count: int) -> np.ndarray:
    """Words of the dictionary, [count] object. In language the word of rank r comes about 1 / r
    of the time; the square root of that lets the rare ones be seen."""
    return source.words[(len(source.words) * arrays.random(count) ** 2).astype(np.intp)]


def _words(rng, arrays, source, n):
    words = _drawn_words(arrays, source, n // 3)
    joint = rng.choice(JOINTS)
    if joint:
        return joint.join(words.tolist())
    return "".join((words + PAUSES[arrays.integers(0, len(PAUSES), size=len(words))]).tolist())


def _grouped(arrays: np.random.Generator, source: Source, n: int, longest: int) -> list[str]:
    """n characters of the alphabet, each as likely as the others, in groups."""
    codes = source.alphabet[arrays.integers(0, len(source.alphabet), size=n)]
    ends = np.cumsum(arrays.integers(2, longest + 2, size=n // 2 + 1)) - 1
    codes[ends[ends < n]] = 0
    return codes.tobytes().decode("utf-32-le").split(CUT)


def _characters(rng, arrays, source, n):
    groups = _grouped(arrays, source, n, rng.choice((3, 8, 20, 60)))
    if rng.random() < 0.5:
        return rng.choice(JOINTS).join(groups)
    draws = arrays.random((3, len(groups)))
    kinds, picks, values = (draws[0] * 4).astype(int).tolist(), draws[1].tolist(), draws[2].tolist()
    mixed = []
    for group, kind, pick, value in zip(groups, kinds, picks, values):
        if kind == 0:
            between = PUNCTUATION[int(pick * len(PUNCTUATION))]
        elif kind == 1:
            between = str(int(10 ** (pick * 7)) if value < 0.7 else round(pick * 100, 2))
        elif kind == 2:
            word = source.latin[int(pick * len(source.latin))]
            between = word if value < 0.4 else f" {word} " if value < 0.8 else word.upper()
        else:
            between = (" ", "\n", ", ", ": ", "(", ")", "/", "_", "-", '"', "=", "")[int(pick * 12)]
        mixed.append(group + between)
    return "".join(mixed)


# How often each kind of piece is drawn, in per cent.
KINDS = ((_text, 50), (_dressed, 15), (_words, 15), (_characters, 20))
MAKERS, WEIGHTS = zip(*KINDS)


def generate(arrays: np.random.Generator, source: Source, characters: int) -> str:
    """At least `characters` characters in pieces of one kind each."""
    rng = random.Random(int(arrays.integers(1 << 62)))
    pieces, length = [], -1  # the last piece is followed by no newline
    while length < characters:
        make = rng.choices(MAKERS, WEIGHTS)[0]
        pieces.append(make(rng, arrays, source, rng.randint(SHORTEST, LONGEST)))
        length += len(pieces[-1]) + 1
    return "\n".join(pieces)
