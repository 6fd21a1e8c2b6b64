"""The figures of the documents: each is what was measured last, with the shipped checkpoint; none is forgotten.

Nothing is measured here; `make figures` does that."""

from __future__ import annotations

import json
import pathlib
import re
import shutil
import struct
import sys
import zlib

import pytest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "tools"))

from figures import __main__ as program  # noqa: E402
from figures import documents, held_out, kept, tables  # noqa: E402
from figures.subject import Sentence, Subject  # noqa: E402
from figures.subjects import SUBJECTS, accuracy, context  # noqa: E402
from figures.work import Failure, Work, fingerprint, sha256  # noqa: E402

of_subject = pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.name)


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    return {str(path.relative_to(REPOSITORY)): path.read_text() for path in documents.documents()}


# The documents as they are


@of_subject
def test_it_was_measured_with_the_shipped_checkpoint(subject):
    found = kept.load(subject)
    assert found is not None, f"make figures ONLY={subject.name}"
    assert found["checkpoint"] == (fingerprint() if subject.of_checkpoint else None), "an older checkpoint: make figures"
    assert found["machine"] and found["commands"] and found["measured"]
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in found["inputs"].values())
    assert str(pathlib.Path.home()) not in json.dumps(found) and "/tmp/" not in json.dumps(found)


@of_subject
def test_its_blocks_are_what_was_measured(subject, texts):
    blocks = subject.blocks(kept.load(subject)["values"])
    names = set()
    for name, text in texts.items():
        written, found = documents.with_blocks(text, blocks)
        assert written == text, f"{name} differs from doc/figures/{subject.name}.json: make figures writes it anew"
        names |= found
    assert names == set(blocks)


@of_subject
def test_its_sentences_have_the_numbers_that_were_measured(subject, texts):
    numbers = subject.numbers(kept.load(subject)["values"])
    for sentence in subject.sentences:
        text = texts[sentence.document]
        assert documents.with_sentence(text, sentence, numbers) == text, sentence.text(numbers)


@of_subject
def test_its_pictures_are_those_that_were_drawn(subject):
    pictures = kept.load(subject)["pictures"]
    assert set(pictures) == set(subject.pictures)
    for name, digest in pictures.items():
        assert sha256(REPOSITORY / name) == digest, f"{name} is not the one drawn last: make figures ONLY={subject.name}"


def test_every_marker_is_of_a_subject(texts):
    blocks = {name for subject in SUBJECTS for name in subject.blocks(kept.load(subject)["values"])}
    markers = [marker for text in texts.values() for marker in re.findall(f"^{documents.MARKER.pattern}$", text, re.M)]
    assert sorted(markers) == sorted(blocks)  # each once


def test_every_table_with_numbers_is_written_or_listed(texts):
    listed = {*tables.NOT_REPEATED, *tables.IN_SENTENCES, *tables.DEFINED}
    found = {(name, head) for name, text in texts.items() for marker, head, rows in documents.tables(text)
             if not marker and documents.has_numbers([head, *rows])}
    assert found - listed == set(), "measure it in tools/figures/subjects, or list it in tools/figures/tables.py"
    assert listed - found == set(), "tools/figures/tables.py lists tables that are not there"
    assert all(tables.NOT_REPEATED.values())


def test_every_picture_is_drawn_or_listed(texts):
    shown = {str((REPOSITORY / name).parent.joinpath(link).relative_to(REPOSITORY))
             for name, text in texts.items() for link in re.findall(r"!\[[^\]]*\]\(([^)#]+\.png)\)", text)}
    drawn = {picture for subject in SUBJECTS for picture in subject.pictures}
    assert shown == drawn | set(tables.NOT_DRAWN)


def test_programs_are_files_that_exist():
    for subject in SUBJECTS:
        assert subject.programs and all((REPOSITORY / name).is_file() for name in subject.programs), subject.name


# What finds a figure that is wrong


TEXT = "A table:\n<!-- figures: one -->\n| a | b |\n|---|---|\n| 1 | 2 |\n\nIt takes 1,234\ntokens, .58 of them.\n"


