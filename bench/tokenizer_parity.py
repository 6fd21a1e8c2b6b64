#!/usr/bin/env python3
"""Compares Fovea's tokenizer with the `tokenizers` package on random Unicode strings.

    python bench/tokenizer_parity.py --program build/fovea_token_ids --tokenizer tokenizer.json [--strings 100000]
"""

from __future__ import annotations

import argparse
import pathlib
import random
import struct
import subprocess
import sys

from tokenizers import Tokenizer

RANGES = [(0x20, 0x7E), (0x09, 0x0D), (0xA0, 0x24F), (0x300, 0x36F), (0x370, 0x52F), (0x590, 0x6FF), (0x900, 0xDFF),
          (0x2000, 0x206F), (0x2070, 0x2BFF), (0x3000, 0x30FF), (0x4E00, 0x9FFF), (0x9FA5, 0x9FFF), (0xAC00, 0xD7A3),
          (0xE000, 0xF8FF), (0xF900, 0xFFFD), (0x10000, 0x1FFFF), (0x20000, 0x2FFFF), (0x30000, 0x10FFFF)]
USUAL = ["'s", " the", "ing", "123", "\r\n", "\n\n", "  ", "<td>", "</td>", "<|ref|>", "<image>", "e\u0301", "中文", "日本"]


def random_text(rng: random.Random) -> str:
    """A few runs, each of one script, so that the expressions' borders are met in all ways."""
    text = ""
    for _ in range(rng.randrange(1, 8)):
        if rng.random() < 0.3:
            text += rng.choice(USUAL)
            continue
        first, last = rng.choice(RANGES) if rng.random() < 0.7 else RANGES[0]
        text += "".join(chr(rng.randint(first, last)) for _ in range(rng.randrange(1, 7)))
    return text


def fovea_ids(program: pathlib.Path, tokenizer: pathlib.Path, texts: list[str]) -> list[list[int]]:
    data = b"".join(struct.pack("<I", len(raw)) + raw for raw in (text.encode() for text in texts))
    done = subprocess.run([program, tokenizer], input=data, capture_output=True, check=True)
    return [[int(word) for word in line.split()] for line in done.stdout.decode().split("\n")[:-1]]


def differences(program: pathlib.Path, path: pathlib.Path, texts: list[str]) -> list[tuple[str, list, list]]:
    theirs = [each.ids for each in Tokenizer.from_file(str(path)).encode_batch(texts, add_special_tokens=False)]
    ours = fovea_ids(program, path, texts)
    assert len(ours) == len(theirs)
    return [(text, a, b) for text, a, b in zip(texts, ours, theirs) if a != b]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=pathlib.Path, default="build/fovea_token_ids")
    parser.add_argument("--tokenizer", type=pathlib.Path, required=True)
    parser.add_argument("--strings", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    found = differences(options.program, options.tokenizer, [random_text(rng) for _ in range(options.strings)])
    for text, ours, theirs in found[:10]:
        print(f"{text!r}\n  fovea      {ours}\n  tokenizers {theirs}")
    print(f"{options.strings - len(found):,} of {options.strings:,} strings equal")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
