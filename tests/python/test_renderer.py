"""fovea.Renderer, DocumentRenderer and Page: where each character lies, what a reader may not get back, pictures in and out."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("fovea._core", reason="built without FOVEA_BUILD_PYTHON")

import fovea  # noqa: E402


@pytest.fixture(scope="module")
def renderer():
    return fovea.Renderer()


def places(page: fovea.Page) -> list[tuple[str, int, int, int]]:
    """(text, row, column, width) of each cell."""
    text = page.text.encode("utf-8", "surrogateescape")
    return [(text[cell.begin:cell.begin + cell.length].decode("utf-8", "surrogateescape"), cell.row, cell.column,
             cell.width) for cell in page.cells]


def written(renderer: fovea.Renderer, text: str, density=106) -> list[fovea.Page]:
    """Pages one after another, as a stream of text makes them."""
    pages = []
    while text:
        pages.append(renderer.lay_out(text, density))
        text = text[len(pages[-1].text):]
    return pages


# Cells


def test_each_character_has_its_cell_and_wide_ones_have_two(renderer):
    page = renderer.lay_out("a漢\té")
    assert places(page) == [("a", 0, 0, 1), ("漢", 0, 1, 2), ("\t", 0, 3, 1), ("é", 0, 4, 1)]
    assert page.row_lengths[:2] == [5, 0] and len(page.row_lengths) == 53 and not page.full


def test_a_wide_character_does_not_straddle_the_end_of_a_row(renderer):
    last, wide = places(renderer.lay_out("x" * 105 + "漢"))[-2:]
    assert last == ("x", 0, 104, 1) and wide == ("漢", 1, 0, 2)
    assert renderer.lay_out("x" * 105 + "漢").row_lengths[:2] == [105, 2]


def test_a_newline_is_a_cell_and_the_text_flows_on_behind_it(renderer):
    assert places(renderer.lay_out("a\nb")) == [("a", 0, 0, 1), ("\n", 0, 1, 1), ("b", 0, 2, 1)]


@pytest.mark.parametrize("density, columns, rows, cell", [(64, 64, 32, (20, 40)), (80, 80, 40, (16, 32)),
                                                          (106, 106, 53, (12, 24)), (128, 128, 64, (10, 20)),
                                                          (160, 160, 80, (8, 16))])
def test_a_page_holds_as_many_cells_as_its_grid(renderer, density, columns, rows, cell):
    grid = fovea.grid_of(density)
    assert (grid.columns, grid.rows, (grid.cell_width, grid.cell_height)) == (columns, rows, cell)
    assert 2 * grid.margin_x + columns * cell[0] == 1280 == 2 * grid.margin_y + rows * cell[1]
    first, second = written(renderer, "x" * (columns * rows + 3), density)
    assert first.full and set(first.row_lengths) == {columns} and len(first.row_lengths) == rows
    assert second.text == "xxx" and not second.full and second.density == fovea.Density(density)


def test_a_text_that_ends_with_the_page_is_not_full(renderer):
    exact = renderer.lay_out("x" * (106 * 53))
    assert len(exact.text) == 106 * 53 and not exact.full
    assert renderer.lay_out("x" * (106 * 53 + 1)).full


def test_the_last_cluster_waits_for_what_may_still_join_it(renderer):
    assert renderer.lay_out("cafe", more_follows=True).text == "caf"
    assert renderer.lay_out("cafe\u0301", more_follows=False).text == "cafe\u0301"
    assert renderer.lay_out("", more_follows=True).text == ""


def test_nothing_is_a_page_without_cells_and_draws_no_page(renderer):
    empty = renderer.lay_out("")
    assert (empty.text, empty.cells, set(empty.row_lengths)) == ("", [], {0}) and renderer.render("") == []
    assert (renderer.draw(empty).pixels == 255).all()


@pytest.mark.parametrize("text", [b"\xff\xfe and \xc3", "nul \0 bell \x07 escape \x1b[0m", "\ufeffmark", "\r\n\r", "e\u0301\u0302",
                                  "👩‍👩‍👧 family", "שלום עולم", "\u2028 and \U0010ffff", "\udc80 \udcff"])
def test_any_text_comes_back_from_its_cells(renderer, text):
    exact = text.decode("utf-8", "surrogateescape") if isinstance(text, bytes) else text
    page = renderer.lay_out(text)
    assert page.text == exact and "".join(cell[0] for cell in places(page)) == exact
    columns = [(row, column + part) for _, row, column, width in places(page) for part in range(width)]
    assert len(set(columns)) == len(columns)  # no two lie on each other


def test_a_report_says_what_a_reader_may_not_get_back(renderer):
    clean = renderer.render("plain words\n")[0].report
    assert (clean.outside_atlas, clean.no_glyph, clean.invalid_bytes, clean.clipped) == (0, 0, 0, False)
    assert repr(clean) == "PageReport(outside_atlas=0, no_glyph=0, invalid_bytes=0)"
    odd = renderer.render(b"\xff\xfe \x07 \xff")[0].report
    assert (odd.invalid_bytes, odd.no_glyph) == (3, 1)
    assert renderer.lay_out(b"\xff").report.invalid_bytes == 0  # counted as it is drawn


# Pictures


def test_the_same_text_is_the_same_picture_and_another_is_another(renderer):
    one, same, other = (renderer.render(text, level="tiny")[0].pixels for text in ("lamp 1", "lamp 1", "lamp 7"))
    assert (one == same).all() and (one != other).any()


def test_ink_lies_in_the_cells_of_its_character_alone(renderer):
    grid = fovea.grid_of(106)
    pixels = renderer.draw(renderer.lay_out(" " * 107 + "M")).pixels  # second row, second column
    rows, columns = np.nonzero(pixels < 128)
    assert grid.margin_y + grid.cell_height <= rows.min() and rows.max() < grid.margin_y + 2 * grid.cell_height
    assert grid.margin_x + grid.cell_width <= columns.min() and columns.max() < grid.margin_x + 2 * grid.cell_width


@pytest.mark.parametrize("level", [level.name for level in fovea.Level])
def test_a_level_is_the_exact_mean_of_the_areas(renderer, level):
    large = renderer.draw(renderer.lay_out("The keeper wrote names into his book.\n" * 80))
    page, side = fovea.shrink(large, level), fovea.side_of(level)
    assert page.pixels.shape == (side, side) and page.level.name == level and page.text == large.text
    if 1280 % side == 0:
        step = 1280 // side
        means = large.pixels.reshape(side, step, side, step).mean((1, 3))
        assert (page.pixels == np.floor(means + 0.5)).all()
    assert abs(page.pixels.mean() - large.pixels.mean()) < 0.5
    assert (renderer.render("The keeper wrote names into his book.\n" * 80, level=level)[0].pixels == page.pixels).all()


def test_a_page_is_a_png_and_a_pil_image(renderer):
    page = renderer.render("lamp", level="trace")[0]
    with Image.open(io.BytesIO(page.png)) as image:
        assert image.format == "PNG" and image.mode == "L" and (np.asarray(image) == page.pixels).all()
    assert page._repr_png_() == page.png and (np.asarray(page.image()) == page.pixels).all()


def test_pictures_are_pages_without_a_text_whatever_holds_their_bytes(renderer):
    torch = pytest.importorskip("torch")
    drawn = renderer.render("lamp", level="trace")[0].pixels
    writable = drawn.copy()
    wide = np.zeros((512, 512), np.uint8)
    wide[::2, ::2] = drawn
    for picture in (drawn, writable, np.asfortranarray(drawn), wide[::2, ::2], drawn[::-1][::-1], torch.from_numpy(writable),
                    memoryview(drawn), Image.fromarray(writable), Image.fromarray(writable).convert("RGBA")):
        page = fovea.Page.from_picture(picture, fovea.Density.d80)
        assert (page.pixels == drawn).all() and (page.level, page.density) == (fovea.Level.trace, fovea.Density.d80)
        assert (page.text, page.cells, page.full, page.layout) == ("", [], False, fovea.Layout.cells)
    page = fovea.Page.from_picture(writable)
    writable[:] = 7
    assert (page.pixels == drawn).all()  # a copy


@pytest.mark.parametrize("picture, exception, message", [
    (np.zeros((256, 256), bool), TypeError, "picture: expected a uint8 array .*dtype bool and shape \\(256, 256\\)"),
    (np.zeros((256, 256), np.int8), TypeError, "dtype int8"),
    (np.zeros((256, 256), ">u2"), TypeError, "dtype >u2"),
    (np.zeros(256 * 256, np.uint8), TypeError, "shape \\(65536,\\)"),
    (np.zeros((256, 256, 3), np.uint8), TypeError, "shape \\(256, 256, 3\\)"),
    (np.zeros((0, 0), np.uint8), ValueError, "picture: 0 x 0 px; .* a side of 1280, 1024, 640, 512, 384, 256"),
    (np.zeros((256, 384), np.uint8), ValueError, "picture: 384 x 256 px"),
    (b"x" * 256 * 256, TypeError, "got bytes"), ([[0] * 256] * 256, TypeError, "got list"),
])
def test_what_is_no_picture_of_a_page_is_refused(picture, exception, message):
    with pytest.raises(exception, match=message):
        fovea.Page.from_picture(picture)


def test_a_page_that_is_not_drawn_has_no_picture(renderer):
    page = renderer.lay_out("lamp")
    assert page.pixels.shape == (0, 0) and "not drawn" in repr(page) and "not drawn" not in repr(renderer.draw(page))
    assert page._repr_png_() is None  # a notebook shows the repr
    for call in (lambda: page.png, page.image):
        with pytest.raises(ValueError, match="the page has no picture yet; its renderer's draw makes one"):
            call()
    with pytest.raises(ValueError, match="only a page drawn at level large can be shrunk"):
        fovea.shrink(page, "tiny")
    with pytest.raises(ValueError, match="drawn at level large"):
        fovea.shrink(renderer.render("lamp", level="base")[0], "tiny")


@pytest.mark.parametrize("call, exception, message", [
    (lambda r: r.lay_out("x", 107), ValueError, "no density has 107 columns; use 64, 80, 106, 128 or 160"),
    (lambda r: r.lay_out("x", "106"), TypeError, "incompatible"),
    (lambda r: r.lay_out(3), TypeError, "incompatible"),
    (lambda r: r.lay_out(bytearray(b"x")), TypeError, "incompatible"),
    (lambda r: r.lay_out("x", 106, True), TypeError, "incompatible"),  # more_follows goes by its name
    (lambda r: r.render("x", level="TINY"), ValueError, 'no level is called "TINY"; use large, base, small'),
    (lambda r: r.render("x", level=None), TypeError, "incompatible"),
    (lambda r: r.draw("x"), TypeError, "incompatible"),
    (lambda r: r.draw(fovea.DocumentRenderer().lay_out("# Ships\n")), ValueError, "a DocumentRenderer draws it"),
    (lambda r: fovea.shrink(r, "tiny"), TypeError, "incompatible"),
    (lambda r: fovea.Renderer(__file__), KeyError, "config.json: no such file"),
    (lambda r: fovea.Renderer(3), TypeError, "incompatible"),
])
def test_what_cannot_be_drawn_is_refused(renderer, call, exception, message):
    with pytest.raises(exception, match=message):
        call(renderer)


# Documents


def test_documents_are_set_page_after_page_and_lose_nothing():
    renderer, text, opening, pages = fovea.DocumentRenderer(), "# Ships\n\nThe *keeper* wrote.\n\n- one\n- two\n\n" * 120, "", []
    rest = text
    while rest:
        pages.append(renderer.lay_out(rest, fovea.DocumentSetting("small", opening)))
        rest, opening = rest[len(pages[-1].text):], pages[-1].leaves_open
    assert "".join(page.text for page in pages) == text and [page.full for page in pages[-2:]] == [True, False]
    assert all(fovea.count_text_tokens(page.text) <= fovea.text_capacity("small") for page in pages)
    assert pages[0].document.legible_at == fovea.Level.small and pages[0].layout == fovea.Layout.document


def test_a_sharper_setting_holds_more():
    renderer, text = fovea.DocumentRenderer(), "The keeper wrote names into his book, and the ships left.\n\n" * 400
    held = [len(renderer.lay_out(text, fovea.DocumentSetting(level)).text) for level in ("large", "base", "small", "tiny")]
    assert held == sorted(held, reverse=True) and len(set(held)) == 4
    assert [fovea.text_capacity(level) for level in ("large", "base", "small", "tiny")] == [2500, 1500, 1000, 700]


def test_an_unfinished_end_waits_for_the_next_page():
    renderer = fovea.DocumentRenderer()
    assert renderer.lay_out("Words.\n\n# A heading\n", more_follows=True).text == "Words.\n\n"
    assert renderer.lay_out("Words.\n\n# A heading\n").text == "Words.\n\n# A heading\n"


def test_a_document_setting_says_what_it_is():
    plain, open_code = fovea.DocumentSetting(), fovea.DocumentSetting("base", "```\n")
    assert (plain.legible_at, plain.opening) == (fovea.Level.tiny, "") and repr(plain) == "DocumentSetting(tiny)"
    assert repr(open_code) == "DocumentSetting(base, opening='```\\n')"
    with pytest.raises(ValueError, match="blurry"):
        fovea.DocumentSetting("blurry")
    for level in ("faint", "trace"):
        with pytest.raises(ValueError, match=f"layout document has no level {level}"):
            fovea.text_capacity(level)
