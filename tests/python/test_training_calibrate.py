import csv
import json

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
