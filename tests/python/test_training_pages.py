import numpy as np
import pytest

torch = pytest.importorskip("torch")

from fovea.training.measure.evaluate import edit_distances
from fovea.training.network.alphabet import OUTSIDE, RIGHT_HALF, PageDrawer
from fovea.training.network.geometry import GRIDS, area_weights, cell_map
from fovea.training.network.layout import kept, lay_out
from fovea.training.run.pages import BatchMaker, Job, RowTokeniser
from fovea.training.text.corpus import Corpus


def test_grids_fit_the_canvas_and_cells_are_twice_as_high_as_wide():
    for grid in GRIDS.values():
        assert grid.cell_height == 2 * grid.cell_width
        assert grid.columns * grid.cell_width + 2 * grid.margin_x == 1280
        assert grid.rows * grid.cell_height + 2 * grid.margin_y == 1280


@pytest.mark.parametrize("out", [1280, 1024, 640, 512, 384, 256])
def test_area_weights_keep_the_mean(out):
    w = area_weights(1280, out)
    assert torch.allclose(w.sum(1), torch.ones(out), atol=1e-5)
    assert torch.allclose(w.sum(0), torch.full((1280,), out / 1280), atol=1e-5)


def test_every_cell_has_a_slot_of_its_own():
    for columns in GRIDS:
        cells = cell_map(columns, 8, "cpu")
        assert len(set(cells.slot.tolist())) == GRIDS[columns].columns * GRIDS[columns].rows
        assert float(cells.offset.min()) >= 0 and float(cells.offset.max()) < 1


def test_a_wide_character_never_straddles_a_row_end(alphabet):
    text = "a" * 63 + "✅" + "b" * 62 + "⭐c"
    page, rows = lay_out(*kept(text, alphabet), alphabet, 64, 32)
    assert rows == ["a" * 63, "✅" + "b" * 62, "⭐c"]
    classes = alphabet.class_of_glyph()[page]
    assert classes[1, 1] == RIGHT_HALF and classes[0, 63] == 0


def test_rows_joined_are_the_text(alphabet):
    text = Corpus.builtin().sample(np.random.default_rng(3), "code", 3000)
    codes, glyphs = kept(text, alphabet)
    _, rows = lay_out(codes, glyphs, alphabet, 80, 40)
    assert "".join(rows) == "".join(map(chr, codes))[: 80 * 40]


def test_cells_before_a_token_count_wide_characters_twice(alphabet, tokenizer):
    rows = RowTokeniser(tokenizer, alphabet)
    texts = ["ab✅c", "", "é→⭐ x1"]
    ids, cells, starts = rows(texts)
    for i, text in enumerate(texts):
        mine = ids[starts[i] : starts[i + 1]]
        seen = b""
        for token, n in zip(mine, cells[starts[i] : starts[i + 1]]):
            assert n == sum(map(alphabet.width_of, seen.decode("utf-8", "ignore")))
            seen += rows.token_bytes[token]
        assert seen.decode() == text


def test_a_batch_fits_its_budget_and_repeats(alphabet, tokenizer):
    maker = BatchMaker(Corpus.builtin(), tokenizer, alphabet, first_position=642, eos=899)
    job = Job(7, 64, "tiny", pages=3, tokens=900, mix={"prose": 1, "agent": 1, "synthetic": 1})
    a, b = maker(job), maker(job)
    assert a.glyphs.shape == (3, 32, 64) and len(a.inputs) == 900
    for x, y in zip((a.inputs, a.targets, a.row), (b.inputs, b.targets, b.row)):
        assert (x == y).all()
    used = a.row < 3 * len(a.rows)
    assert (a.targets[~used] == -100).all() and (a.targets[used] >= 0).all()
    first = used & (a.step == 0)
    assert (a.inputs[first] >= 642).all() and (a.cells[first] == 0).all()
    assert first.sum() == (a.targets == 899).sum()


def test_kinds_that_are_hard_to_read_get_finer_rates(alphabet, tokenizer):
    maker = BatchMaker(Corpus.builtin(), tokenizer, alphabet, first_position=642, eos=899)
    common = {"columns": 64, "level": "trace", "pages": 40, "tokens": 900}
    assert (maker(Job(7, mix={"prose": 1}, **common)).rates == 0).all()
    assert (maker(Job(7, mix={"prose": 1}, finer={"prose": 1.0}, **common)).rates > 0).all()
    assert 0 < (maker(Job(7, mix={"prose": 1, "code": 1}, finer={"code": 1.0}, **common)).rates == 0).sum() < 40


def test_characters_outside_the_atlas_are_left_out_of_training(alphabet):
    codes, _ = kept("a汉b\x00c", alphabet)
    assert "".join(map(chr, codes)) == "abc"
    assert OUTSIDE not in alphabet.class_of_glyph()


def test_pages_are_black_on_white(alphabet):
    page, _ = lay_out(*kept("x", alphabet), alphabet, 64, 32)
    pixels = PageDrawer(alphabet, "cpu").draw(torch.from_numpy(page.astype(np.int64))[None], 64, 512)
    assert pixels.shape == (1, 1, 512, 512)
    assert pixels[0, 0, 100:, 100:].min() == 1 and pixels[0, 0, :16, :8].min() < 0.9


def test_edit_distances():
    pairs = [("kitten", "sitting"), ("", "abc"), ("abc", ""), ("same", "same"), ("a", "ba")]
    assert edit_distances(pairs).tolist() == [3, 3, 3, 0, 1]
