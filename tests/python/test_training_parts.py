"""Small parts of a training run: its clock, its log, what it tells of itself, which pages come next, what is held out."""

from __future__ import annotations

import collections
import json
import os
import pathlib
import random
import signal

import numpy as np
import pytest
import torch

from fovea.training.run import clock as clocks
from fovea.training.run import config
from fovea.training.run.clock import Clock, Stop
from fovea.training.run.curriculum import Curriculum, cells_per_token, pairs_of
from fovea.training.run.log import Log
from fovea.training.run.ranks import Ranks
from fovea.training.run.run_state import RunState
from fovea.training.text.gather.gathered import is_held_out
from fovea.training.text.histories.choice import Choice

CONFIG = {"levels": {"large": 1, "tiny": 2, "trace": 1}, "densities": {"32": 1, "64": 1, "106": 3}, "hardest": 120, "unlock": 0.9}


# Time


def test_seconds_count_from_when_compiling_is_over_and_go_on_from_earlier_calls(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(clocks.time, "time", lambda: now[0])
    clock = Clock(used=50, free_steps=2)
    assert clock.seconds == 50
    clock.tick()
    now[0] += 100
    assert clock.seconds == 50  # still compiling
    clock.tick()
    now[0] += 7
    clock.tick()
    assert clock.seconds == 57


def test_the_first_signal_is_remembered_and_a_second_one_ends_a_run_that_is_alone():
    taken: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: taken.append(number))
    try:
        alone = Stop(ranks=1)
        os.kill(os.getpid(), signal.SIGTERM)
        assert alone.signal == signal.SIGTERM and taken == []
        os.kill(os.getpid(), signal.SIGTERM)
        assert taken == [signal.SIGTERM]
        many = Stop(ranks=2)
        for _ in range(3):  # torchrun sends several
            os.kill(os.getpid(), signal.SIGTERM)
        assert many.signal == signal.SIGTERM and taken == [signal.SIGTERM]
        many.release()
        os.kill(os.getpid(), signal.SIGTERM)
        assert taken == [signal.SIGTERM] * 2
    finally:
        signal.signal(signal.SIGTERM, before)


# What is told


def test_only_the_first_rank_writes_and_seconds_go_on(tmp_path, capsys):
    first, second = Log(tmp_path, True, earlier=100), Log(tmp_path, False, earlier=100)
    for log in (first, second):
        log("step", 7)
        log.metrics({"step": 7, "loss": 1.5})
    line = (tmp_path / "train.log").read_text()
    assert line == capsys.readouterr().out and line.startswith("[  100.") and line.endswith("] step 7\n")
    assert [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()] == [{"step": 7, "loss": 1.5}]


def test_a_state_comes_back_as_it_was_told():
    state = RunState(step=9, bad=1, done=0.5, stage=2, stage_step=4)
    state.add(("tiny", 106), torch.tensor([1.0, 0.5, 0.25, 0.0]))
    state.add(("tiny", 106), torch.tensor([2.0, 0.5, 0.25, 0.0]))
    facts = json.loads(json.dumps(state.facts()))
    assert facts["measured"] == [["tiny", 106, 1.0, 0.5, 0.25, 0.0], ["tiny", 106, 2.0, 0.5, 0.25, 0.0]]
    again = RunState.of(facts)
    assert (again.step, again.bad, again.done, again.stage, again.stage_step) == (9, 1, 0.5, 2, 4)
    assert RunState.of({}) == RunState()


def test_of_a_levels_batches_the_last_four_are_remembered():
    state = RunState()
    for number in range(6):
        state.remember("tiny", np.array([number]))
    state.remember("base", np.array([9]))
    assert [int(glyphs[0]) for glyphs in state.recent["tiny"]] == [2, 3, 4, 5] and len(state.recent["base"]) == 1


def test_without_torchrun_a_process_is_the_only_one(monkeypatch):
    for name in ("RANK", "WORLD_SIZE"):
        monkeypatch.delenv(name, raising=False)
    ranks = Ranks.of_environment()
    values = torch.tensor([1.0, 2.0])
    ranks.average(values)
    assert ranks == Ranks(0, 1) and ranks.first and values.tolist() == [1, 2] and ranks.join(cpu=True) == "cpu"
    ranks.leave()
    monkeypatch.setenv("RANK", "2")
    monkeypatch.setenv("WORLD_SIZE", "4")
    assert Ranks.of_environment() == Ranks(2, 4) and not Ranks.of_environment().first


# Which pages come next


