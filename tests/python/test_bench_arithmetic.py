"""What the benches make of what they measured: medians, ratios, tables, plans."""

from __future__ import annotations

import json
import math
import pathlib
import sys

import pytest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "bench"), str(REPOSITORY / "bench" / "growth")]

import compare_pytorch  # noqa: E402
import fleet  # noqa: E402
import growth  # noqa: E402
import kill  # noqa: E402

# Growth


def test_a_cost_has_the_exponent_of_its_growth_since_the_size_before():
    assert growth.cells([100, 1000, 10_000], [1.0, 10.0, 10.0]) == ["1", "10 (1.00)", "10 (0.00)"]
    assert growth.cells([100, 400], [2.0, 4.0]) == ["2", "4 (0.50)"]
    assert growth.cells([100, 1000], [5.0, 0.5]) == ["5", "0.5 (-1.00)"]


def test_what_was_not_measured_at_a_size_has_no_cell_and_no_exponent_after_it():
    assert growth.cells([1, 10, 100], [1.0, None, 3.0]) == ["1", "", "3"]
    assert growth.cells([1, 10], [0.0, 3.0]) == ["0", "3"]  # too short for the clock
    assert growth.cells([], []) == []


def test_large_costs_have_no_digits_that_say_nothing():
    assert [growth.short(value) for value in (0.01234, 9.876, 99.96, 100, 12345.6)] == ["0.0123", "9.88", "100", "100", "12,346"]


def found_at(pages: int, seconds: float) -> dict:
    return {"pages": pages, "open": {"seconds": seconds, "first": 2 * seconds, "bytes": 1e6 * pages}}


def test_tables_have_a_line_an_operation_and_a_column_a_size():
    text = growth.markdown({"sizes": [found_at(100, 0.001), found_at(10_000, 0.1)],
                            "page": {"level": {"large": 0.5, "base": 0.25}},
                            "processes": {"search: words": {"1": 0.01, "8": 0.02}}})
    calls, first, memory, levels, processes = text.rstrip("\n").split("\n\n")
    assert calls.splitlines()[:3] == ["| ms a call | 100 | 10,000 |", "|---|---|---|", "| open | 1 | 100 (1.00) |"]
    assert "| open | 2 | 200 (1.00) |" in first and "| open | 100 | 10,000 (1.00) |" in memory
    assert "| verify |  |  |" in calls  # it was left out
    assert levels == "| level | large | base |\n|---|---|---|\n| ms a call | 500 | 250 |"
    assert processes.endswith("| ms a call | 10 | 20 |")
    assert growth.markdown({"sizes": [found_at(100, 1)]}).count("\n\n") == 2


# Fleets


PAGES = {"draw": 0.01, "encode": 0.2, "measure": 0.5, "file": {"whole": 0.25, "bytes": 20_000, "pages": 30}}


def test_a_plan_is_so_much_a_page():
    planned = fleet.plan({"pages": PAGES}, a_day=8_640_000, held=1e9, busy=0.5)
    assert planned["pages_a_second"] == pytest.approx(200)
    assert planned["worker_cores"] == pytest.approx(50)
    assert planned["of_these_to_draw"] == pytest.approx(2) and planned["of_these_to_encode"] == pytest.approx(40)
    assert planned["of_these_to_write"] == pytest.approx(8)
    assert sum(planned[f"of_these_to_{part}"] for part in ("draw", "encode", "write")) == pytest.approx(planned["worker_cores"])
    assert planned["cores_more_if_all_is_read_back"] == pytest.approx(100)
    assert planned["terabytes_held"] == pytest.approx(20) and planned["gigabytes_more_a_day"] == pytest.approx(172.8)
    assert planned["days_until_held"] == pytest.approx(1e9 / 8_640_000)
    assert planned["server_cores"] == 0
    assert "terabytes_of_word_index" not in planned and "driver_bytes_a_file" not in planned


def test_a_plan_takes_the_servers_costs_and_the_largest_number_of_files():
    server = {"whole": 0.2, "bytes": 30_000, "of_server": 0.05, "word_index_bytes": 4000}
    files = [{"files": 10, "list": 9, "send": 9, "grown_bytes": 9}, {"files": 1000, "list": 0.001, "send": 0.003, "grown_bytes": 5e6}]
    planned = fleet.plan({"pages": PAGES | {"server": server}, "files": files}, a_day=8_640_000, held=1e9, busy=1)
    assert planned["worker_cores"] == pytest.approx(20) and planned["server_cores"] == pytest.approx(5)
    assert planned["of_these_to_write"] == 0  # drawing and encoding took more than the whole: no less than nothing
    assert planned["terabytes_of_word_index"] == pytest.approx(4)
    assert planned["driver_hours_a_day_at_10_pages_a_file"] == pytest.approx(0.96)
    assert planned["driver_bytes_a_file"] == 5000


def told_by_fleet(monkeypatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["fleet.py", *arguments])
    fleet.main()


