"""Confidence is fitted to what was right, and to nothing else: rows that cannot be spoil no fit, and no checkpoint."""

import csv
import json
import math

import pytest

torch = pytest.importorskip("torch")

from fovea.training.measure.calibrate import design, fit, main, reliability


def rows_of(count, seed=0):
    """Rows whose decoder is four times too sure of itself."""
    generator = torch.Generator().manual_seed(seed)
    doubt = torch.exp(torch.rand(count, generator=generator) * 7 - 5)
    exact = torch.rand(count, generator=generator) < torch.exp(-4 * doubt)
    return [{"decoder": -d, "weakest": -d / 2, "glyph_reader": 0.0, "cells_per_token": 88.0, "exact": float(e)}
            for d, e in zip(doubt.tolist(), exact.tolist())]


def test_what_is_said_becomes_what_is_true():
    rows, fresh = rows_of(8000), rows_of(8000, seed=1)
    weights = fit(design(rows), torch.tensor([r["exact"] for r in rows], dtype=torch.float64))
    said = torch.sigmoid(design(fresh) @ weights)
    exact = torch.tensor([r["exact"] for r in fresh], dtype=torch.float64)
    for _, _, count, mean, right in reliability(said, exact):
        if count > 300:
            assert abs(mean - right) < 0.1


def test_the_weights_go_to_the_checkpoint(tmp_path, capsys):
    with open(tmp_path / "rows.csv", "w", newline="") as file:
        rows = rows_of(500)
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    (tmp_path / "config.json").write_text(json.dumps({"fovea": {"levels": ["tiny"]}}))
    main(["--rows", str(tmp_path / "rows.csv"), "--checkpoint", str(tmp_path)])
    config = json.loads((tmp_path / "config.json").read_text())
    assert set(config["fovea"]["confidence"]) == {"bias", "decoder", "weakest", "glyph_reader", "cells_per_token"}
    assert config["fovea"]["confidence"]["decoder"] < 0 and config["fovea"]["levels"] == ["tiny"]
    assert "mean confidence" in capsys.readouterr().out


def written(folder, rows):
    with open(folder / "rows.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    (folder / "config.json").write_text('{"fovea": {"levels": ["tiny"]}}')
    return ["--rows", str(folder / "rows.csv"), "--checkpoint", str(folder)]


@pytest.mark.parametrize("odd", ["-inf", "nan", "-1e30"])
def test_a_row_that_cannot_be_spoils_no_weight(tmp_path, odd):
    """One row of probability 0, which memctl experiment writes as -inf, had made all weights NaN."""
    rows = rows_of(600)
    for number in (3, 200):
        rows[number] = {**rows[number], "decoder": odd, "weakest": odd, "exact": 0.0}
    main(written(tmp_path, rows))
    weights = json.loads((tmp_path / "config.json").read_text())["fovea"]["confidence"]
    assert all(map(math.isfinite, weights.values())) and weights["decoder"] < 0


def test_doubt_has_an_end_that_is_the_librarys():
    table = design([{**rows_of(1)[0], "decoder": value} for value in (0.0, 1.0, -1000.0, -math.inf, math.nan)])
    assert table[:, 1].tolist() == pytest.approx([math.log(1e-4)] * 2 + [math.log(1000.0001)] * 3)


@pytest.mark.parametrize("text, said", [
    ("", "0 rows are too few"), ("a,b\n1,2\n", "rows.csv:2: not a line of memctl experiment's rows.csv"),
    ("decoder,weakest,glyph_reader,cells_per_token,exact\n-1,-1,0,88,1\n-1,-1,0\n", "rows.csv:3: not a line"),
    ("decoder,weakest,glyph_reader,cells_per_token,exact\n-1,much,0,88,1\n", "rows.csv:2: not a line")])
def test_a_table_that_is_none_is_told_by_its_line(tmp_path, capsys, text, said):
    command = written(tmp_path, rows_of(1))
    (tmp_path / "rows.csv").write_text(text)
    with pytest.raises(SystemExit):
        main(command)
    assert said in capsys.readouterr().err and "confidence" not in (tmp_path / "config.json").read_text()
    with pytest.raises(SystemExit):
        main(["--rows", str(tmp_path / "none.csv")])
    assert "none.csv" in capsys.readouterr().err