def test_pairs_are_the_ones_that_can_be_read_the_easiest_first():
    pairs = pairs_of(CONFIG)
    hard = [cells_per_token(pair) for pair in pairs]
    assert hard == sorted(hard) and max(hard) <= 120 < cells_per_token(("trace", 64)) < cells_per_token(("trace", 106))
    assert ("tiny", 32) in pairs and ("large", 32) not in pairs  # the easiest pages are a bridge of one level
    assert cells_per_token(("large", 106)) == 106 * 53 / 400 and cells_per_token(("tiny", 64)) == 64 * 32 / 64
    assert set(pairs) == {("tiny", 32), ("large", 64), ("large", 106), ("tiny", 64), ("tiny", 106)}


@pytest.mark.parametrize("name", ["nano.json", "drawn_characters.json"])
def test_a_shipped_configuration_begins_with_the_easiest_pages(name):
    assert Curriculum(config.load(config.DEFAULT.with_name(name))).open == {("tiny", 32)}


def test_without_pages_to_learn_on_the_widest_cells_come_first():
    without = {**CONFIG, "densities": {"64": 1, "106": 1}}
    assert Curriculum(without).open == {("large", 64)}
    assert Curriculum({**without, "levels": {"tiny": 1, "trace": 1}, "hardest": 360}).open == {("tiny", 64)}


def test_a_pair_joins_when_easier_ones_are_read():
    curriculum = Curriculum(CONFIG)
    assert curriculum.open == {("tiny", 32)} and {curriculum.pick(number) for number in range(20)} == {("tiny", 32)}
    curriculum.learn(("tiny", 32), [1.0, 0.5, 0.89, 0])
    assert curriculum.open == {("tiny", 32)}  # below what unlocks
    curriculum.learn(("tiny", 32), [1.0, 0.5, 0.99, 0])
    assert curriculum.skill[("tiny", 32)][2] == pytest.approx(0.7 * 0.89 + 0.3 * 0.99)
    for _ in range(20):
        curriculum.learn(("tiny", 32), [1.0, 0.5, 0.99, 0])
    reach = 4 * cells_per_token(("tiny", 32))
    assert curriculum.open == {pair for pair in curriculum.pairs if cells_per_token(pair) <= reach} and len(curriculum.open) > 1


def test_late_in_a_run_every_pair_has_joined():
    curriculum = Curriculum(CONFIG)
    for done, least in ((0.1, 1), (0.2, 2), (0.36, 5)):
        curriculum.done = done
        curriculum.learn(("tiny", 32), [9.0, 0.0, 0.0, 0.0])
        assert len(curriculum.open) >= least
    assert curriculum.open == set(curriculum.pairs)


def test_hard_pages_come_more_often_and_every_rank_picks_the_same():
    one, other = Curriculum(CONFIG, start_open=True), Curriculum(CONFIG, start_open=True)
    for curriculum in (one, other):
        for pair in curriculum.pairs:
            curriculum.learn(pair, [0.1, 0.2 if pair == ("tiny", 106) else 0.99, 0.99, 0])
    picks = [one.pick(number) for number in range(400)]
    assert picks == [other.pick(number) for number in range(400)]
    counts = collections.Counter(picks)
    assert counts[("tiny", 106)] > 250 and counts[("tiny", 32)] < 10 and len(counts) >= 4


def test_a_curriculum_goes_on_from_its_state_and_into_another_stage():
    before = Curriculum(CONFIG)
    for _ in range(9):
        before.learn(("tiny", 32), [1.0, 0.5, 0.99, 0])
    before.done = 0.3
    after = Curriculum(CONFIG)
    after.load_state(json.loads(json.dumps(before.state())))
    assert (after.open, after.skill, after.done, after.summary()) == (before.open, before.skill, 0.3, before.summary())
    assert [after.pick(number) for number in range(50)] == [before.pick(number) for number in range(50)]
    after.enter({**CONFIG, "levels": {"large": 1}})
    assert after.open <= {("large", 64), ("large", 106)} and after.open and after.skill == before.skill


# Choices


def test_what_weighs_more_is_drawn_more_often_and_the_same_for_the_same_seed():
    choice = Choice((9, "often"), (1, "seldom"))
    drawn = collections.Counter(choice.draw_many(random.Random(1), 2000))
    assert 1700 < drawn["often"] < 1900 and set(drawn) == {"often", "seldom"}
    assert [choice.draw(random.Random(seed)) for seed in range(9)] == [choice.draw(random.Random(seed)) for seed in range(9)]
    assert Choice((1, "only")).draw(random.Random(1)) == "only"


def test_copies_and_versions_of_a_file_fall_on_one_side():
    names = [f"chapter-{number}" for number in range(4000)]
    held = [name for name in names if is_held_out(pathlib.Path(name))]
    assert 60 < len(held) < 140  # one in forty
    for name in held[:9]:
        for path in (f"/other/{name}.txt", f"{name.upper()}.MD", f"a/b/{name}.py"):
            assert is_held_out(pathlib.Path(path))
    is_held_out(pathlib.Path("\udcff.txt"))  # any name
