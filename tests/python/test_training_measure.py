"""What is measured of a codec: distances, random strings, tables; and the text it is measured on."""

from __future__ import annotations

import argparse
import lzma
import pathlib
import random

import numpy as np
import pytest
import torch
from fovea.training.measure import calibrate, held_out, report
from fovea.training.measure.evaluate import edit_distances
from fovea.training.network import layout
from fovea.training.network.alphabet import Alphabet
from fovea.training.run.pages import RowTokeniser
from fovea.training.text import chinese
from fovea.training.text.gather.books import gather_books
from fovea.training.text.gather.documents import PageText, fresh_lines, plain_manual
from fovea.training.text.gather.gathered import VALIDATION_BYTES, is_held_out

NANO = pathlib.Path(__file__).resolve().parents[2] / "models" / "fovea-nano"


def distance(a: str, b: str) -> int:
    """Levenshtein's, cell by cell."""
    line = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, line = line, [i]
        for j, y in enumerate(b, 1):
            line.append(min(before[j] + 1, line[-1] + 1, before[j - 1] + (x != y)))
    return line[-1]


# Distances


def test_distances_of_many_pairs_are_those_of_each():
    rng = random.Random(3)
    pairs = [tuple("".join(rng.choices("ab文😀", k=rng.randint(0, 9))) for _ in range(2)) for _ in range(300)]
    assert edit_distances(pairs).tolist() == [distance(a, b) for a, b in pairs]


@pytest.mark.parametrize("pairs", [[], [("", "")], [("", "abc"), ("abc", "")], [("same", "same")]])
def test_distances_of_nothing(pairs):
    assert edit_distances(pairs).tolist() == [max(len(a), len(b)) if a != b else 0 for a, b in pairs]


# What is read


def test_random_strings_are_long_enough_and_of_every_kind():
    text = report.random_strings(np.random.default_rng(5), 4000)
    assert 4000 <= len(text) < 4100 and text == report.random_strings(np.random.default_rng(5), 4000)
    words = text.split()
    assert all(2 <= len(word) <= 40 for word in words)
    for signs in report.SIGNS:
        assert any(set(word) <= set(signs) for word in words)


def test_a_folder_of_files_has_a_kind_each(tmp_path):
    with pytest.raises(ValueError, match="no .txt file in it"):
        report.Files(tmp_path)
    (tmp_path / "prose.txt").write_text("0123456789" * 10)
    (tmp_path / "é.txt").write_text("x")
    (tmp_path / "notes.md").write_text("no")
    files = report.Files(tmp_path)
    assert report.kinds_of(files) == ["prose", "é"]
    rng = np.random.default_rng(1)
    assert {len(files.sample(rng, "prose", 20)) for _ in range(50)} == {20}
    assert files.sample(rng, "é", 20) == "x" and len(files.sample(rng, "prose", 1000)) == 100


def test_a_list_on_the_command_line_has_known_names_alone():
    levels, columns = report.some_of(["tiny", "base"]), report.some_of([64, 106])
    assert levels("tiny") == ["tiny"] and levels("base,tiny,") == ["base", "tiny"] and columns("106,64") == [106, 64]
    for parse, text, said in ((levels, "tiny,huge", "huge is not one of tiny, base"), (columns, "107", "107 is not one of"),
                              (columns, "64,x", "x is not one of 64, 106"), (levels, "-1", "-1 is not one of")):
        with pytest.raises(argparse.ArgumentTypeError, match=said):
            parse(text)


@pytest.mark.parametrize("text", ["", ",", ",,"])
def test_a_list_without_a_name_is_refused(text):
    with pytest.raises(argparse.ArgumentTypeError, match="none is named; there are tiny, base"):
        report.some_of(["tiny", "base"])(text)


def test_the_table_has_the_control_apart_and_bytes_below():
    def measured(accuracy: float) -> dict:
        return {"accuracy": accuracy, "glyph_cells": 0.5, "bytes": 12345}
    rows = [{"level": "tiny", "density": 106, "kinds": {"prose": measured(0.9987), "random": measured(0.5)}}]
    _, head, read, sizes = report.table(rows).split("\n")
    assert head.split() == ["level", "density", "prose", "|", "random", "(control)"]
    assert read.split() == ["tiny", "106", "99.87", "(50.0)", "|", "50.00", "(50.0)"]
    assert sizes.split() == ["12,345", "B", "|", "12,345", "B"] and read.index("|") == sizes.index("|") == head.index("|")


def test_lines_that_the_atlas_cannot_draw_are_left_out_of_held_out_text():
    known = chinese.gb2312()[0]
    assert held_out.readable_lines(f"{known}a\n龘\n\nplain 鱻\nplain") == f"{known}a\n\nplain"


# Confidence


def test_what_was_said_is_counted_where_it_belongs():
    said = torch.tensor([0.0, 0.05, 0.95, 0.9999, 1.0], dtype=torch.float64)
    exact = torch.tensor([0.0, 1.0, 1.0, 1.0, 0.0], dtype=torch.float64)
    table = calibrate.reliability(said, exact)
    assert [(low, high, rows) for low, high, rows, _, _ in table] == [(0, 0.1, 2), (0.95, 0.99, 1), (0.999, 1.0, 2)]
    assert table[0][3:] == pytest.approx((0.025, 0.5)) and table[2][4] == 0.5
    assert calibrate.reliability(said[:0], exact[:0]) == []


