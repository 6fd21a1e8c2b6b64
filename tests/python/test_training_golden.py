"""The model's definition in Python computes what tests/golden/nano holds, as the library does."""

import json
import pathlib
import sys

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("tokenizers")
Image = pytest.importorskip("PIL.Image")

from safetensors.torch import load_file  # noqa: E402

GOLDEN = pathlib.Path(__file__).parents[1] / "golden"
sys.path.insert(0, str(GOLDEN))

import make_nano  # noqa: E402

CASES = json.loads((GOLDEN / "nano" / "cases.json").read_text())
# Largest differences, those that tests/model/nano_golden_test.cpp allows the library: other processors and
# other releases of PyTorch add up in another order.
FEATURES, GLYPHS, LOGITS = 1e-3, 5e-3, 1e-2
PREFIX = 1e-5  # of the largest value
TOKENS = 0.02  # mean difference over mean size: a value that lies between two steps may be rounded to either


@pytest.fixture(scope="module")
def nano():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # many small products: on a busy machine threads wait for each other
    yield make_nano.Nano(make_nano.ROOT / "models" / "fovea-nano")
    torch.set_num_threads(threads)


def page_of(case):
    """-> a case, its vectors by name, and its stored tokens [1, n, d]."""
    level = f"{case['level']}."
    vectors = load_file(GOLDEN / "nano" / "vectors.safetensors")
    ours = {name.removeprefix(level): t for name, t in vectors.items() if name.startswith(level)}
    return case, ours, (ours["values"].float() * ours["scales"])[None]


@pytest.fixture(scope="module", params=CASES, ids=lambda case: case["level"])
def page(request):
    return page_of(request.param)


def largest_difference(a, b) -> float:
    assert a.shape == b.shape
    return float((a - b).abs().max())


def test_a_page_is_drawn_and_encoded_as_it_is_stored(nano, page):
    case, _, stored = page
    pixels, rows = nano.drawn(case["level"], case["columns"])
    assert rows == case["text"] and nano.lengths(rows) == case["row_lengths"]
    assert (make_nano.grey(pixels) == np.asarray(Image.open(GOLDEN / "nano" / f"{case['level']}.png"))).all()
    with torch.no_grad():
        tokens = nano.stored(pixels, case["rate"])
    assert tokens.shape == stored.shape
    assert float((tokens - stored).abs().mean() / stored.abs().mean()) < TOKENS


def test_readers_and_decoder_make_the_same_of_stored_tokens(nano, page):
    case, expected, stored = page
    with torch.no_grad():
        vectors = nano.vectors(stored, case["text"], case["columns"], case["row"])
    for name in ("cells", "row_ids", "row_cells"):
        assert torch.equal(vectors[name], expected[name]), name
    assert largest_difference(vectors["features"], expected["features"]) < FEATURES
    assert largest_difference(vectors["glyphs"], expected["glyphs"]) < GLYPHS
    assert largest_difference(vectors["prefix"], expected["prefix"]) < PREFIX * float(expected["prefix"].abs().max())
    assert torch.equal(vectors["row_top"][:, 0], expected["row_top"][:, 0])
    assert largest_difference(vectors["row_top_logits"], expected["row_top_logits"]) < LOGITS
    assert largest_difference(vectors["row_sum"], expected["row_sum"]) < LOGITS


def test_stored_tokens_are_read_as_the_same_text(nano):
    case, _, stored = page_of(next(case for case in CASES if case["level"] == "tiny"))
    assert nano.read(stored, case["text"], case["columns"]) == case["read"]
