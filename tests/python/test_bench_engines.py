"""The engines' bench: rows in a batch read by any engine, cells that tokens take, ratios; and what fits the estimate of
text tokens."""

from __future__ import annotations

import pathlib
import sys

import numpy as np
import pytest

core = pytest.importorskip("fovea._core", reason="built without FOVEA_BUILD_PYTHON")

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "bench" / "engines"), str(REPOSITORY / "bench")]

import compare  # noqa: E402
import fit_text_tokens as fit  # noqa: E402
import random_checkpoint  # noqa: E402
import reading  # noqa: E402

TOKENS = [b"", b"a", b"bc", "文".encode(), "文".encode()[:2], "文".encode()[2:], "\u0301".encode(), b"\xff"]
A, BC, WIDE, BEGIN, END, MARK, ODD = range(1, 8)


def width(character: str) -> int:
    return 2 if character == "文" else 1


@pytest.fixture
def counts() -> reading.CellCounts:
    return reading.CellCounts(TOKENS, width)


def cells_of(counts: reading.CellCounts, ids: list[int]) -> list[int]:
    """After each token."""
    found, before = [], 0
    for at, token in enumerate(ids):
        before = counts.after(before, ids[:at], token)
        found.append(before)
    return found


@pytest.mark.parametrize("ids, wanted", [
    ([A, BC, A], [1, 3, 4]),
    ([WIDE, A], [2, 3]),
    ([BEGIN, END], [0, 2]),  # half a character takes no cell yet
    ([BEGIN, END, A], [0, 2, 3]),
    ([A, MARK], [1, 1]),  # a mark stands over its letter
    ([A, MARK, BC], [1, 1, 3]),
    ([A, BEGIN, A], [1, 1, 2]),  # half of one that never comes
    ([ODD], [0]),
])
def test_cells_are_counted_token_by_token(counts, ids, wanted):
    assert cells_of(counts, ids) == wanted


class Script:
    """An engine that writes what it is told, a token a step, and notes which rows it is asked for."""

    def __init__(self, texts: list[list[list[int]]]) -> None:
        self.texts, self.batches, self.moves = texts, [], []

    def start(self, vectors) -> None:
        self.pages = np.arange(len(vectors))[:, None]

    def keep(self, stay) -> None:
        self.moves.append(stay.shape)

    def step(self, ids, number, cells, left, step):
        self.batches.append(number.copy())
        assert (left >= 1).all()
        given = np.zeros_like(number)
        for b in range(number.shape[0]):
            for r in range(number.shape[1]):
                row = self.texts[b][number[b, r]]
                given[b, r] = row[step] if step < len(row) else A
        return given


def read(texts: list[list[list[int]]], lengths: list[list[int]], counts: reading.CellCounts) -> tuple[list, Script]:
    engine = Script(texts)
    vectors = np.zeros((len(texts), 4, 2), np.float32)
    return reading.read(engine, vectors, lengths, np.arange(len(lengths[0])), counts), engine


def test_rows_are_read_until_their_cells_are_full(counts):
    texts, engine = read([[[A, A, A], [BC], [], [WIDE, A]]], [[3, 2, 0, 3]], counts)
    assert texts == [["aaa", "bc", "", "文a"]]
    assert engine.batches[0].shape == (1, 3)  # the empty row is never asked for
    assert engine.batches[0][0].tolist() == [0, 3, 1]  # the longest first, equal ones in order


def test_rows_that_are_done_leave_the_batch(counts):
    rows = [[A] * 8] + [[A]] * 7
    texts, engine = read([rows], [[8] + [1] * 7], counts)
    assert texts == [["a" * 8] + ["a"] * 7]
    assert engine.batches[0].shape == (1, 8) and engine.batches[-1].shape == (1, 1) and engine.moves[0] == (1, 1)
    assert len(engine.batches) == 8


