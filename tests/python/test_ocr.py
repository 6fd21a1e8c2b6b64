"""fovea.Ocr with the miniature of DeepSeek-OCR in tests/golden/mini_a: pictures in, answers out, and what bad ones get."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from PIL import Image

from mini_checkpoint import MINI, REPOSITORY, write_ending_checkpoint, write_mini_checkpoint

pytest.importorskip("fovea._core", reason="built without FOVEA_BUILD_PYTHON")

import fovea  # noqa: E402
from fovea import _models  # noqa: E402

PICTURES = REPOSITORY / "tests" / "golden" / "pictures"
PAGE = MINI / "images" / "page.png"
QUICK = {"mode": "tiny", "prompt": "free", "max_tokens": 24}


@pytest.fixture(scope="module")
def ocr(tmp_path_factory):
    return fovea.Ocr(write_mini_checkpoint(tmp_path_factory.mktemp("mini")))


def region(label: str, *box: int) -> str:
    return f"<|ref|>{label}<|/ref|><|det|>[{list(box)}]<|/det|>"


@pytest.fixture(scope="module")
def picture():
    return fovea.PictureFile(PAGE).page()


def test_a_page_is_read_to_its_end(tmp_path, picture):
    ocr = fovea.Ocr(write_ending_checkpoint(tmp_path))
    page = ocr.read(picture, mode=fovea.OcrMode.tiny, prompt="free")
    assert (page.tokens, page.vision_tokens, page.columns, page.rows) == (2, 73, 1, 1)
    assert page.complete and page.end == fovea.OcrEnd.by_model
    assert page.text == page.answer == page.markdown() and page.regions == []


def test_an_answer_comes_while_it_is_read_and_may_be_ended(ocr, picture):
    pieces: list[str] = []
    page = ocr.read(picture, **QUICK, on_text=pieces.append)
    assert "".join(pieces) == page.answer and len(pieces) > 3
    assert (page.tokens, page.complete, page.end) == (24, False, fovea.OcrEnd.by_limit) and "incomplete" in repr(page)
    some: list[str] = []
    stopped = ocr.read(picture, **QUICK, on_text=lambda text: some.append(text) or len(some) < 3)
    assert some == pieces[:3] and stopped.end == fovea.OcrEnd.by_caller
    plain = fovea.PlainText("free")
    assert "".join(map(plain.take, pieces)) + plain.finish() == page.text


def test_what_a_callback_raises_ends_the_reading(ocr, picture):
    with pytest.raises(ZeroDivisionError):
        ocr.read(picture, **QUICK, on_text=lambda text: 1 / 0)


def test_arrays_and_pil_images_are_read_alike(ocr, picture):
    exact = ocr.read(picture, **QUICK).answer
    with Image.open(PAGE) as image:
        assert ocr.read(image, **QUICK).answer == exact
        assert ocr.read(image.convert("RGBA"), **QUICK).answer == exact
    assert ocr.read(np.asfortranarray(picture), **QUICK).answer == exact  # not in one piece


def test_large_pictures_are_cut_into_tiles(ocr, picture):
    page = ocr.read(picture, max_tokens=1)
    assert (page.columns, page.rows, page.vision_tokens) == (2, 3, 903)


def test_files_of_pictures_have_pages():
    pdf = fovea.PictureFile(PICTURES / "pages.pdf")
    assert (pdf.pages, pdf.is_pdf) == (3, True) and repr(pdf).endswith("pages.pdf', 3 pages)")
    assert [pdf.page(number).shape for number in (2, 3)] == [(300, 200, 3), (160, 240, 3)]
    page = fovea.PictureFile(PICTURES / "plain.png").page()
    with Image.open(PICTURES / "plain.png") as image:
        assert page.dtype == np.uint8 and (page == np.asarray(image.convert("RGB"))).all()


def test_regions_have_their_places_in_pixels(picture, tmp_path):
    # The miniature's random weights name no places.
    answer = f"{region('title', 0, 0, 999, 99)}\n# Ships\n\n{region('image', 0, 500, 999, 999)}\n"
    page = fovea.OcrPage(answer, width=620, height=877)
    assert [(part.label, part.boxes, part.text) for part in page.regions] == \
        [("title", [(0, 0, 620, 86)], "# Ships"), ("image", [(0, 438, 620, 877)], "")]
    assert page.markdown(image=lambda boxes: f"![]({boxes})").strip() == "# Ships\n\n![]([(0, 438, 620, 877)])"
    with pytest.raises(ZeroDivisionError):
        page.markdown(image=lambda boxes: str(1 / 0))
    fovea.write_boxes_png(tmp_path / "boxes.png", picture, page.regions)
    assert (fovea.PictureFile(tmp_path / "boxes.png").page() != picture).any()
    with pytest.raises(OSError, match="nowhere"):
        fovea.write_boxes_png(tmp_path / "nowhere" / "boxes.png", picture, [])


def test_marks_are_taken_out_of_an_answer_while_it_comes():
    answer = f"{region('title', 0, 0, 999, 99)}\n# Ships\n\n{region('text', 0, 100, 999, 200)}\nThey left."
    plain = fovea.PlainText()
    said = "".join(plain.take(answer[i:i + 7]) for i in range(0, len(answer), 7)) + plain.finish()
    assert said.strip() == "# Ships\n\nThey left."


def test_other_python_code_runs_while_a_picture_is_read(ocr, picture):
    thread = threading.Thread(target=ocr.read, args=(picture,), kwargs=QUICK)
    thread.start()
    turns = 0
    while thread.is_alive():
        turns += 1
    assert turns > 1000  # with the GIL held there would be none before the end


@pytest.mark.parametrize("call, exception, message", [
    (lambda ocr, picture: ocr.read(picture.astype(float)), TypeError, "got ndarray of dtype float64 and shape"),
    (lambda ocr, picture: ocr.read(picture[:, :, 0]), TypeError, "expected a uint8 array \\[height, width, 3\\]"),
    (lambda ocr, picture: ocr.read(picture[:0]), ValueError, "pixel"),
    (lambda ocr, picture: ocr.read("page.png"), TypeError, "got str"),
    (lambda ocr, picture: ocr.read(picture, mode="huge"), ValueError, "expected tiny, small"),
    (lambda ocr, picture: ocr.read(picture, prompt="documnet"), ValueError, "expected document, ocr"),
    (lambda ocr, picture: ocr.read(picture, max_tokens=0), ValueError, "max_tokens"),
    (lambda ocr, picture: fovea.PictureFile("nowhere.png"), KeyError, "nowhere.png"),
    (lambda ocr, picture: fovea.PictureFile(PICTURES / "locked.pdf"), fovea.Unsupported, "qpdf"),
    (lambda ocr, picture: fovea.PictureFile(PAGE).page(2), ValueError, "page"),
    (lambda ocr, picture: fovea.Ocr("nowhere"), KeyError, "nowhere"),
    (lambda ocr, picture: fovea.Ocr(_models.checkpoint(None)), fovea.Unsupported, "reads only pages that Fovea draws"),
])
def test_bad_input_names_itself(ocr, picture, call, exception, message):
    with pytest.raises(exception, match=message):
        call(ocr, picture)
