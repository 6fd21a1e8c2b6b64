"""Makes tests/golden/nano: what the training package computes with the shipped checkpoint.

    python tests/golden/make_nano.py [CHECKPOINT]

tests/python/test_training_golden.py holds Python to them, tests/model/nano_golden_test.cpp the library.

Three pages, read by bindings/fovea/training (PyTorch, float32). For each, cases.json has the level,
density, the rate of the token code, cells of each row, the rows' text and what was read;
vectors.safetensors has, for the page "<level>":

    <level>.values, .scales   vision tokens as they come back from the store, int8 [n, d] and float32 [n, 1]
    <level>.cells             [c] some cells, row * columns + column
    <level>.features          [c, e] the glyph reader's features of them, from the stored tokens
    <level>.glyphs            [c, classes] and its logits
    <level>.prefix            [P, 8] first values of the decoder's input before the rows
    <level>.row_ids           [t] position token and text tokens of one row
    <level>.row_cells         [t] cells read before each token's successor
    <level>.row_top           [t, 8] the likeliest next tokens, by falling logit
    <level>.row_top_logits    [t, 8] their logits
    <level>.row_sum           [t] logarithm of the sum of exp(logits)
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
FOLDER = HERE / "nano"
sys.path.insert(0, str(ROOT / "bindings"))

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file
from tokenizers import Tokenizer

from fovea.training.network import checkpoint, layout, reading
from fovea.training.network.alphabet import Alphabet, PageDrawer
from fovea.training.network.geometry import GRIDS, SIDES
from fovea.training.network.model import quantised
from fovea.training.text import tokenizer as bpe

TEXT = """The oldest pages of a memory fade first; what they said in large letters stays for a while.
{"type":"tool_result","tool_use_id":"toolu_01A7","content":[{"type":"text","text":"exit code 0\\n"}], "is_error": false}
def plan(policy, pages, now):\n\treturn [step for page in pages if (step := policy.step(page, now))]
naïve café — “quoted”, 42 %, 3f2a9c41-77de-4c0b-9e1f-0a1b2c3d4e5f, 日本語 and 你好.
$ git log --oneline | head -3   # 1dffaeb The facade, e334a93 Model, db71a0c Tokenizer
"""
# Level, columns, which row is looked at closely, the rate that the library chooses for the page.
PAGES = [("tiny", 106, 2, 4), ("small", 80, 1, 4), ("faint", 106, 1, 4)]


class Nano:
    """The shipped checkpoint, and what training's own code makes of one page with it."""

    def __init__(self, folder: Path):
        self.model = checkpoint.load(folder).eval()
        self.alphabet = Alphabet.load(folder)
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.reader = reading.RowReader(self.model, bpe.token_bytes(self.tokenizer), self.alphabet.width_of)

    def drawn(self, level: str, columns: int):
        """-> pixels [1, 1, side, side], the text of each row of the grid."""
        grid = GRIDS[columns]
        glyphs, rows = layout.lay_out(*layout.kept(TEXT, self.alphabet), self.alphabet, columns, grid.rows)
        drawer = PageDrawer(self.alphabet, "cpu")
        pixels = drawer.draw(torch.from_numpy(glyphs.astype("int64"))[None], columns, SIDES[level])
        return pixels, rows + [""] * (grid.rows - len(rows))

    def stored(self, pixels, rate: int):
        """-> vision tokens [1, n, d] in the 8 bits that they are written in here."""
        return quantised(self.model.encode(pixels, rate)[0])

    def lengths(self, rows: list[str]) -> list[int]:
        return [sum(map(self.alphabet.width_of, row)) for row in rows]

    def vectors(self, tokens, rows: list[str], columns: int, row: int) -> dict[str, torch.Tensor]:
        """What the readers and the decoder make of stored tokens."""
        model = self.model
        cells = torch.arange(0, sum(map(bool, self.lengths(rows))) * columns, 97)
        features = model.glyph_reader.features(tokens, columns)
        picked = features.flatten(1, 2)[0, cells]

        ids = self.tokenizer.encode(rows[row], add_special_tokens=False).ids
        only = torch.tensor([row])
        inputs = torch.tensor([int(model.position_token(only, columns))] + ids)
        before = torch.tensor([self.reader.cells(ids[:i]) for i in range(len(ids) + 1)])
        steps = torch.arange(len(inputs))
        text = reading.RowTokens(inputs, inputs, torch.zeros_like(inputs), steps, before, only, len(inputs))
        states, _ = reading.row_states(model, tokens, model.row_inputs(features[:, only], only, columns), text)
        logits = states[-len(inputs) :] @ model.embed_tokens.weight.T
        top = logits.topk(8)
        return {
            "cells": cells,
            "features": picked,
            "glyphs": model.glyph_reader.head(picked),
            "prefix": model.prefix(tokens)[0, :, :8],
            "row_ids": inputs,
            "row_cells": before,
            "row_top": top.indices,
            "row_top_logits": top.values,
            "row_sum": logits.logsumexp(-1),
        }

    def read(self, tokens, rows: list[str], columns: int) -> list[str]:
        read = self.reader.read(tokens, columns, [self.lengths(rows)])[0]
        return [row.decode("utf-8", "replace") for row in read]


@torch.no_grad()
def main() -> None:
    nano = Nano(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "models" / "fovea-nano")
    FOLDER.mkdir(exist_ok=True)
    vectors, cases = {}, []
    for level, columns, row, rate in PAGES:
        pixels, rows = nano.drawn(level, columns)
        Image.fromarray(grey(pixels)).save(FOLDER / f"{level}.png")
        tokens = nano.stored(pixels, rate)
        scales = tokens[0].abs().amax(-1, keepdim=True) / 127
        page = {"values": (tokens[0] / scales).round().to(torch.int8), "scales": scales}
        page |= nano.vectors(tokens, rows, columns, row)
        vectors |= {f"{level}.{name}": t.contiguous() for name, t in page.items()}
        cases.append({
            "level": level,
            "columns": columns,
            "row": row,
            "rate": rate,
            "row_lengths": nano.lengths(rows),
            "text": rows,
            "read": nano.read(tokens, rows, columns),
        })
    save_file(vectors, FOLDER / "vectors.safetensors")
    (FOLDER / "cases.json").write_text(json.dumps(cases, indent=1, ensure_ascii=False) + "\n")


def grey(pixels) -> np.ndarray:
    """[side, side] u8 of pixels [1, 1, side, side] in -1..1."""
    return ((pixels[0, 0] + 1) * 127.5).round().to(torch.uint8).numpy()


if __name__ == "__main__":
    main()