def test_pages_of_a_batch_keep_their_own_rows(counts):
    texts, engine = read([[[A], [BC, BC]], [[], [A]]], [[1, 4], [0, 1]], counts)
    assert texts == [["a", "bcbc"], ["", "a"]]
    assert engine.batches[0].shape == (2, 2)


def test_a_character_that_was_cut_short_is_shown_as_replaced(counts):
    texts, _ = read([[[BEGIN, A]]], [[1]], counts)
    assert texts == [["\ufffda"]]


def test_buffers_that_grow_keep_what_was_put_into_them():
    old = [np.arange(12.0).reshape(2, 3, 2)]
    new = [np.full((2, 5, 2), -1.0)]
    moved = reading.moved(old, new, 3)  # they are full
    assert (moved[0][:, :3] == old[0]).all() and (moved[0][:, 3:] == -1).all()


# Comparing


def test_rows_are_the_same_where_all_characters_are():
    assert compare.same_rows([["a", "b", ""]], [["a", "x", ""]]) == 0.5  # rows that are empty in both say nothing
    assert compare.same_rows([["a"], ["b"]], [["a"], ["b"]]) == 1


def test_a_share_that_is_read_counts_characters_in_order():
    assert compare.read_share("abcd", "abcd") == 1 and compare.read_share("", "abcd") == 0
    assert compare.read_share("abXd", "abcd") == 0.75 and compare.read_share("x", "") == 0


def test_a_ratio_is_the_median_of_the_rounds_with_its_quartiles():
    assert compare.ratio([1, 1, 1], [2, 3, 4]) == "3.00 (2.50–3.50)"
    assert compare.ratio([2.0], [1.0]) == "0.50 (0.50–0.50)"


def test_a_row_of_the_table_compares_each_engine_with_ours():
    case = compare.Case("tiny", 8, [], [], pathlib.Path("p"), pathlib.Path("v"))
    found = {compare.FOVEA.title: [(0.5, 1.0)], "PyTorch": [(1.0, 4.0)]}
    assert compare.table_row(2, case, found, 0) == "| 2, tiny, 8 | 0.500 s | 2.00 (2.00–2.00) |"
    assert compare.table_row(2, case, found, 1) == "| 2, tiny, 8 | 1.000 s | 4.00 (4.00–4.00) |"


def test_a_request_says_what_is_done_with_which_pages():
    case = compare.Case("tiny", 1, [[3]], ["x"], pathlib.Path("p"), pathlib.Path("v"))
    assert case.request("read", {"draft": True}) == {"do": "read", "level": "tiny", "pages": 1, "row_lengths": [[3]],
                                                     "pixels": "p", "vectors": "v", "draft": True}


def test_a_chats_messages_are_the_text_to_draw(tmp_path):
    (tmp_path / "c.jsonl").write_text('{"role": "user", "content": "one"}\n{"role": "assistant", "content": null}\n')
    assert compare.history(tmp_path / "c.jsonl") == "one\n"


@pytest.mark.parametrize("arguments, said", [
    (["--program", "nowhere"], "nowhere does not exist; build it with -DFOVEA_BUILD_BENCH=ON"),
    (["--program", __file__, "--engines", "torch,openvino"], "fovea must be among them"),
])
def test_what_cannot_be_compared_is_said_before_anything_is_drawn(monkeypatch, capsys, arguments, said):
    monkeypatch.setattr(sys, "argv", ["compare.py", *arguments])
    with pytest.raises(SystemExit) as ended:
        compare.main()
    assert ended.value.code == 2 and said in capsys.readouterr().err


# The estimate of text tokens


def counted(text: str) -> dict[str, float]:
    return {name: float(value) for name, value in zip(fit.NAMES, fit.features(text)) if value}


