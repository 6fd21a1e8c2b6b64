"""Stages and the configuration that describes them."""

import copy
import json
import pathlib

import pytest

torch = pytest.importorskip("torch")

from fovea.training.__main__ import COMMANDS  # noqa: E402
from fovea.training.network.token_code import LevelCode  # noqa: E402
from fovea.training.run import config  # noqa: E402
from fovea.training.run.curriculum import Curriculum  # noqa: E402
from fovea.training.run.optim import Optimiser  # noqa: E402
from fovea.training.run.stages import GROUPS, PARTS, freeze, part_of, stage_at, stages_of  # noqa: E402
from fovea.training.run.trainer import Trainer  # noqa: E402

NANO = config.load(config.DEFAULT)
TWO = config.load(config.DEFAULT.parent / "two_stages.json")


@pytest.fixture
def trainer(model, alphabet):
    return Trainer(copy.deepcopy(model), alphabet, NANO, "cpu")


def stage(**keys):
    return stages_of({**NANO, "stages": [{"name": "s", "share": 1.0, **keys}]})[0]


def optimiser_of(trainer):
    return Optimiser(trainer.named_parameters(), 1e-2, 1e-2)


def take_a_step(trainer, optimiser):
    optimiser.zero()
    sum((p**2).sum() for p in trainer.parameters() if p.requires_grad).backward()
    assert optimiser.step(1.0)


def test_without_stages_everything_learns():
    (only,) = stages_of(NANO)
    assert set(only.parts) == set(PARTS) and (only.begin, only.end) == (0, 1)


def test_every_parameter_is_in_exactly_one_part(trainer):
    trainer.model.token_code["tiny"] = LevelCode(32, 32, 3)
    starts = [start for part in PARTS.values() for start in part]
    for name, _ in trainer.named_parameters():
        assert sum(name.startswith(start) for start in starts) == 1, name
    assert {part_of(name) for name, _ in trainer.named_parameters()} == set(PARTS) - {"pooled_encoder"}


def test_two_stages_freeze_what_deepseek_ocr_froze():
    first, second = stages_of(TWO)
    assert set(first.parts) == set(PARTS)
    assert set(second.parts) == set(PARTS) - {"first_tower", "compressor", "patch_reader"}
    assert stage_at([first, second], 0.59) == 0 and stage_at([first, second], 0.6) == 1
    assert stage_at([first, second], 1.0) == 1
    assert second.within(0.8) == pytest.approx(0.5)
    assert second.cfg["adamw_lr"] == 0.0006 and first.cfg["adamw_lr"] == 0.001


def test_frozen_parts_stay_as_they_are_and_the_others_change(trainer):
    chosen = stage(freeze=["first_tower", "compressor"])
    freeze(trainer, chosen)
    before = {name: p.detach().clone() for name, p in trainer.named_parameters()}
    optimiser = optimiser_of(trainer)
    assert len(optimiser.gradient) == sum(p.numel() for n, p in trainer.named_parameters() if chosen.learns(n))
    for _ in range(2):
        take_a_step(trainer, optimiser)
    for name, p in trainer.named_parameters():
        frozen = part_of(name) in ("first_tower", "compressor")
        assert torch.equal(p, before[name]) == (frozen or not before[name].any()), name


def test_train_names_the_parts_that_learn():
    encoder = ("first_tower", "compressor", "second_tower", "projector", "pooled_encoder")
    assert stage(train=["decoder", "encoder"]).parts == (*encoder, "decoder")


def test_moments_of_what_goes_on_learning_are_kept(trainer):
    freeze(trainer, stage())
    all_of_it = optimiser_of(trainer)
    take_a_step(trainer, all_of_it)
    held = {name: t.clone() for name, t in all_of_it.state().items()}
    freeze(trainer, stage(train=["decoder"]))
    decoder = optimiser_of(trainer)
    decoder.load_state(held)
    state = decoder.state()
    assert state and all(torch.equal(t, held[name]) for name, t in state.items())
    assert "adamw.average.model.norm.weight" in state
    assert "muon.momentum.model.layers.0.self_attn.q_proj.weight" in state
    assert not any("sam_model" in name for name in state)


def test_the_curriculum_goes_on_with_the_pairs_of_a_stage():
    cfg = {"levels": {"tiny": 1, "large": 1}, "densities": {"32": 1, "64": 1}, "hardest": 100, "unlock": 0.75}
    c = Curriculum(cfg)
    c.learn(("tiny", 32), [1, 0.9, 0.8, 0.8])
    c.enter({**cfg, "levels": {"large": 1}})
    assert c.open == {("large", 64)} and c.pick(1) == ("large", 64) and ("tiny", 32) in c.skill
    again = Curriculum(cfg)
    again.load_state(json.loads(json.dumps(c.state())))
    assert again.open == c.open and again.skill == c.skill


@pytest.mark.parametrize(
    "change, message",
    [
        ({"muon_rl": 1}, 'unknown key "muon_rl" in the configuration; did you mean "muon_lr"'),
        ({"model": {"widht": 3}}, 'unknown key "widht" in model'),
        ({"levels": {"huge": 1}}, 'unknown key "huge" in levels'),
        ({"densities": {"107": 1}}, 'unknown key "107" in densities'),
        ({"mix": {"poems": 1}}, 'unknown key "poems" in mix'),
        ({"weights": {"glyph_reader": 1, "balance": 1}}, 'lacks the key "patch_reader"'),
        ({"adamw_lr": "fast"}, '"adamw_lr" must be a number, 0 or more; it is "fast"'),
        ({"stages": [{"name": "a", "share": -1}]}, '"stages[0].share" must be a number'),
        ({"hardest": 1}, 'are within "hardest"'),
        ({"stages": [{"name": "a", "share": 1, "frezze": []}]}, 'unknown key "frezze" in stages[0]'),
        ({"stages": [{"name": "a", "share": 1, "train": ["sam"]}]}, 'unknown key "sam" in stages[0].train'),
        ({"stages": [{"name": "a", "share": 1, "train": ["all"], "freeze": ["decoder"]}]}, "give one of them"),
        ({"stages": [{"name": "a", "share": 1, "freeze": ["all"]}]}, 'stage "a" trains nothing'),
        ({"stages": [{"name": "a", "share": 0.5}]}, "they sum to 0.5"),
        ({"stages": [{"share": 1}]}, 'stages[0] lacks the key "name"'),
    ],
)
def test_a_wrong_configuration_is_refused_by_the_key(change, message):
    with pytest.raises(config.ConfigError) as error:
        config.checked({**NANO, **change})
    assert message in str(error.value)


def test_a_missing_key_is_named():
    with pytest.raises(config.ConfigError, match='the key "unlock" is missing'):
        config.checked({key: value for key, value in NANO.items() if key != "unlock"})


def test_a_configuration_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(config.ConfigError, match="none.json: No such file"):
        config.load(tmp_path / "none.json")
    (tmp_path / "bad.json").write_text("{")
    with pytest.raises(config.ConfigError, match="bad.json"):
        config.load(tmp_path / "bad.json")


def test_the_manual_has_every_key_part_and_command():
    manual = (pathlib.Path(__file__).resolve().parents[2] / "doc" / "training.md").read_text()
    names = [*config.REQUIRED, *config.OPTIONAL, *config.WEIGHTS, *PARTS, *GROUPS]
    assert [name for name in names if f"`{name}" not in manual] == []
    assert [name for name in COMMANDS if f"`{name}`" not in manual and f"fovea.training {name} " not in manual] == []
