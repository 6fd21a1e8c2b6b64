"""fovea.Renderer and fovea.Codec: arrays and pictures in and out, and what bad ones get."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from harbour import prose

pytest.importorskip("fovea._core", reason="built without FOVEA_BUILD_PYTHON")

import fovea  # noqa: E402

TEXT = prose(60)


@pytest.fixture(scope="module")
def renderer():
    return fovea.Renderer()


@pytest.fixture(scope="module")
def codec():
    return fovea.Codec()


@pytest.fixture(scope="module")
def page(renderer):
    return renderer.render(TEXT, density=106, level="tiny")[0]


@pytest.fixture(scope="module")
def tokens(codec, page):
    return codec.encode([page])[0]


def same(a, b):
    return (a.values == b.values).all() and (a.scales == b.scales).all() and (a.code == b.code).all()


def remade(tokens, **changes):
    parts = (tokens.code,) if tokens.code.size else (tokens.values, tokens.scales)
    width = {"dim": tokens.dim} if tokens.code.size else {}
    return fovea.VisionTokens(*parts, **{"level": "tiny", "fingerprint": tokens.fingerprint, **width, **changes})


def test_the_vectors_are_what_the_tokens_stand_for(codec, tokens):
    vectors = codec.vectors(tokens)
    assert (vectors.shape, vectors.dtype) == ((64, 512), np.float32)
    if not tokens.code.size:
        assert np.allclose(vectors, tokens.values * tokens.scales[:, None])


def test_a_page_holds_its_text_its_cells_and_its_picture(renderer, page):
    assert TEXT.startswith(page.text) and page.full and page.row_lengths[0] == 106
    assert (page.cells[0].row, page.cells[0].column, page.cells[0].width) == (0, 0, 1)
    pixels = page.pixels
    assert (pixels.shape, pixels.dtype, pixels.flags.owndata) == ((512, 512), np.uint8, False)
    with pytest.raises(ValueError, match="read-only"):
        pixels[0, 0] = 1
    laid_out = renderer.lay_out(TEXT)
    assert laid_out.pixels.size == 0
    assert (fovea.shrink(renderer.draw(laid_out), fovea.Level.tiny).pixels == pixels).all()


def test_pictures_come_and_go_as_pil_images(codec, page, tokens):
    image = page.image()
    assert (image.mode, image.size) == ("L", (512, 512)) and page._repr_png_() == page.png
    same = fovea.Page.from_picture(image.convert("RGB"))
    assert (same.pixels == page.pixels).all() and same.level == fovea.Level.tiny
    assert (codec.vectors(codec.encode([image])[0]) == codec.vectors(codec.encode([page.pixels])[0])).all()


def test_arrays_are_looked_at_where_they_lie(codec, page, tokens):
    if tokens.code.size:
        assert (tokens.values.shape, tokens.scales.shape, tokens.code.dtype) == ((0, 512), (0,), np.uint8)
    else:
        assert (tokens.values.shape, tokens.values.dtype) == ((64, 512), np.int8)
    assert not any(array.flags.owndata for array in (tokens.values, tokens.scales, tokens.code) if array.size)
    assert tokens.nbytes == tokens.values.nbytes + tokens.scales.nbytes + tokens.code.nbytes
    assert same(codec.encode([page.pixels])[0], tokens)
    assert same(codec.encode([np.asfortranarray(page.pixels)])[0], tokens)  # not in one piece: copied


def test_tokens_read_back_after_a_file_and_from_arrays(codec, page, tokens, tmp_path):
    fovea.write_tokens(tmp_path / "page.fvt", tokens)
    again = fovea.read_tokens(tmp_path / "page.fvt")
    assert same(again, tokens)
    made = remade(again, row_lengths=again.row_lengths)
    read = codec.decode([made])[0]
    assert fovea.accuracy(page.text, read.text) > 0.98 and 0.5 < read.confidence <= 1
    assert len(read.rows) == 53 and read.rows[0].text in read.text and read.complete
    assert read.rows[0].evidence.weakest <= 0 and read.rows[0].evidence.decoder <= read.rows[0].evidence.weakest
    assert fovea.accuracy(page.text, codec.glance(made)) > 0.9


@pytest.mark.parametrize("precision", ["bf16", "fp32"])
def test_int8_weights_read_nearly_the_same(page, tokens, precision):
    int8 = fovea.Codec(weights="int8", precision=precision)
    assert int8.fingerprint == tokens.fingerprint and fovea.accuracy(page.text, int8.decode([tokens])[0].text) > 0.98
    with pytest.raises(ValueError, match="int4"):
        fovea.Codec(weights="int4")


def test_a_beam_search_finds_likelier_rows(codec, renderer):
    trace = codec.encode(renderer.render(TEXT, density=106, level="trace"))
    wide = fovea.Codec(beam_width=4)
    greedy, searched = codec.decode(trace)[0], wide.decode(trace)[0]
    assert sum(row.evidence.decoder for row in searched.rows) > sum(row.evidence.decoder for row in greedy.rows)
    with pytest.raises(ValueError, match="beam width from 1 to 16, got 17"):
        fovea.Codec(beam_width=17)


def test_embeddings_are_unit_vectors(codec, tokens):
    for vector in (codec.embed(tokens), codec.embed("ships in the harbour"), codec.embed(b"\xff ships")):
        assert (vector.shape, vector.dtype) == ((codec.embedding_dim,), np.float32)
        assert abs(np.linalg.norm(vector) - 1) < 1e-4


def test_arrays_outlive_what_they_came_from(renderer):
    pixels = renderer.render("x", level="tiny")[0].pixels
    assert (pixels == renderer.render("x", level="tiny")[0].pixels).all() and pixels.min() < 128


@pytest.mark.parametrize("make, exception, message", [
    (lambda c, p, t: c.encode([p.pixels.astype(float)]), TypeError, "page 0: .*float64 and shape \\(512, 512\\)"),
    (lambda c, p, t: c.encode([p, p.pixels[None]]), TypeError, "page 1: .*shape \\(1, 512, 512\\)"),
    (lambda c, p, t: c.encode([p.pixels[:100]]), ValueError, "page 0: 512 x 100 px"),
    (lambda c, p, t: c.encode([None]), TypeError, "got NoneType"),
    (lambda c, p, t: c.encode([p, np.zeros((640, 640), np.uint8)]), ValueError, "of one level"),
    (lambda c, p, t: c.encode(3), TypeError, "incompatible"),
    (lambda c, p, t: c.decode([p]), TypeError, "incompatible"),
    (lambda c, p, t: fovea.VisionTokens(np.zeros((64, 8), np.int8), np.zeros(64, np.float32), level="small",
                                        fingerprint="00"), ValueError, "has 100"),
    (lambda c, p, t: fovea.VisionTokens(t.values.astype(int), t.scales, level="tiny", fingerprint=""), TypeError,
     "incompatible"),
    (lambda c, p, t: c.decode([remade(t, fingerprint="00")]), ValueError, "made by the checkpoint 00"),
    (lambda c, p, t: c.decode([fovea.VisionTokens(np.zeros(9, np.uint8), dim=7, level="tiny",
                                                  fingerprint=c.fingerprint)]), ValueError, "64 vision tokens"),
    (lambda c, p, t: fovea.shrink(p, "trace"), ValueError, "drawn at level large"),
    (lambda c, p, t: fovea.Renderer("nowhere"), KeyError, "nowhere"),
    (lambda c, p, t: fovea.Codec("nowhere"), KeyError, "nowhere"),
    (lambda c, p, t: fovea.Codec(device="abacus"), ValueError, "abacus"),
    (lambda c, p, t: fovea.read_tokens(__file__), fovea.Corruption, "test_codec.py"),
])
def test_bad_input_names_itself(codec, page, tokens, make, exception, message):
    with pytest.raises(exception, match=message):
        make(codec, page, tokens)


@pytest.mark.parametrize("make", [
    lambda f: fovea.VisionTokens(np.zeros(0, np.uint8), dim=8, level="tiny", fingerprint=f),
    lambda f: fovea.VisionTokens(np.zeros(4, np.uint8), dim=-1, level="tiny", fingerprint=f),
    lambda f: fovea.VisionTokens(np.zeros(4, np.uint8), dim=2**31 - 1, level="tiny", fingerprint=f),
    lambda f: fovea.VisionTokens(np.zeros((64, 0), np.int8), np.zeros(64, np.float32), level="tiny", fingerprint=f),
    lambda f: fovea.VisionTokens(np.zeros((64, 8), np.int8), np.full(64, np.nan, np.float32), level="tiny",
                                 fingerprint=f),
    lambda f: fovea.VisionTokens(np.zeros((64, 8), np.int8), np.zeros(64, np.float32), level="tiny", fingerprint=f,
                                 row_lengths=[-5] * 53),
], ids=["no code", "negative width", "endless width", "no width", "no number", "negative rows"])
def test_tokens_that_can_be_of_no_page_are_refused_by_all_that_takes_them(codec, make, tmp_path):
    tokens = make(codec.fingerprint)
    assert "VisionTokens(level=tiny" in repr(tokens)
    for call in (codec.vectors, codec.embed, codec.glance, lambda one: codec.decode([one])):
        with pytest.raises(ValueError, match="expected 64 vision tokens of 512 values"):
            call(tokens)
    with pytest.raises(ValueError, match="write_tokens: "):
        fovea.write_tokens(tmp_path / "page.fvt", tokens)
    assert not list(tmp_path.iterdir())


def test_other_python_code_runs_while_a_page_is_encoded(codec, renderer):
    page = renderer.render(TEXT, level="base")[0]
    thread = threading.Thread(target=codec.encode, args=([page],))
    thread.start()
    turns = 0
    while thread.is_alive():
        turns += 1
    assert turns > 1000  # with the GIL held there would be none before the end


def test_an_enumerator_is_given_by_itself_or_its_name_and_not_by_its_number():
    for number in (3, True, 0, 1.0):
        for call in (fovea.side_of, lambda one: fovea.text_capacity(one), lambda one: fovea.PageState(1, one, 0),
                     lambda one: fovea.DocumentSetting(one)):
            with pytest.raises(TypeError, match="incompatible"):
                call(number)
    assert fovea.grid_of(80).columns == 80  # the number of columns is a density's name


def test_levels_and_densities_are_enumerations():
    assert [fovea.side_of(level) for level in fovea.Level] == [1280, 1024, 640, 512, 384, 256]
    assert fovea.token_count("tiny") == 64 and fovea.sequence_length(fovea.Level.tiny) == 73
    assert fovea.Level.tiny > fovea.Level.small and fovea.Density(106) is fovea.Density.d106
    assert (fovea.grid_of(80).columns, fovea.grid_of(80).rows) == (80, 40)