def test_a_block_that_differs_is_written_anew_and_nothing_else():
    block = documents.table(["a", "b"], [["1", "3"], ["4", "5"]])
    written, found = documents.with_blocks(TEXT, {"one": block})
    assert found == {"one"} and written == TEXT.replace("| 1 | 2 |", "| 1 | 3 |\n| 4 | 5 |")
    assert documents.with_blocks(written, {"one": block})[0] == written


def test_a_block_may_be_a_fence_or_not_yet_there():
    fenced = "<!-- figures: one -->\n```\nold\n```\nafter"
    assert documents.with_blocks(fenced, {"one": "```\nnew\n```"})[0] == fenced.replace("old", "new")
    assert documents.with_blocks("<!-- figures: one -->\n\nafter", {"one": "| a |"})[0] == (
        "<!-- figures: one -->\n| a |\n\nafter")


def test_a_sentence_that_differs_is_written_anew_across_its_lines():
    sentence = Sentence("x.md", "It takes {tokens:,} tokens, {share} of them.")
    wanted = {"tokens": 56789, "share": context.ShareNumber(0.6)}
    assert documents.with_sentence(TEXT, sentence, wanted) == TEXT.replace("1,234", "56,789").replace(".58", ".60")


@pytest.mark.parametrize("text", ["no such sentence", "It takes 1 tokens. It takes 2 tokens."])
def test_a_sentence_that_does_not_stand_there_once_is_an_error(text):
    with pytest.raises(ValueError, match="x.md has this sentence [02] times"):
        documents.with_sentence(text, Sentence("x.md", "It takes {tokens} tokens."), {"tokens": 1})


def test_numbers_in_code_and_links_are_no_figures():
    assert not documents.has_numbers(["| `--pages 4` | [this](a1.md) kind, utf8 |"])
    assert documents.has_numbers(["| 99.9 (5x) | |"]) and documents.has_numbers(["| .58 |"])
    assert list(documents.tables("```\n| 1 |\n```\n| a |\n|---|\n| 2 |")) == [("", "| a |", ["| 2 |"])]


# What is kept


@pytest.fixture
def subject(tmp_path, monkeypatch):
    """One of a program and a picture of its own, measured once."""
    (tmp_path / "program.py").write_text("1")
    (tmp_path / "picture.png").write_bytes(b"drawn")
    monkeypatch.setattr(kept, "REPOSITORY", tmp_path)
    monkeypatch.setattr(kept, "FOLDER", tmp_path / "kept")
    one = Subject("one", "one", 1, lambda work: {}, ("program.py",), pictures=("picture.png",), tolerance=0.01)
    assert kept.reason_to_measure(one) == "never measured"
    one_work = Work("one", tmp_path / "build", None)
    assert kept.keep(one, one_work, {"share": 0.5, "rows": [1, 2]}, 1.0) == ["measured for the first time"]
    assert kept.reason_to_measure(one) == ""
    return one, one_work, tmp_path


def test_what_is_measured_again_within_the_tolerance_stays_as_it_was(subject):
    one, work, _ = subject
    assert kept.keep(one, work, {"share": 0.504, "rows": [1, 2]}, 1.0) == []
    assert kept.load(one)["values"]["share"] == 0.5
    assert kept.keep(one, work, {"share": 0.51, "rows": [1, 2]}, 1.0) == ["share: 0.5 before, 0.51 now"]
    assert kept.load(one)["values"]["share"] == 0.51
    assert kept.differences({"a": [1, "x"]}, {"a": [1, "y"], "b": None}, 0) == ["a[1]: x before, y now"]
    assert kept.differences([1], [1, 2], 0.5) == [": [1] before, [1, 2] now"]


@pytest.mark.parametrize("change, reason", [
    (lambda folder: (folder / "program.py").write_text("2"), "program.py has changed"),
    (lambda folder: (folder / "picture.png").write_bytes(b"other"), "picture.png is not what was drawn"),
    (lambda folder: (folder / "picture.png").unlink(), "picture.png is not what was drawn"),
])
def test_what_has_changed_is_a_reason_to_measure(subject, change, reason):
    one, _, folder = subject
    change(folder)
    assert kept.reason_to_measure(one) == reason