def test_a_plan_without_figures_says_how_to_get_them(tmp_path, monkeypatch, capsys):
    for figures in (tmp_path / "none.json", tmp_path / "files.json"):
        (tmp_path / "files.json").write_text(json.dumps({"files": []}))
        with pytest.raises(SystemExit) as ended:
            told_by_fleet(monkeypatch, "plan", "--figures", str(figures))
        assert ended.value.code == 2
        assert f"{figures} has no costs of pages; measure them first: bench/fleet.py pages" in capsys.readouterr().err


def test_a_plan_is_read_from_the_last_figures(tmp_path, monkeypatch, capsys):
    (tmp_path / "f.json").write_text(json.dumps({"pages": PAGES}))
    told_by_fleet(monkeypatch, "plan", "--figures", str(tmp_path / "f.json"), "--a-day", "86400", "--busy", "1")
    assert json.loads(capsys.readouterr().out)["pages_a_second"] == 1


def test_text_to_fill_scopes_with_is_the_same_again_and_no_two_alike():
    text = fleet.text_of(3, 2)
    assert text == fleet.text_of(3, 2) != fleet.text_of(4, 2)
    lines = text.splitlines()
    assert len(lines) == 2 * 62 and max(map(len, lines)) <= 92 and len(set(lines)) > 120
    words = " ".join(lines).split()
    assert words.count(max(set(words), key=words.count)) > 10  # some come often, as in prose


def test_a_core_works_for_what_is_timed():
    seconds, made = fleet.timed(sorted, [2, 1], reverse=True)
    assert made == [2, 1] and seconds >= 0


# Killing


class Finished(kill.Killer):
    """Without a worker: knows what a whole store has."""

    def __init__(self, pages: int) -> None:
        self.pages = pages


def test_each_work_is_done_when_the_store_has_what_it_should():
    one = Finished(9)
    found = {"messages": kill.MESSAGES, "pages": 9, "faint": 9}
    assert all(one.is_done(work, found) for work in ("compact", "age", "index"))
    assert one.is_done("erase", found | {"pages": 6}) and not one.is_done("erase", found)
    for work, change in (("compact", {"messages": kill.MESSAGES - 1}), ("compact", {"pages": 8}), ("age", {"faint": 8}),
                         ("age", {"faint": 8, "pages": 8}), ("index", {"pages": 10})):
        assert not one.is_done(work, found | change), (work, change)


def test_a_store_that_is_damaged_ends_the_run_with_what_was_found(tmp_path):
    worker = tmp_path / "worker"
    worker.write_text("#!/bin/sh\necho 'page 3 is damaged' >&2; exit 4\n")
    worker.chmod(0o755)
    one = Finished(9)
    one.worker = worker
    with pytest.raises(SystemExit, match="store.db: page 3 is damaged"):
        one.check("store.db")


# PyTorch


def runs(*seconds: float) -> list[dict]:
    return [{f"{name}_seconds": one for name in compare_pytorch.RATES} | {"ids": [at]} for at, one in enumerate(seconds)]


def test_of_turns_the_best_counts_and_the_rest_is_the_last_ones():
    assert compare_pytorch.best(runs(3, 1, 2)) == {"encode_seconds": 1, "prefill_seconds": 1, "decode_seconds": 1, "ids": [2]}


GIVEN = {"device": "cpu", "level": "base", "pages": 4, "sequences": 16, "prompt_tokens": 300}


def rates(factor: float) -> dict:
    return {"encode_seconds": 2 * factor, "prefill_seconds": 4.8 * factor, "decode_seconds": 0.8 * factor,
            "peak_resident_bytes": 3e9 * factor, "peak_anonymous_bytes": 1e9 * factor, "gpu_bytes": 5e9 * factor}


def test_every_ratio_says_how_many_times_better_ours_is():
    rows = compare_pytorch.table(GIVEN, rates(1), rates(2))
    assert [row.split()[-1] for row in rows] == ["2.00x"] * 5  # less time and less memory
    assert "2.00" in rows[0] and "1,000" not in rows[1] and "1000.00" in rows[1] and "20.00" in rows[2]
    assert rows[1].startswith("decoder, 16 prompts") and rows[2].startswith("decoder, 16 answers")
    on_gpu = compare_pytorch.table(GIVEN | {"device": "cuda:1", "sequences": 1}, rates(1), rates(0.5))
    assert len(on_gpu) == 4 and on_gpu[3].startswith("memory of the GPU") and "5.00" in on_gpu[3]
    assert on_gpu[1].startswith("decoder, 1 prompt ") and on_gpu[0].endswith("0.50x")


def test_a_program_that_fails_is_named_with_its_last_words(tmp_path):
    with pytest.raises(SystemExit, match="false failed"):
        compare_pytorch.run(["false"], tmp_path, {"device": "cpu"})
    said = compare_pytorch.run(["sh", "-c", 'echo loading; echo "{\\"a\\": 1}"'], tmp_path, {"device": "cpu"})
    assert said == {"a": 1, "gpu_bytes": 0}
    assert math.isfinite(said["gpu_bytes"])
