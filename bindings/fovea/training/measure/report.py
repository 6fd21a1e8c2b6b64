"""Reads held-out pages with a checkpoint: accuracy by level, density and kind of text.

    python -m fovea.training evaluate --checkpoint run --corpus corpus --densities 106 --out accuracy.json
    python -m fovea.training evaluate --checkpoint models/fovea-nano --texts held_out --levels small,tiny

Accuracy is 1 - edit distance / length. Random strings are always read too: no language helps with them,
so what a reader only guesses shows there.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from ..network import checkpoint
from ..network.alphabet import Alphabet
from ..network.geometry import GRIDS, SIDES
from ..network.token_code import RATES
from ..text import languages
from ..text.corpus import Corpus
from . import held_out
from .evaluate import Evaluator

KINDS = (*held_out.KINDS, "chinese")
CONTROL = "random"
SIGNS = ("0123456789abcdef", "0123456789", "abcdefghijklmnopqrstuvwxyz",
         "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")


def random_strings(rng: np.random.Generator, characters: int) -> str:
    """Hexadecimal, decimal, lower-case and base64 strings of 2 to 40 signs, a blank after each."""
    pieces, length = [], 0
    while length < characters:
        signs = SIGNS[rng.integers(len(SIGNS))]
        pieces.append("".join(signs[i] for i in rng.integers(0, len(signs), rng.integers(2, 41))))
        length += len(pieces[-1]) + 1
    return " ".join(pieces) + " "


class Files:
    """Held-out text from a folder of .txt files, a kind each (as `held-out` writes them)."""

    def __init__(self, folder):
        self.texts = {f.stem: f.read_text() for f in sorted(Path(folder).glob("*.txt"))}
        if not self.texts:
            raise ValueError(f"{folder}: no .txt file in it")

    def sample(self, rng: np.random.Generator, kind: str, characters: int) -> str:
        text = self.texts[kind]
        start = int(rng.integers(max(1, len(text) - characters)))
        return text[start : start + characters]


def kinds_of(source) -> list[str]:
    """Kinds of text that a Corpus or `Files` has."""
    if isinstance(source, Files):
        return list(source.texts)
    known = [kind for kind in KINDS if kind != "chinese" or source.chinese]
    return known + [name for name in languages.LANGUAGES if name in source.texts]


def measure_all(model, tokenizer, alphabet: Alphabet, device, source, *, levels, densities, pages: int, kinds=None,
                seed: int = 5, rate: int = 0):
    """Yields {level, density, kinds: {kind: what `Evaluator.measure` gives}} for each pair."""
    evaluator = Evaluator(model, tokenizer, alphabet, device)
    kinds = [k for k in (kinds or kinds_of(source)) if k != CONTROL]
    for columns in densities:
        need = columns * GRIDS[columns].rows + 200
        for level in levels:
            row = {}
            for kind in (*kinds, CONTROL):
                rng = np.random.default_rng(seed)
                texts = [random_strings(rng, need) if kind == CONTROL else source.sample(rng, kind, need)
                         for _ in range(pages)]
                row[kind] = evaluator.measure(texts, columns, level, rate)
            yield {"level": level, "density": columns, "vision_tokens": (SIDES[level] // 64) ** 2, "kinds": row}


def table(rows: list[dict]) -> str:
    """For people; the control stands last, apart."""
    kinds = [k for k in rows[0]["kinds"] if k != CONTROL]
    out = ["accuracy in %; in brackets: cells that the glyph reader reads alone; below: bytes of a page's vision tokens",
           f"{'level':6} {'density':>7} " + " ".join(f"{k:>16}" for k in kinds) + f" | {'random (control)':>16}"]
    for row in rows:
        cells = {k: f"{100 * v['accuracy']:.2f} ({100 * v['glyph_cells']:.1f})" for k, v in row["kinds"].items()}
        read = " ".join(f"{cells[k]:>16}" for k in kinds)
        out.append(f"{row['level']:6} {row['density']:7} {read} | {cells[CONTROL]:>16}")
        sizes = {k: f"{v['bytes']:,} B" for k, v in row["kinds"].items()}
        out.append(f"{'':14} " + " ".join(f"{sizes[k]:>16}" for k in kinds) + f" | {sizes[CONTROL]:>16}")
    return "\n".join(out)


def some_of(known: list, or_none: bool = False):
    """A type for argparse: a list with commas, of known names or numbers alone; `or_none`: "" is one, too."""
    def parse(text: str) -> list:
        names = [type(known[0])(x) if x.isdigit() else x for x in text.split(",") if x]
        for name in names:
            if name not in known:
                raise argparse.ArgumentTypeError(f"{name} is not one of {', '.join(map(str, known))}")
        if not names and not or_none:
            raise argparse.ArgumentTypeError(f"none is named; there are {', '.join(map(str, known))}")
        return names

    return parse


def main(argv=None) -> None:
    from tokenizers import Tokenizer

    p = argparse.ArgumentParser(prog="python -m fovea.training evaluate", description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--checkpoint", type=Path, required=True, help="checkpoint folder, or the folder of a run")
    text = p.add_mutually_exclusive_group(required=True)
    text.add_argument("--corpus", help="folder made by `gather`: its held-out part")
    text.add_argument("--texts", help="folder of .txt files, a kind of text each (`held-out` writes one)")
    p.add_argument("--levels", type=some_of(list(SIDES)), help="default: those the checkpoint was trained on")
    p.add_argument("--densities", type=some_of(list(GRIDS)), default=[106], help="columns, default 106")
    p.add_argument("--kinds", type=lambda s: s.split(","), help="default: all; the control is always included")
    p.add_argument("--pages", type=int, default=4, help="pages of each kind")
    p.add_argument("--seed", type=int, default=5)
    p.add_argument("--rate", type=int, choices=range(len(RATES)), default=0,
                   help="rate of the token code, from 0, the fewest bytes; default 0")
    p.add_argument("--out", type=Path, help="JSON file to write")
    p.add_argument("--cpu", action="store_true")
    args = p.parse_args(argv)

    folder = args.checkpoint
    if not (folder / "config.json").exists() and (folder / "checkpoint").is_dir():
        folder = folder / "checkpoint"
    device = "cuda" if torch.cuda.is_available() and not args.cpu else "cpu"
    try:
        model = checkpoint.load(folder, device).eval()
        alphabet = Alphabet.load(folder)
        source = Files(args.texts) if args.texts else \
            Corpus(args.corpus, split="validation", alphabet=alphabet.narrow[2:] + alphabet.wide)
    except (OSError, ValueError) as error:
        p.error(str(error))
    for kind in args.kinds or ():
        if kind not in (*kinds_of(source), CONTROL):
            p.error(f"there is no text of kind {kind}; there is {', '.join(kinds_of(source))}")
    levels = args.levels or json.loads((folder / "config.json").read_text())["fovea"]["levels"]
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    rows = list(measure_all(model, tokenizer, alphabet, device, source, levels=levels, densities=args.densities,
                            pages=args.pages, kinds=args.kinds, seed=args.seed, rate=args.rate))
    print(table(rows))
    if args.out:
        result = {"checkpoint": str(args.checkpoint), "encoder": model.config.encoder, "pages": args.pages,
                  "seed": args.seed, "rate": args.rate, "rows": rows}
        args.out.write_text(json.dumps(result, indent=1) + "\n")
