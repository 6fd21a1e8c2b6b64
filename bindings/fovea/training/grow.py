"""Gives a trained codec more characters and tokens, and a refiner if it has none, so that training can go on with them.

    python -m fovea.training.grow --from models/fovea-nano --atlas atlas --text chinese.txt.xz --vocab 8448 --out grown

What the codec has learned of the old characters and tokens stays: rows of the embedding and of the
glyph reader's head are carried over by token and by character. The new tokens are the commonest
characters of the text that take more than one token so far; the old merges keep their ranks, so
old text is split as before.
"""

from __future__ import annotations

import argparse
import collections
import json
import lzma
import shutil
from dataclasses import replace
from pathlib import Path

import torch

from . import checkpoint
from .alphabet import FIRST, Alphabet
from .geometry import GRIDS, SIDES
from .model import CodecModel, initialise
from .model_config import ModelConfig
from .token_code import add_codes, sizes_of_codes


class Merger:
    """A tokenizer.json to which single characters are added as tokens."""

    def __init__(self, description: dict, size: int):
        from tokenizers import Tokenizer

        self.description, self.size = description, size
        self.vocabulary, self.merges = description["model"]["vocab"], description["model"]["merges"]
        self.before = Tokenizer.from_str(json.dumps(description))

    def add(self, character: str) -> bool:
        """Adds the merges that make one token of the character; False when there is no room."""
        pieces = self.before.encode(character, add_special_tokens=False).tokens
        new = []
        joined = pieces[0]
        for piece in pieces[1:]:
            if joined + piece not in self.vocabulary:
                new.append((joined, piece))
            joined += piece
        if len(self.vocabulary) + len(new) > self.size:
            return False
        for left, right in new:
            self.vocabulary[left + right] = len(self.vocabulary)
            self.merges.append([left, right])
        return True


def grown_tokenizer(description: dict, text: str, alphabet: str, size: int) -> dict:
    """The tokenizer with the commonest characters of `text` that `alphabet` has, up to `size` tokens."""
    merger = Merger(description, size)
    known = set(alphabet)
    for character, _ in collections.Counter(text).most_common():
        if character in known and not character.isspace() and not merger.add(character):
            break
    return merger.description


def grown_model(old: CodecModel, old_alphabet: Alphabet, alphabet: Alphabet, tokens: int, seed: int = 1) -> CodecModel:
    """`old` with room for `tokens` BPE tokens and the alphabet's characters."""
    a = old.config
    c: ModelConfig = replace(a, characters=alphabet.classes, vocab=tokens + a.position_tokens + 2,
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
    last = f"glyph_reader.head.{len(model.glyph_reader.head) - 1}"
    for part in ("weight", "bias"):
        # New classes start as an average wide one, lest they drown the old ones.
        usual = kept[f"{last}.{part}"][FIRST + len(old_alphabet.narrow) :].mean(0)
        state[f"{last}.{part}"] = usual + (state[f"{last}.{part}"] if part == "weight" else torch.zeros(c.characters))
        state[f"{last}.{part}"][to] = kept[f"{last}.{part}"][source]
    model.load_state_dict(state)
    return model


def main(argv=None) -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--from", dest="source", type=Path, required=True, help="checkpoint folder to start from")
    p.add_argument("--atlas", type=Path, help="folder with atlas.png and atlas.json (made by fovea_atlas); "
                                              "without it the characters stay")
    p.add_argument("--text", type=Path, help="text whose characters become tokens, .txt.xz; needs --vocab")
    p.add_argument("--vocab", type=int, help="tokens in all, with the position tokens and two special ones")
    p.add_argument("--out", type=Path, required=True, help="folder for the grown checkpoint")
    args = p.parse_args(argv)

    if (args.text is None) != (args.vocab is None):
        p.error("--text and --vocab go together: the text's commonest characters fill the room for tokens")
    args.atlas = args.atlas or args.source
    alphabet = Alphabet.load(args.atlas)
    old = checkpoint.load(args.source)
    args.vocab = args.vocab or old.config.vocab
    tokens = args.vocab - old.config.position_tokens - 2
    text = ""
    if args.text:
        with lzma.open(args.text, "rt", encoding="utf-8") as file:
            text = file.read()
    description = json.loads((args.source / "tokenizer.json").read_text())
    before = len(description["model"]["vocab"])
    description = grown_tokenizer(description, text, alphabet.narrow + alphabet.wide, tokens)
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


if __name__ == "__main__":
    main()
