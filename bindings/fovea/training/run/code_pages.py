"""Gives a checkpoint a token code, or counts its tables anew.

    python -m fovea.training code --from models/fovea-nano --corpus corpus --out coded
    python -m fovea.training code --from run/checkpoint --corpus corpus --out my-codec --agreement tiny=0.97,small=0.98

A level that has no code yet gets principal components, rounded at its first rate to `--step` times a token's root
mean square: nothing is trained. One that has a code keeps it, its step `--times` as large. The entropy coder's tables
are counted anew, on pages of training text.
"""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path

import numpy as np
import torch

from ..network import checkpoint
from ..network.alphabet import Alphabet
from ..network.geometry import GRIDS, SIDES
from ..network.model import LEVEL_OF, CodecModel
from ..network.token_code import MOST_RANGE, RATES, LevelCode
from ..text.corpus import Corpus
from . import config
from .pages import BatchMaker

ENOUGH = 16_000  # tokens of a level
SCRIPTS = 0.3  # of other languages, against 1 of all else, where the corpus has them
STEPS = {"large": 2.0, "base": 1.8, "small": 1.2, "tiny": 1.0, "faint": 0.6, "trace": 0.5}  # where prose begins to suffer


def page_batches(maker: BatchMaker, mix: dict, columns: int, pages: int, seed: int = 1) -> list[np.ndarray]:
    """Glyphs [8, rows, columns] of training pages, part-filled ones among them."""
    out, names, shares = [], list(mix), np.array(list(mix.values()))
    for n in range((pages + 7) // 8):
        rng = np.random.default_rng([seed, n])
        domains = rng.choice(len(names), 8, p=shares / shares.sum())
        out.append(np.stack([maker.page(rng, names[d], columns, GRIDS[columns].rows, 0.12)[0] for d in domains]))
    return out


@torch.no_grad()
def raw_tokens(model: CodecModel, drawer, glyphs: list[np.ndarray], columns: int, level: str):
    """Tokens [n, d] of pages, before any code. `drawer`: the model's."""
    device, out = model.embed_tokens.weight.device, []
    for some in glyphs:
        with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
            page = drawer.draw(torch.from_numpy(some.astype(np.int64)).to(device), columns, SIDES[level])
            out.append(model.raw_tokens(page)[0].float().flatten(0, 1))
    return torch.cat(out)


def count_tables(model: CodecModel, drawer, glyphs: list[np.ndarray], columns: int, level: str) -> None:
    count(model.token_code[level], raw_tokens(model, drawer, glyphs, columns, level))


def count(code: LevelCode, tokens) -> None:
    """Tables and gains of every rate, from tokens [n, d]."""
    for rate in range(len(RATES)):
        _, q = code(tokens, rate)
        code.fit_gain(tokens, q, rate)
        code.count(q, rate)


def by_level(text: str) -> dict[str, float]:
    """Of "tiny=1,small=1.2"."""
    values = {}
    for part in text.split(","):
        level, sign, value = part.partition("=")
        if level not in SIDES or not sign:
            raise argparse.ArgumentTypeError(f"{part} is not LEVEL=NUMBER of a level ({', '.join(SIDES)})")
        values[level] = float(value)
        if values[level] < 0:
            raise argparse.ArgumentTypeError(f"{part}: the number is 0 or more")
    return values


def main(argv=None) -> None:
    from tokenizers import Tokenizer

    p = argparse.ArgumentParser(prog="python -m fovea.training code", description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--from", dest="source", type=Path, required=True, help="checkpoint folder")
    p.add_argument("--corpus", required=True, help="folder made by `gather`: its training part")
    p.add_argument("--out", type=Path, required=True, help="checkpoint folder to write")
    p.add_argument("--step", type=by_level, default={}, metavar="LEVEL=NUMBER,...",
                   help="step of untrained codes at their first rate; default "
                   + ",".join(f"{k}={v}" for k, v in STEPS.items()))
    p.add_argument("--agreement", type=by_level, default={}, metavar="LEVEL=SHARE,...",
                   help="share of the glyph reader's cells that a page needs at every rate but the last; "
                   "default: as before, or 0")
    p.add_argument("--times", type=float, default=1.0, help="make the step of an existing code this many times coarser")
    p.add_argument("--density", type=int, default=106, help="columns of the pages that are counted, default 106")
    p.add_argument("--max-characters", type=int, help="read no more of each kind of text, for a quick start")
    p.add_argument("--tokens", type=int, default=ENOUGH, help=f"at least this many of each level; default {ENOUGH}")
    p.add_argument("--cpu", action="store_true")
    args = p.parse_args(argv)
    steps = STEPS | args.step
    if min(*steps.values(), args.times) <= 0:
        p.error("--step and --times must be above 0")
    if max(args.agreement.values(), default=0) > 1:
        p.error("--agreement is a share, 1 at most")

    device = "cuda" if torch.cuda.is_available() and not args.cpu else "cpu"
    model = checkpoint.load(args.source, device).eval()
    alphabet = Alphabet.load(args.source)
    corpus = Corpus(args.corpus, alphabet=alphabet.narrow[2:] + alphabet.wide, max_characters=args.max_characters)
    c = model.config
    maker = BatchMaker(corpus, Tokenizer.from_file(str(args.source / "tokenizer.json")), alphabet, c.first_position, c.eos)
    mix = {**config.load(config.CODED)["mix"], "scripts": SCRIPTS}
    for kind, text in (("chinese", corpus.chinese), ("scripts", corpus.languages)):
        if not text:
            del mix[kind]
    drawer = model.drawer(alphabet, device)
    description = json.loads((args.source / "config.json").read_text())["fovea"]
    fewest = {level: tokens for tokens, level in LEVEL_OF.items()}
    pages = page_batches(maker, mix, args.density, args.tokens // min(fewest[level] for level in description["levels"]))
    for level in description["levels"]:
        some = pages[: max(1, -(-args.tokens // fewest[level] // 8))]
        tokens = raw_tokens(model, drawer, some, args.density, level)
        if level in model.token_code:
            model.token_code[level].log_step += math.log(args.times)
        else:
            model.token_code[level] = LevelCode(c.width, c.width, MOST_RANGE).to(device)
            model.token_code[level].begin(tokens, steps[level])
        code = model.token_code[level]
        if level in args.agreement:
            code.agreement = [args.agreement[level]] * (len(RATES) - 1) + [0.0]
        count(code, tokens)
        for rate in range(len(RATES)):
            bits = float(code.coded_bits(code(tokens, rate)[1], rate).mean())
            print(f"{level}, rate {rate}: {code.dimensions} dimensions, {bits:.0f} bits a token, "
                  f"{bits * fewest[level] / 8:.0f} bytes a page", flush=True)
    checkpoint.save_with_codes(args.out, args.source, model.token_code)