def test_another_checkpoint_is_a_reason_to_measure(subject, monkeypatch):
    monkeypatch.setattr(kept, "fingerprint", lambda: "0" * 64)
    assert kept.reason_to_measure(subject[0]) == "another checkpoint"


def test_the_fingerprint_is_that_of_the_library():
    from fovea.training.network import checkpoint

    assert fingerprint() == checkpoint.fingerprint(REPOSITORY / "models" / "fovea-nano")


# Where text comes from


def test_character_vectors_of_an_r_package():
    def vector(*strings: str) -> bytes:
        data = b"X\n" + bytes(21) + struct.pack(">ii", 16, len(strings))
        data += b"".join(struct.pack(">ii", 0x4009, len(text.encode())) + text.encode() for text in strings)
        return struct.pack(">I", len(data)) + zlib.compress(data)
    assert held_out.character_vectors(vector("SENSE", "", "é") + vector()) == [["SENSE", "", "é"], []]
    with pytest.raises(Failure, match="no character vector"):
        number = b"X\n" + bytes(21) + struct.pack(">ii", 14, 0)
        held_out.character_vectors(struct.pack(">I", len(number)) + zlib.compress(number))


def test_wrapped_lines_become_paragraphs():
    assert held_out.paragraphs(["CHAPTER 1", "", "", "It was", "late.", ""]) == "CHAPTER 1\nIt was late.\n"


# Reading what programs print


def test_contexts_are_read_from_what_the_bench_prints():
    found = context.parsed("chats: 10 pages, 139 messages, 60 questions; evidence at 500, 1000 tokens\n"
                           "  newest     0.001 0.304\n")
    assert found == {"chats": {"pages": 10, "questions": 60, "budgets": [500, 1000],
                               "methods": {"newest": [0.001, 0.304]}}}
    assert [context.share(value) for value in (0, 0.304, 1)] == [".00", ".30", "1.00"]


def test_compressions_have_two_digits_where_they_are_small():
    assert [accuracy.times(value) for value in (5.04, 9.94, 9.96, 133.4)] == ["5.0x", "9.9x", "10x", "133x"]


def test_without_transcripts_what_needs_them_is_left_out(monkeypatch, capsys, tmp_path):
    needy = Subject("needy", "needs them", 1, lambda work: {}, (), needs_transcripts=True)
    monkeypatch.setattr(program, "SUBJECTS", (needy,))
    monkeypatch.setattr(kept, "FOLDER", tmp_path)
    monkeypatch.setattr(sys, "argv", ["figures"])
    monkeypatch.setattr(program, "write_documents", lambda: [])
    assert program.main() == 0 and "needy: left out (never measured): it needs --transcripts" in capsys.readouterr().out
    monkeypatch.setattr(sys, "argv", ["figures", "--only", "needy"])
    with pytest.raises(SystemExit):
        program.main()
    assert "make figures TRANSCRIPTS=DIR" in capsys.readouterr().err


def test_a_measurement_that_fails_is_named_and_the_others_go_on(monkeypatch, capsys, tmp_path):
    def fails(work: Work) -> dict:
        raise Failure("memctl experiment: exit code 3")
    monkeypatch.setattr(program, "SUBJECTS", (Subject("bad", "bad", 1, fails, (), of_checkpoint=False),
                                              Subject("good", "good", 1, lambda work: {}, (), of_checkpoint=False)))
    monkeypatch.setattr(kept, "FOLDER", tmp_path / "kept")
    monkeypatch.setattr(program, "write_documents", lambda: [])
    monkeypatch.setattr(sys, "argv", ["figures", "--build", str(tmp_path)])
    assert program.main() == 1
    said = capsys.readouterr().out
    assert "bad: failed: memctl experiment: exit code 3" in said and "good: measured for the first time" in said
    shutil.rmtree(tmp_path / "kept")
