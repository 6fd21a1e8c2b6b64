"""Writes held-out text files to measure a checkpoint on: `python -m fovea.training held-out --corpus DIR --out DIR`.

One file a kind of text, the same in every run: prose, code and documentation that training never saw, agents' text made
up around them, random strings (the control: no language helps to read them), English that other characters stand in,
Chinese and other languages where the corpus has them.
"""

from __future__ import annotations

import argparse
import random
import re
from pathlib import Path

import numpy as np

from ..text import chinese, languages
from ..text.corpus import Corpus, Text

KINDS = ("prose", "code", "docs", "agent", "synthetic", "mingled")


def readable_lines(text: str) -> str:
    """Without lines whose hanzi the atlas does not have, as those in traditional script."""
    known = set(chinese.gb2312())
    hanzi = re.compile(f"[{chinese.HANZI}]")
    return "\n".join(line for line in text.split("\n") if known.issuperset(hanzi.findall(line)))


def main(argv=None) -> None:
    p = argparse.ArgumentParser(prog="python -m fovea.training held-out", description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--corpus", required=True, help="folder made by `gather`")
    p.add_argument("--out", required=True)
    p.add_argument("--characters", type=int, default=70_000, help="characters of each kind")
    args = p.parse_args(argv)
    corpus = Corpus(args.corpus, split="validation")
    Path(args.out).mkdir(parents=True, exist_ok=True)
    for kind in KINDS:
        rng = np.random.default_rng(17)
        parts = [corpus.sample(rng, kind, 6000) for _ in range(args.characters // 6000 + 1)]
        (Path(args.out) / f"{kind}.txt").write_text("".join(parts)[: args.characters])
    if "chinese" in corpus.texts:  # plain text; the domain of training is a mix with random hanzi
        text = Text(readable_lines("".join(corpus.texts["chinese"].pieces)))
        (Path(args.out) / "chinese.txt").write_text(text.slice(random.Random(17), args.characters // 2))
    for name in languages.LANGUAGES:
        if name in corpus.texts:
            text = corpus.texts[name].slice(random.Random(17), args.characters // 2)
            (Path(args.out) / f"{name}.txt").write_text(text)
