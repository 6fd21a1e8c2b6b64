"""Gives a trained codec more characters and tokens, and a refiner if it has none, so that training can go on with them.

    python -m fovea.training grow --from models/fovea-nano --atlas atlas --text corpus/ja.txt.xz corpus/ko.txt.xz \\
        --vocab 16640 --words 2500 --out grown

What the codec has learned of the old characters and tokens stays: rows of the embedding and of the
glyph reader's head are carried over by token and by character. The new tokens are the commonest
characters of the texts that take more than one token so far, and parts of their words; the old merges
keep their ranks, so old text is split as before. Where the atlas has groups, the reader's head gets gates.
"""

from __future__ import annotations

import argparse
import collections
import json
import lzma
import math
import shutil
from dataclasses import replace
from pathlib import Path

import torch

from ..network import checkpoint
from ..network.alphabet import FIRST, Alphabet
from ..network.geometry import GRIDS, SIDES
from ..network.model import CodecModel, initialise
from ..network.model_config import ModelConfig
from ..network.token_code import add_codes, sizes_of_codes
from ..text.merges import Merger


TEXT_CHARACTERS = 4_000_000  # of a text; more says little new
UNLIKELY = -6.0  # logarithm of how likely the gate of a new group is against its average


def grown_tokenizer(description: dict, texts: list[str], alphabet: str, size: int, words: int = 0) -> dict:
    """The tokenizer with the commonest characters of the texts that `alphabet` has, up to `size` tokens; `words`
    of these are left for parts of words. Each text weighs the same."""
    _let_marks_join(description)
    known = set(alphabet)
    counts: dict[str, float] = collections.defaultdict(float)
    for text in texts:
        for character, count in collections.Counter(text).items():
            if character in known and not character.isspace():
                counts[character] += count / len(text)
    merger = Merger(description, size - words)
    for character in sorted(counts, key=lambda c: (-counts[c], c)):
        if not merger.add(character):
            break
    merger.size = size
    if words:
        merger.add_words(texts)
    return merger.description


def _let_marks_join(description: dict) -> None:
    """A letter and the marks after it are one word, as in the pattern that tokenizers are made with now. Text
    without marks is split as before."""
    for step in (description.get("pre_tokenizer") or {}).get("pretokenizers", ()):
        if "Regex" in step.get("pattern", {}):
            step["pattern"]["Regex"] = step["pattern"]["Regex"].replace(r" ?\p{L}+|", r" ?\p{L}[\p{L}\p{M}]*|")


def grown_model(old: CodecModel, old_alphabet: Alphabet, alphabet: Alphabet, tokens: int, seed: int = 1) -> CodecModel:
    """`old` with room for `tokens` BPE tokens and the alphabet's characters."""
    a = old.config
    c: ModelConfig = replace(a, characters=alphabet.classes, groups=alphabet.groups,
                             vocab=tokens + a.position_tokens + 2,
                             refiner_hidden=a.refiner_hidden or ModelConfig.refiner_hidden,
                             refiner_layers=ModelConfig.refiner_layers)
    torch.manual_seed(seed)
    model = CodecModel(c)
    initialise(model)
    add_codes(model, sizes_of_codes(old))
    state, kept = model.state_dict(), old.state_dict()

    # Whatever has its old shape is taken as it is.
    for name, tensor in kept.items():
        if state[name].shape == tensor.shape:
            state[name] = tensor
    embedding = state["embed_tokens.weight"]
    embedding[: a.first_position] = kept["embed_tokens.weight"][: a.first_position]
    embedding[c.first_position :] = kept["embed_tokens.weight"][a.first_position :]

    old_class = {ch: FIRST + i for i, ch in enumerate(old_alphabet.narrow + old_alphabet.wide)}
    new = alphabet.narrow + alphabet.wide
    rows = [(FIRST + i, old_class[ch]) for i, ch in enumerate(new) if ch in old_class]
    to = torch.tensor([*range(FIRST), *(r for r, _ in rows)])
    source = torch.tensor([*range(FIRST), *(r for _, r in rows)])
    for part in ("weight", "bias"):
        name = f"glyph_reader.head.2.{part}"
        # New classes start as an average wide one, lest they drown the old ones.
        usual = kept[name][FIRST + len(old_alphabet.narrow) : a.characters].mean(0)
        state[name] = usual + (state[name] if part == "weight" else torch.zeros(len(state[name])))
        state[name][to] = kept[name][source]
        for k, (begin, end) in enumerate(zip(c.groups, (*c.groups[1:], c.characters))):
            # A gate starts as the average of what lies behind it, as likely as all of that together; one with
            # nothing but new characters behind it as unlikely, so that old pages are read as before.
            gate = state[name][begin:end].mean(0)
            known = any(begin <= row < end for row, _ in rows)
            state[name][c.characters + k] = gate + (part == "bias") * (math.log(end - begin) if known else UNLIKELY)
    if model.pooled_encoder:
        name = "pooled_encoder.characters.weight"
        state[name][to] = kept[name][source]
    model.load_state_dict(state)
    return model


def main(argv=None) -> None:
    p = argparse.ArgumentParser(prog="python -m fovea.training grow", description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--from", dest="source", type=Path, required=True, help="checkpoint folder to start from")
    p.add_argument("--atlas", type=Path, help="folder with atlas.png and atlas.json (made by fovea_atlas); "
                                              "without it the characters stay the same")
    p.add_argument("--text", type=Path, nargs="+", default=[],
                   help="texts whose characters become tokens, .txt.xz, all with the same weight; needs --vocab")
    p.add_argument("--vocab", type=int, help="tokens in all, with the position tokens and two special ones")
    p.add_argument("--words", type=int, default=0, help="how many of the new tokens are for parts of words")
    p.add_argument("--out", type=Path, required=True, help="folder for the grown checkpoint")
    args = p.parse_args(argv)

    if bool(args.text) != (args.vocab is not None):
        p.error("--text and --vocab go together: the text's commonest characters fill the room for tokens")
    args.atlas = args.atlas or args.source
    alphabet = Alphabet.load(args.atlas)
    old = checkpoint.load(args.source)
    args.vocab = args.vocab or old.config.vocab
    tokens = args.vocab - old.config.position_tokens - 2
    texts = []
    for name in args.text:
        with lzma.open(name, "rt", encoding="utf-8") as file:
            texts.append(file.read(TEXT_CHARACTERS))
    description = json.loads((args.source / "tokenizer.json").read_text())
    before = len(description["model"]["vocab"])
    description = grown_tokenizer(description, texts, alphabet.narrow + alphabet.wide, tokens, args.words)
    args.out.mkdir(parents=True, exist_ok=True)
    tokenizer = args.out / "tokenizer.json"
    tokenizer.write_text(json.dumps(description, ensure_ascii=False, separators=(",", ":")) + "\n")

    model = grown_model(old, Alphabet.load(args.source), alphabet, tokens)
    levels, densities = list(SIDES), [columns for columns in GRIDS if columns > 32]
    checkpoint.save(args.out, model, tokenizer, args.atlas, torch.zeros(args.vocab), levels=levels, densities=densities)
    if (args.source / "card.md").exists():
        shutil.copyfile(args.source / "card.md", args.out / "card.md")
    size = sum(f.stat().st_size for f in args.out.iterdir())
    print(f"{len(description['model']['vocab']) - before} tokens and {alphabet.classes - old.config.characters} "
          f"characters more; {sum(p.numel() for p in model.parameters()) / 1e6:.1f} M parameters, {size / 1e6:.1f} MB")
