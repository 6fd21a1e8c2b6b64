"""Curves: both kinds of log are read; pictures where matplotlib is installed."""

import json
import sys

import pytest

from fovea.training.measure.curves import draw, main, nines, read, series

TEXT = """\
[    2.3] tokenizer 5886
[   40.6] step 100 done 0.006 rate 0.253 bad 0 3.23 steps/s tiny32:6.193/0.117/0.054/0.055
[   52.0] step 200 done 0.015 rate 0.502 bad 0 8.77 steps/s tiny32:4.612/0.247/0.083/0.084 large64:9.1/0.1/0.2/0.3
[   60.0] step 300 done 0.020 rate 0.502 bad 0 8.77 steps/s tiny32:4.612/0.247/0.083/0.084 large64:5.0/0.2/0.2/0.
[   61.0] evaluation tiny 106 {}
"""


def point(step, stage="all", **pairs):
    return json.dumps({"step": step, "seconds": step / 5, "done": 0.1, "stage": stage, "rate": 1.0, "bad": 0,
                       "steps_per_second": 5.0, "loss": 2.0, "pairs": pairs})


def figures(steps, loss, right):
    return {"steps": steps, "loss": loss, "tokens": right, "glyphs": right, "patches": 0.5}


@pytest.fixture
def run(tmp_path):
    lines = [point(10, tiny32=figures(10, 4.0, 0.2)),
             point(20, tiny32=figures(4, 3.0, 0.4), large64=figures(6, 2.0, 0.9)),
             point(30, tiny32=figures(4, 9.0, 0.1)),
             point(20, tiny32=figures(5, 3.5, 0.3), large64=figures(5, 2.0, 0.9)),
             point(30, "joint", large64=figures(10, 1.0, 0.95)), '{"step": 40, "sec']
    (tmp_path / "metrics.jsonl").write_text("\n".join(lines))
    return tmp_path


def test_a_resumed_run_takes_the_place_of_what_it_did_again(run):
    points = read(run)
    assert [p.step for p in points] == [10, 20, 30]
    assert points[1].steps == {("tiny", 32): 5, ("large", 64): 5}
    assert series(points, ("tiny", 32), "loss") == ([10, 20], [4.0, 3.5])
    assert points[2].stage == "joint"


def test_the_text_log_is_read_too(tmp_path):
    (tmp_path / "train.log").write_text(TEXT)
    points = read(tmp_path)
    assert [(p.step, p.seconds, p.rate, p.speed) for p in points][1] == (200, 52.0, 0.502, 8.77)
    assert points[1].pairs["large", 64] == {"loss": 9.1, "tokens": 0.1, "glyphs": 0.2, "patches": 0.3}
    # Step 300 repeats tiny32: no batch of it in between.
    assert series(points, ("tiny", 32), "tokens") == ([100, 200], [0.117, 0.247])


def test_a_file_without_a_log_is_an_error(tmp_path, capsys):
    (tmp_path / "train.log").write_text("nothing\n")
    with pytest.raises(SystemExit):
        main([str(tmp_path)])
    assert "no line of a training log" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main([str(tmp_path / "away")])
    assert "No such file" in capsys.readouterr().err


def test_the_scale_ends_at_four_nines():
    assert nines(0.0) == 0 and nines(0.99) == pytest.approx(2) and nines(1.0) == 4


def test_without_matplotlib_the_package_is_named(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(SystemExit, match="python3-matplotlib"):
        main([str(run)])


def test_pictures_are_drawn_of_both_logs(run, tmp_path):
    pytest.importorskip("matplotlib")
    main([str(run)])
    assert sorted(f.name for f in (run / "curves").iterdir()) == ["glyphs.png", "loss.png", "run.png", "tokens.png"]
    (tmp_path / "train.log").write_text(TEXT)
    assert all(f.stat().st_size > 5000 for f in draw(read(tmp_path / "train.log"), tmp_path / "text"))
