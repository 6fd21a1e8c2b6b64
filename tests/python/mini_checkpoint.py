"""The miniature of DeepSeek-OCR in tests/golden/mini_a as a whole checkpoint folder."""

from __future__ import annotations

import json
import pathlib
import shutil

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
MINI = REPOSITORY / "tests" / "golden" / "mini_a"


def byte_tokenizer() -> dict:
    """The stand-in tokenizer of mini_a: byte b is id b + 3."""
    others = iter(range(256, 512))
    itself = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    vocab = {chr(byte if byte in itself else next(others)): byte + 3 for byte in range(256)}
    added = [{"id": number, "content": content, "single_word": False, "lstrip": False, "rstrip": False,
              "normalized": False, "special": True}
             for number, content in ((0, "<begin>"), (1, "<end>"), (300, "<image>"))]
    return {"version": "1.0", "added_tokens": added, "normalizer": None, "post_processor": None,
            "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False, "use_regex": False},
            "decoder": {"type": "ByteLevel"}, "model": {"type": "BPE", "vocab": vocab, "merges": []}}


def write_mini_checkpoint(folder: pathlib.Path, **language) -> pathlib.Path:
    """`language`: settings of the language model that are other than mini_a's."""
    config = json.loads((MINI / "config.json").read_text())
    config["language_config"] |= language
    (folder / "config.json").write_text(json.dumps(config))
    shutil.copy(MINI / "model.safetensors", folder)
    (folder / "tokenizer.json").write_text(json.dumps(byte_tokenizer()))
    return folder


def write_ending_checkpoint(folder: pathlib.Path) -> pathlib.Path:
    """Its end token is the third that the model says of page.png in tiny mode, asked "free"."""
    vectors = (MINI / "vectors.safetensors").read_bytes()
    length = int.from_bytes(vectors[:8], "little")
    begin = json.loads(vectors[8:8 + length])["tiny.greedy_ids"]["data_offsets"][0] + 8 + length
    return write_mini_checkpoint(folder, eos_token_id=int.from_bytes(vectors[begin + 16:begin + 24], "little"))
