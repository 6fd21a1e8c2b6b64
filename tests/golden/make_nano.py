"""Makes tests/golden/nano: what the training package computes with the shipped checkpoint.

    python tests/golden/make_nano.py [CHECKPOINT]

Three pages, read by bindings/fovea/training (PyTorch, float32). For each, cases.json has the level,
density, the rate of the token code, cells of each row, the rows' text and what was read; vectors.safetensors has, for the page
"<level>":

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
sys.path.insert(0, str(ROOT / "bindings"))

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


def one_page(model, tokenizer, alphabet: Alphabet, level: str, columns: int, row: int, rate: int):
    grid = GRIDS[columns]
    glyphs, rows = layout.lay_out(*layout.kept(TEXT, alphabet), alphabet, columns, grid.rows)
    rows += [""] * (grid.rows - len(rows))
    lengths = [sum(map(alphabet.width_of, r)) for r in rows]
    drawn = PageDrawer(alphabet, "cpu").draw(torch.from_numpy(glyphs.astype("int64"))[None], columns, SIDES[level])
    Image.fromarray(((drawn[0, 0] + 1) * 127.5).round().to(torch.uint8).numpy()).save(HERE / "nano" / f"{level}.png")

    tokens = quantised(model.encode(drawn, rate)[0])  # to 8 bits, as they are written here
    scales = tokens[0].abs().amax(-1, keepdim=True) / 127
    cells = torch.arange(0, sum(bool(n) for n in lengths) * columns, 97)
    features = model.glyph_reader.features(tokens, columns)
    picked = features.flatten(1, 2)[0, cells]

    token_bytes = bpe.token_bytes(tokenizer)
    reader = reading.RowReader(model, token_bytes, alphabet.width_of)
    ids = tokenizer.encode(rows[row], add_special_tokens=False).ids
    inputs = torch.tensor([int(model.position_token(torch.tensor([row]), columns))] + ids)
    before = torch.tensor([reader.cells(ids[:i]) for i in range(len(ids) + 1)])
    only = torch.tensor([row])
    text = reading.RowTokens(inputs, inputs, torch.zeros_like(inputs), torch.arange(len(inputs)), before, only, len(inputs))
    states, _ = reading.row_states(model, tokens, model.row_inputs(features[:, only], only, columns), text)
    logits = states[-len(inputs) :] @ model.embed_tokens.weight.T
    top = logits.topk(8)

    vectors = {
        "values": (tokens[0] / scales).round().to(torch.int8),
        "scales": scales,
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
    read = reader.read(tokens, columns, [lengths])[0]
    case = {
        "level": level,
        "columns": columns,
        "row": row,
        "rate": rate,
        "row_lengths": lengths,
        "text": rows,
        "read": [b.decode("utf-8", "replace") for b in read],
    }
    return {f"{level}.{name}": t.contiguous() for name, t in vectors.items()}, case


@torch.no_grad()
def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "models" / "fovea-nano"
    model = checkpoint.load(folder).eval()
    alphabet = Alphabet.load(folder)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    (HERE / "nano").mkdir(exist_ok=True)
    vectors, cases = {}, []
    for level, columns, row, rate in PAGES:
        more, case = one_page(model, tokenizer, alphabet, level, columns, row, rate)
        vectors |= more
        cases.append(case)
    save_file(vectors, HERE / "nano" / "vectors.safetensors")
    (HERE / "nano" / "cases.json").write_text(json.dumps(cases, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
