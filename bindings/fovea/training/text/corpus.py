"""Serves training text: slices of the gathered corpus and text made up from them.

corpus = Corpus("corpus", alphabet=characters_of_the_atlas)
text = corpus.sample(np.random.default_rng(1), "agent", 3000)
"""

from __future__ import annotations

import collections
import lzma
import pathlib
import random
import re
import threading

import numpy as np

from . import chinese, histories, languages, mingled, synthetic

DOMAINS = ("prose", "wrapped", "code", "docs", "agent", "synthetic", "chinese", "mingled", "scripts")
MADE = ("agent", "synthetic", "chinese", "mingled", "scripts")  # piece by piece, so that a stock pays
KINDS = ("prose", "code", "docs")
STOCK = 60_000

# Characters in one piece. Python gives each string the width of its widest character, so
# pieces keep a lone emoji from widening all of the text.
PIECE = 1 << 18

TO_ASCII = {
    "\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2013": "-", "\u2014": "--",
    "\u2026": "...", "\u00a0": " ", "\u2022": "*", "\u00e6": "ae", "\u0153": "oe",
}  # fmt: skip
ASCII_SHARE = 0.2  # of prose samples get plain punctuation

BUILTIN_CHINESE = """\
文字画在页面上，模型再从图像里读出来。一页放得下几千个字，读错一个字就算一处错误。
请先运行测试，然后提交修改：如果构建失败，请查看日志（log）并修复 parser.cpp 中的问题。
你好！今天天气怎么样？晴天，最高气温 25 度，适合出门散步。
「注意」配置文件 config.json 必须使用 UTF-8 编码；否则，程序会报错：无法解析第 12 行。
版本、许可证、作者、日期、大小、路径、说明、选项、参数、返回值。
"""


class Text:
    """A long text in pieces, from which slices are cut anywhere."""

    def __init__(self, text: str):
        if not text:
            raise ValueError("no text")
        self.pieces = [text[i : i + PIECE] for i in range(0, len(text), PIECE)]
        self.characters = len(text)

    def slice(self, rng: random.Random, characters: int) -> str:
        """That many characters from anywhere; the end is followed by the start."""
        start = int(rng.random() * self.characters)
        piece, offset = divmod(start, PIECE)
        part = self.pieces[piece][offset : offset + characters]
        if len(part) == characters:
            return part
        parts, length = [part], len(part)
        while length < characters:
            piece = (piece + 1) % len(self.pieces)
            parts.append(self.pieces[piece][: characters - length])
            length += len(parts[-1])
        return "".join(parts)

    def lines(self, rng: random.Random, characters: int) -> str:
        """About that many characters from the start of a line on, or of a word where lines
        are long, without newlines at the end."""
        part = self.slice(rng, characters + 120)
        start = part.find("\n", 0, 120) + 1 or part.find(" ", 0, 120) + 1
        return part[start : start + characters].rstrip("\n")