@pytest.mark.parametrize("text, wanted", [
    ("", {}),
    ("lamp", {"word_4": 1}),
    ("a" * 15, {"word_12": 1, "word_rest": 3}),
    ("lampPost", {"word_4": 1, "inner_4": 1}),
    ("HTTPServer", {"word_10": 1}),  # no capital comes after a small letter
    ("HTTP", {"capital_4": 1}),
    ("ABCDEFG", {"capital_5": 1, "capital_rest": 2}),
    ("X", {"word_1": 1}),
    ("v12", {"beside_digit": 1, "beside_digit_letters": 1, "digit_groups": 1}),
    ("1234567", {"digit_groups": 3}),
    ("a 1", {"word_1": 1, "space_before_digit": 1, "digit_groups": 1}),
    ("(a", {"punct_before_word": 1, "word_1": 1}),
    ("!!?", {"punct_runs": 1, "punct_more": 2, "punct_changes": 1}),
    (";\n\n", {"punct_runs": 1, "newline_after_punct": 1, "newline_more": 1}),
    ("a\n", {"word_1": 1, "newlines": 1}),
    ("  \t", {"space_runs": 1, "space_more": 2}),
    ("\t", {"space_runs": 1}),
    ("文字", {"ideographs": 2}),
    ("かな한", {"kana_hangul": 3}),
    ("。", {"wide_punct": 1}),
    ("été", {"latin_letters": 2, "other_words": 1, "word_1": 1}),
    ("слово", {"other_letters": 5, "other_words": 1}),
    ("→×", {"symbols": 2}),
    ("😀", {"astral": 1}),
    ("\x80", {"other": 1}),
])
def test_features_of_a_text(text, wanted):
    assert counted(text) == wanted


def test_every_feature_has_a_guess_and_runs_are_the_text():
    assert len(fit.GUESS) == len(fit.NAMES) == len(set(fit.NAMES)) and (fit.GUESS > 0).all()
    text = "The 2nd lamp—文字 été!\n\n\tEnd…😀"
    assert "".join(chars for _, _, chars in fit.runs(text)) == text


def test_samples_are_the_same_again_and_short_ends_are_left_out(tmp_path):
    import lzma

    text = "".join(f"line {number}\n" for number in range(2000))
    (tmp_path / "t.txt").write_text(text)
    (tmp_path / "t.xz").write_bytes(lzma.compress(text.encode()))
    plain, packed = ([piece for _, piece in fit.samples([str(tmp_path / name)], 3)] for name in ("t.txt", "t.xz"))
    assert plain == packed and len(plain) == 3 and all(len(piece) == 2000 and piece in text for piece in plain)
    (tmp_path / "short").write_text("x" * 100)
    assert not list(fit.samples([str(tmp_path / "short")], 3))


# A checkpoint with random weights


def test_shapes_of_the_official_sizes_are_those_that_were_published():
    shapes = random_checkpoint.shapes_of(random_checkpoint.OFFICIAL)
    parameters = sum(int(np.prod(shape, dtype=np.int64)) for shape in shapes.values())
    assert 3.2e9 < parameters < 3.5e9 and list(shapes) == sorted(shapes)
    assert shapes["model.layers.1.mlp.experts.63.down_proj.weight"] == [1280, 896]
    assert "model.layers.0.mlp.experts.0.down_proj.weight" not in shapes  # the first layer is dense
    assert shapes["model.projector.layers.weight"] == [1280, 2048]


def test_a_tensors_values_are_its_names_and_seeds_alone():
    def bytes_of(name: str, shape: list[int], seed: int) -> bytes:
        return b"".join(random_checkpoint.pieces(name, shape, seed))
    one = bytes_of("a.weight", [3, 5], 1)
    assert len(one) == 30 and one == bytes_of("a.weight", [3, 5], 1)
    assert one != bytes_of("b.weight", [3, 5], 1) and one != bytes_of("a.weight", [3, 5], 2)
    norm = np.frombuffer(bytes_of("x.norm1.weight", [500], 0), "<u2").astype(np.uint32) << 16
    values = norm.view(np.float32)
    assert abs(values.mean() - 1) < 0.02 and values.min() > 0.89 and values.max() < 1.11
