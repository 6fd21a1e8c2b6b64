"""Layout document from Python: pages that a checkpoint of documents reads, here a miniature that reads nonsense."""

from __future__ import annotations

import pytest

from mini_checkpoint import write_mini_checkpoint

pytest.importorskip("fovea._core", reason="built without FOVEA_BUILD_PYTHON")

import fovea  # noqa: E402

pytestmark = pytest.mark.usefixtures("loaded")

TEXT = "# Ships\n\nThe **ships** left the harbour.\n\n```sh\nls -l\n```\n" * 40


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    # A short context, so that a page which never ends takes no time.
    return write_mini_checkpoint(tmp_path_factory.mktemp("mini"), max_position_embeddings=330)


@pytest.fixture(scope="module")
def codec(checkpoint):
    return fovea.Codec(checkpoint)


@pytest.fixture(scope="module")
def page():
    renderer = fovea.DocumentRenderer()
    return renderer.draw(renderer.lay_out(TEXT))


def test_a_document_page_holds_the_beginning_of_its_text(page):
    assert page.layout == fovea.Layout.document and TEXT.startswith(page.text) and page.full
    assert fovea.count_text_tokens(page.text) <= fovea.text_capacity("tiny") == 700
    assert (page.cells, page.row_lengths, page.pixels.shape) == ([], [], (1280, 1280))
    assert page.document.legible_at == fovea.Level.tiny and page.document.opening == "" and not page.report.clipped


def test_the_next_page_goes_on_where_the_last_one_broke_off():
    renderer = fovea.DocumentRenderer()
    code = "```python\n" + "print('a line of code')\n" * 400
    first = renderer.lay_out(code, fovea.DocumentSetting("tiny"), more_follows=True)
    assert first.leaves_open == "```\n"
    second = renderer.lay_out(code[len(first.text):], fovea.DocumentSetting("tiny", first.leaves_open))
    assert second.text.startswith("print(") and second.document.opening == first.leaves_open


def test_vision_tokens_know_their_layout(codec, page):
    tokens = codec.encode([fovea.shrink(page, "tiny")])[0]
    assert (codec.layout, tokens.layout, tokens.row_lengths) == (fovea.Layout.document, fovea.Layout.document, [])
    again = fovea.VisionTokens(tokens.values, tokens.scales, level="tiny", layout="document",
                               fingerprint=codec.fingerprint)
    read = codec.decode([again])[0]
    assert not read.complete and read.rows == [] and read.text and "incomplete" in repr(read)
    cells = fovea.VisionTokens(tokens.values, tokens.scales, level="tiny", fingerprint=codec.fingerprint)
    with pytest.raises(ValueError, match="of layout cells"):
        codec.decode([cells])
    # A picture without a text is of the layout that the checkpoint reads.
    picture = fovea.Page.from_picture(fovea.shrink(page, "tiny").pixels)
    assert codec.encode([picture])[0].layout == fovea.Layout.document


def test_a_memory_of_documents_keeps_text_exactly_and_says_what_was_not_read_to_its_end(checkpoint, tmp_path):
    with fovea.Memory(tmp_path / "memory.db", checkpoint, level="tiny", measured_pages=0, layout="document") as memory:
        memory.add_many([TEXT])
        memory.finish()
        pages = memory.pages()
        assert len(pages) > 1 and {page.layout for page in pages} == {fovea.Layout.document}
        assert "".join(item.text for item in memory.recall_all("archive")) == f"user:\n{TEXT}\n"
        assert memory.recall(1).complete
        read = memory.recall(1, "tokens")
        assert not read.complete and "incomplete" in repr(read)


def test_a_layout_that_the_checkpoint_does_not_read_is_refused(checkpoint, tmp_path):
    with fovea.Memory(tmp_path / "memory.db", checkpoint, layout="cells") as memory:
        with pytest.raises(ValueError, match="layout"):
            memory.add("hello")
            memory.finish()
    with pytest.raises(ValueError, match="use cells or document"):
        fovea.Memory(tmp_path / "memory.db", checkpoint, layout="scroll")
    with pytest.raises(ValueError, match="faint"):
        fovea.DocumentRenderer().lay_out("x", fovea.DocumentSetting("faint"))