def test_signals_that_cannot_be_are_as_unlikely_as_can_be():
    row = {"decoder": float("-inf"), "weakest": float("nan"), "glyph_reader": 0.0, "cells_per_token": 88.0}
    one, decoder, weakest, glyphs, cells = calibrate.design([row])[0].tolist()
    assert one == 1 and decoder == weakest == pytest.approx(np.log(1000.0001))
    assert glyphs == pytest.approx(np.log(1e-4)) and cells == pytest.approx(np.log(88))


# Rows


@pytest.fixture(scope="module")
def alphabet() -> Alphabet:
    return Alphabet.load(NANO)


@pytest.fixture(scope="module")
def rows_of(alphabet) -> RowTokeniser:
    tokenizers = pytest.importorskip("tokenizers")
    return RowTokeniser(tokenizers.Tokenizer.from_file(str(NANO / "tokenizer.json")), alphabet)


def test_cells_before_a_token_are_those_of_whole_characters_before_it(rows_of, alphabet):
    rng = random.Random(4)
    texts = ["", "plain words", "文字 mixed é\t", "", "→✓"]
    texts += ["".join(rng.choices("ab 1文字é→\t", k=rng.randint(0, 30))) for _ in range(100)]
    ids, cells, starts = rows_of(texts)
    assert len(starts) == len(texts) + 1 and starts[-1] == len(ids) == len(cells)
    for text, begin, end in zip(texts, starts, starts[1:]):
        read = b""
        for at in range(begin, end):
            assert cells[at] == sum(map(alphabet.width_of, read.decode("utf-8", "ignore"))), text
            read += rows_of.token_bytes[ids[at]]
        assert read.decode() == text


@pytest.mark.parametrize("columns, rows", [(1, 3), (2, 2), (5, 4), (7, 1)])
def test_what_is_laid_out_is_the_texts_beginning_row_by_row(alphabet, columns, rows):
    rng = random.Random(columns)
    for _ in range(50):
        text = "".join(rng.choices("ab文字", k=rng.randint(0, 40)))
        codes, glyphs = layout.kept(text + "\ue000", alphabet)  # the last one has no glyph
        assert len(codes) == len(text)
        page, read = layout.lay_out(codes, glyphs, alphabet, columns, rows)
        assert page.shape == (rows, columns) and text.startswith("".join(read)) and len(read) <= rows
        for row in read:
            assert sum(map(alphabet.width_of, row)) <= columns
        for before, after in zip(read, read[1:]):  # no row ends while its next character would fit
            assert sum(map(alphabet.width_of, before + after[:1])) > columns or not after


# Documents


@pytest.mark.parametrize("html, wanted", [
    ("<p>One</p><p>two</p>", "One\ntwo\n"),
    ("<h1>Title</h1>text", "\nTitle\ntext"),
    ("a<b>b</b> <i>c</i>", "ab c"),
    ("<ul><li>one<li>two</ul>", "- one\n- two\n"),
    ("<tr><td>a</td><td>b</td></tr>", "a  b\n"),
    ("<pre>  kept\n  so</pre>", "  kept\n  so\n"),
    ("<script>var x = '<p>';</script>seen<style>p {}</style>", "seen\n"),
    ("<nav><nav>menu</nav>more</nav>text</nav> end", "text\nend"),
    ("several\n   lines", "several lines"),
    ("中文\n  字", "中文字"),
    ("a &amp; b &#x4e2d; &unknown;", "a & b 中 &unknown;"),
    ("<p>never closed", "never closed"),
    ("</pre></div>x<pre> y", "x\n y"),
    ("", ""),
])
def test_a_page_is_what_a_browser_shows_of_it(html, wanted):
    assert PageText.of(html) == wanted


def test_shared_lines_come_once_and_blank_ones_do_not_pile_up():
    seen: set[str] = set()
    assert fresh_lines("\nLicence\none \n\n\n\ntwo\n", seen) == "Licence\none\n\ntwo"
    assert fresh_lines("  Licence\n\nthree", seen, lambda line: line != "three") == "" and "three" in seen


def test_a_manual_page_loses_its_requests_and_keeps_its_signs():
    source = '.TH LS 1\n.SH "NAME"\nls \\- list \\fIfiles\\fR\n.\\" hidden\n.PP\n.B ls "[OPTION]"\n\\(bu \\(aqx\\(aq \\e'
    assert plain_manual(source).split("\n") == ["", "NAME", "       ls - list files", "", "       ls [OPTION]", "       • 'x' \\"]


def test_the_end_of_the_first_book_is_held_out_and_large_books_are_sampled(tmp_path):
    line = "It was a dark and stormy night.\r\n"
    (tmp_path / "a.txt").write_bytes(line.encode() * 20_000)
    (tmp_path / "b.txt.xz").write_bytes(lzma.compress(b"short\n"))
    books = [tmp_path / "a.txt", tmp_path / "b.txt.xz"]
    gathered = gather_books(books, 1)
    held, = gathered.validation
    assert VALIDATION_BYTES - len(line) <= len(held) <= VALIDATION_BYTES and "\r" not in held and held.startswith("It was")
    assert "short\n" in gathered.train and len("".join(gathered.train)) + len(held) == 32 * 20_000 + 6
    assert gathered.table["b.txt.xz"] == (6, 0) and gathered.table["a.txt"][1] == len(held)
    assert gather_books(books, 1).train == gathered.train
    alone = gather_books(books, 1, train=False)
    assert alone.train == [] and alone.validation == gathered.validation
    assert gather_books([], 1).validation == []


def test_what_is_held_out_is_decided_by_the_name_without_its_ending():
    names = [f"file{number}" for number in range(4000)]
    held = [name for name in names if is_held_out(pathlib.Path(name))]
    assert 60 < len(held) < 140
    assert all(is_held_out(pathlib.Path(f"elsewhere/{name.upper()}.py")) for name in held)