class Corpus:
    """Text of all domains, Chinese and other languages where the folder has them. Thread-safe after construction;
    forked workers share its memory.

    `folder`: what `gather` wrote. `split`: "train" or "validation".
    `max_characters`: reads no more than this of each kind, for a quick start.
    `alphabet`: characters that synthetic text must show, usually those of the glyph atlas.
    `stock`: characters of made-up text made at once and then handed out
    piece by piece, which is several times as fast for short samples. 0: each sample is made by
    itself and depends on the generator alone. By default 0 for validation.
    """

    def __init__(
        self,
        folder: str | pathlib.Path,
        *,
        split: str = "train",
        max_characters: int | None = None,
        alphabet: str = "",
        stock: int | None = None,
    ):
        if split not in ("train", "validation"):
            raise ValueError(f"split is {split!r}; it must be 'train' or 'validation'")
        prefix = "val_" if split == "validation" else ""
        texts = {}
        self.chinese_file = pathlib.Path(folder) / f"{prefix}chinese.txt.xz"
        for kind in (*KINDS, "chinese") if self.chinese_file.exists() else KINDS:
            with lzma.open(pathlib.Path(folder) / f"{prefix}{kind}.txt.xz", "rt", encoding="utf-8", newline="") as file:
                texts[kind] = file.read(-1 if max_characters is None else max_characters)
        for name in ("chinese", *languages.LANGUAGES):
            found = pathlib.Path(folder) / f"{prefix}{name}.txt.xz"
            if name != "chinese" and found.exists():
                with lzma.open(found, "rt", encoding="utf-8", newline="") as file:
                    texts[name] = file.read(-1 if max_characters is None else max_characters)
            words_file = pathlib.Path(folder) / f"{name}_words.txt.xz"
            if words_file.exists():
                with lzma.open(words_file, "rt", encoding="utf-8") as file:
                    texts[f"{name} words"] = file.read()
        default = 0 if split == "validation" else STOCK
        self._take(texts, alphabet, default if stock is None else stock)

    @classmethod
    def builtin(cls, *, alphabet: str = "", stock: int = 0) -> Corpus:
        """A small corpus out of Python's own library, so that tests need no files."""
        import argparse
        import codecs
        import inspect
        import json
        import json.decoder
        import statistics
        import textwrap

        modules = (argparse, codecs, json, json.decoder, statistics, textwrap)
        # Importing `this` prints its poem, so it is read from its source.
        import importlib.util

        poem_file = importlib.util.find_spec("this").origin
        scope: dict[str, object] = {}
        source = pathlib.Path(poem_file).read_text(encoding="utf-8").rsplit("print", 1)[0]
        exec(source, scope)
        poem = "".join(scope["d"].get(c, c) for c in scope["s"])
        documents = [inspect.getdoc(member) or "" for module in modules for _, member in inspect.getmembers(module)]
        corpus = cls.__new__(cls)
        corpus._take(
            {
                "prose": (poem.replace("--", "\u2014").replace("'", "\u2019") + "\n") * 8 + textwrap.__doc__ + "\n",
                "code": "\n".join(inspect.getsource(module) for module in modules),
                "docs": "\n\n".join(documents),
                "chinese": BUILTIN_CHINESE,
                **languages.BUILTIN,
            },
            alphabet,
            stock,
        )
        return corpus

    def _take(self, texts: dict[str, str], alphabet: str, stock: int) -> None:
        self.stock = stock
        self.stocks = threading.local()  # domain: (text, place of the next sample)
        found = re.findall(r"(?<![A-Za-z])[a-z]{3,12}(?![a-z])|[A-Z][a-z]{2,11}(?![a-z])", texts["code"][:6_000_000])
        counts = collections.Counter(map(str.lower, found))
        self.vocabulary = [word for word, count in counts.items() if count > 2]
        words = texts.pop("chinese words", "").split() or chinese.words_of(texts.get("chinese", ""))
        dictionaries = {name: texts.pop(f"{name} words", "").split() for name in languages.LANGUAGES}
        self.texts = {kind: Text(text) for kind, text in texts.items()}
        self.chinese = None
        if "chinese" in texts:
            self.chinese = chinese.Source.of(self.texts["chinese"], self.texts["code"], words, self.vocabulary, alphabet)
        self.languages = {
            name: languages.Source.of(name, self.texts.get(name), self.texts["code"],
                                      dictionary or languages.words_of(texts[name], languages.LANGUAGES[name]),
                                      self.vocabulary, alphabet)
            for name, dictionary in dictionaries.items() if name in texts or dictionary
        }
        self.mingled = mingled.Source(
            hosts=tuple(self.texts[kind] for kind in ("prose", "prose", "code", "docs")),
            hanzi_words=words,
            wide=chinese.wide_characters(alphabet),
            alphabet="".join(c for c in dict.fromkeys(alphabet) if c.isprintable()),
            foreign=tuple(source.words for source in self.languages.values()),
        )
        # Hanzi and Hangul would drown the other signs there; they have their own domains.
        signs = re.sub(f"[{chinese.HANZI}{languages.HANGUL}]", "", alphabet)
        self.words = synthetic.Words.of(texts["prose"][:2_000_000] + texts["code"][:1_000_000], signs)

    def sample(self, rng: np.random.Generator, domain: str, characters: int) -> str:
        """A text of at least `characters` characters that starts anywhere, also inside a
        word. Depends on the generator's state, the arguments, and where there is a stock on
        the samples that this thread drew before."""
        if domain in MADE and self.stock:
            return self._from_stock(rng, domain, characters)
        return self._fresh(rng, domain, characters)

    def _from_stock(self, rng: np.random.Generator, domain: str, characters: int) -> str:
        text, place = getattr(self.stocks, domain, ("", 0))
        if place + characters > len(text):
            text, place = self._fresh(rng, domain, max(characters, self.stock)), 0
        setattr(self.stocks, domain, (text, place + characters))
        return text[place : place + characters]

    def _fresh(self, rng: np.random.Generator, domain: str, characters: int) -> str:
        local = random.Random(int(rng.integers(1 << 62)))
        if domain == "prose":
            return self._prose(local, characters)
        if domain in ("code", "docs"):
            return self.texts[domain].slice(local, characters)
        if domain == "wrapped":
            return self._wrapped(local, characters)
        if domain == "agent":
            return histories.generate(local, self.texts, characters, self.vocabulary)
        if domain == "synthetic":
            return synthetic.generate(rng, self.words, characters)
        if domain == "chinese":
            if self.chinese is None:
                raise ValueError(f"no Chinese text: {self.chinese_file} is missing; gather --chinese writes it")
            return chinese.generate(rng, self.chinese, characters)
        if domain == "mingled":
            return mingled.generate(local, self.mingled, characters)
        if domain == "scripts":
            if not self.languages:
                raise ValueError("no text in other languages; gather --language writes it")
            return languages.generate(rng, self.languages, characters)
        if domain in languages.LANGUAGES and domain in self.texts:  # of one language alone, to measure on
            return self.texts[domain].slice(local, characters)
        raise ValueError(f"domain is {domain!r}; it must be one of {', '.join(DOMAINS)}")

    def _prose(self, rng: random.Random, characters: int) -> str:
        text = self.texts["prose"].slice(rng, characters)
        if rng.random() >= ASCII_SHARE:
            return text
        for typographic, plain in TO_ASCII.items():
            text = text.replace(typographic, plain)
        return text

    def _wrapped(self, rng: random.Random, characters: int) -> str:
        kind = "prose" if rng.random() < 0.75 else "code"
        text = self.texts[kind].slice(rng, characters + 64)
        return wrap(text, rng.randint(40, 120), rng)


PREFIXES = ("", "", "", "", "", "    ", "  ", "> ", "# ", "// ", " * ", "\t")


def wrap(text: str, width: int, rng: random.Random) -> str:
    """Breaks the lines anew at `width` columns: at blanks, or one time in five anywhere, as
    a terminal does. Every other text keeps its own newlines too."""
    if rng.random() < 0.5:
        text = text.replace("\n", " ")
    prefix = rng.choice(PREFIXES)
    if rng.random() < 0.2:
        return prefix + ("\n" + prefix).join(text[i : i + width] for i in range(0, len(text), width))
    lines, start, size = [], 0, len(text)
    while start < size:
        end = start + width
        newline = text.find("\n", start, end)
        if newline >= 0:
            end = newline
        elif end < size:
            blank = text.rfind(" ", start, end)
            end = blank if blank > start else end
        lines.append(text[start:end])
        start = end + 1 if end < size and text[end] in " \n" else end
    return prefix + ("\n" + prefix).join(lines)
