"""memctl ocr from outside, with the miniature of DeepSeek-OCR in tests/golden/mini_a."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess

import pytest

from memctl_program import interrupt
from mini_checkpoint import MINI, REPOSITORY, write_ending_checkpoint, write_mini_checkpoint

MEMCTL = pathlib.Path(os.environ.get("FOVEA_BUILD_DIR", REPOSITORY / "build")) / "memctl"
PICTURES = REPOSITORY / "tests" / "golden" / "pictures"
PAGE = MINI / "images" / "page.png"

pytestmark = pytest.mark.skipif(not MEMCTL.exists(), reason="memctl is missing")


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    return write_mini_checkpoint(tmp_path_factory.mktemp("mini"))


@pytest.fixture(scope="module")
def ending_checkpoint(tmp_path_factory):
    return write_ending_checkpoint(tmp_path_factory.mktemp("ending"))


def command(*arguments) -> list[str]:
    return [str(MEMCTL), "ocr", *map(str, arguments)]


def ocr(*arguments, code=0, cwd=None) -> subprocess.CompletedProcess:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("FOVEA_")}
    done = subprocess.run(command(*arguments), capture_output=True, timeout=300, env=environment, cwd=cwd)
    assert done.returncode == code, f"exit {done.returncode}: {done.stderr.decode()}"
    return done


def test_a_page_is_read_to_its_end(ending_checkpoint):
    options = ["--model", ending_checkpoint, "--mode", "tiny", "--prompt", "free"]
    document = json.loads(ocr(PAGE, *options, "--json").stdout)
    (page,) = document["pages"]
    assert document["stopped"] is False and "error" not in page
    assert page["complete"] and page["tokens"] == 2 and page["vision_tokens"] == 73
    assert [page["width"], page["height"], page["tiles"]] == [620, 877, [1, 1]]
    assert json.loads(ocr(PAGE, *options, "--format", "json").stdout)["pages"][0]["answer"] == page["answer"]
    assert ocr(PAGE, *options).stdout.decode() == page["text"] + "\n"
    assert ocr(PAGE, *options, "--format", "markdown").stdout.decode() == page["markdown"] + "\n"


def test_a_page_that_runs_away_keeps_its_text(checkpoint):
    options = ["--model", checkpoint, "--mode", "tiny", "--prompt", "free", "--max-tokens", "24"]
    done = ocr(PAGE, *options, code=1)
    assert len(done.stdout.decode()) > 10  # whole characters
    assert b"page.png: the model did not reach an end within 24 tokens" in done.stderr
    (page,) = json.loads(ocr(PAGE, *options, "--json", code=1).stdout)["pages"]
    assert page["error"]["code"] == "incomplete" and not page["complete"]
    assert page["text"] + "\n" == done.stdout.decode()


def test_pages_of_a_pdf_and_boxes(checkpoint, tmp_path):
    options = ["--model", checkpoint, "--mode", "tiny", "--max-tokens", "2", "--json"]
    done = ocr(PICTURES / "pages.pdf", "--pages", "2-", *options, "--boxes", tmp_path / "b.png", code=1)
    pages = json.loads(done.stdout)["pages"]
    assert [page["page"] for page in pages] == [2, 3]
    assert [[page["width"], page["height"]] for page in pages] == [[200, 300], [240, 160]]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b-1.png", "b-2.png"]
    assert [page["boxes_file"] for page in pages] == [str(tmp_path / "b-1.png"), str(tmp_path / "b-2.png")]


def test_gundam_cuts_a_large_picture_into_tiles(checkpoint):
    (page,) = json.loads(ocr(PAGE, "--model", checkpoint, "--max-tokens", "1", "--json", code=1).stdout)["pages"]
    assert page["mode"] == "gundam" and page["tiles"] == [2, 3] and page["vision_tokens"] == 903


def test_a_broken_file_stops_no_other(checkpoint, tmp_path):
    cut = tmp_path / "cut.jpg"
    cut.write_bytes((PICTURES / "plain.jpg").read_bytes()[:500])
    done = ocr(cut, PICTURES / "plain.webp", "--model", checkpoint, "--mode", "tiny", "--max-tokens", "2",
               "--json", code=4)
    first, second = json.loads(done.stdout)["pages"]
    assert first["error"]["code"] == "corruption" and str(cut) in first["error"]["message"]
    assert second["tokens"] == 2


@pytest.mark.parametrize("arguments,code,words", [
    (["/nowhere.png"], 3, "/nowhere.png"),
    ([PICTURES / "locked.pdf"], 1, "qpdf"),
    ([PICTURES / "make_pictures.py"], 1, "convert it to PNG"),
    ([PICTURES / "pages.pdf", "--pages", "4"], 2, "its last is page 3"),
    ([PICTURES / "pages.pdf", "--pages", "2-9"], 2, "its last is page 3"),
    ([PICTURES / "pages.pdf", "--pages", "3-1"], 2, "expected pages such as"),
    ([PICTURES / "pages.pdf", "--pages", "0"], 2, "expected pages such as"),
    ([PICTURES / "pages.pdf", "--pages", "1,"], 2, "expected pages such as"),
    ([PAGE, "--prompt", "documnet"], 2, "expected document, ocr"),
    ([PAGE, "--mode", "gundam-m"], 2, "expected tiny, small"),
    ([PAGE, "--max-tokens", "0"], 2, "--max-tokens"),
    ([PAGE, "--format", "html"], 2, "--format"),
    ([], 2, "files"),
])
def test_wrong_use_is_told_before_the_checkpoint_is_loaded(tmp_path, arguments, code, words):
    done = ocr(*arguments, "--json", "--model", tmp_path / "none", code=code)
    assert words in json.loads(done.stdout)["error"]["message"]


def test_the_shipped_checkpoint_says_that_it_cannot(tmp_path):
    if not (REPOSITORY / "models" / "fovea-nano" / "config.json").exists():
        pytest.skip("the shipped checkpoint is missing")
    done = ocr(PAGE, code=1, cwd=tmp_path)
    assert b"reads only pages that Fovea draws" in done.stderr and b"--model DIR" in done.stderr


def test_ctrl_c_ends_between_tokens(checkpoint):
    files = [PICTURES / "pages.pdf"] * 300
    arguments = command(*files, "--model", checkpoint, "--mode", "tiny", "--prompt", "free", "--json")
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        interrupt(process)
        out, _ = process.communicate(timeout=240)
    assert process.returncode == 130
    document = json.loads(out)
    assert document["stopped"] is True and len(document["pages"]) < 900
    assert not document["pages"] or "error" not in document["pages"][-1]
