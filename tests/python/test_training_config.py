"""Whatever stands in a run's configuration, it is refused by its key before anything starts, or can be trained."""

from __future__ import annotations

import copy
import json
import math

import numpy as np
import pytest

pytest.importorskip("torch")

from fovea.training.network.geometry import GRIDS, SIDES  # noqa: E402
from fovea.training.run import config  # noqa: E402
from fovea.training.run.curriculum import Curriculum  # noqa: E402
from fovea.training.run.stages import schedule, stages_of  # noqa: E402

SHIPPED = sorted(config.DEFAULT.parent.glob("*.json"))
WRONG = [None, True, False, "x", "", -1, 1.5, 0, [], [1], [[]], {}, {"x": 1}, {"": {}}, math.nan, math.inf, -math.inf]


def places(value, at=()):
    """The path to every value of a document."""
    if at:
        yield at
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(inner, (*at, key))


def with_value(document: dict, at: tuple, value) -> dict:
    changed = copy.deepcopy(document)
    inner = changed
    for key in at[:-1]:
        inner = inner[key]
    inner[at[-1]] = value
    return changed


def could_begin(cfg: dict) -> None:
    """What a run does with its configuration before and between its steps, short of the steps."""
    for stage in stages_of(cfg):
        for begins_reading in (False, True):
            curriculum = Curriculum(stage.cfg, start_open=begins_reading)
            assert curriculum.pick(1) in curriculum.pairs
            curriculum.done = 1.0
            curriculum.learn(curriculum.pick(2), [1.0, 0.5, 0.5, 0.5])
            assert curriculum.pick(3) in curriculum.open == set(curriculum.pairs)
        for step in (0, 1, 1000):
            assert 0 <= schedule(stage.within(0.7), step, stage.cfg) < math.inf
        shares = np.array(list(stage.cfg["mix"].values()))
        np.random.default_rng(cfg["seed"]).choice(len(shares), 3, p=shares / shares.sum())
        for level in stage.cfg["levels"]:
            assert max(1, cfg["patches"] // (SIDES[level] // 16) ** 2) >= 1
        for count in (cfg["tokens"], cfg["reader_cells"]):
            assert np.zeros(count).size > 0
    for characters in cfg["tokenizer"]["characters"].values():
        range(characters // 4000)


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_every_configuration_that_ships_can_be_trained(file):
    cfg = config.load(file)
    could_begin(cfg)
    levels, densities = config.trained_on(cfg)
    assert levels == [level for level in SIDES if level in levels] and set(densities) <= set(GRIDS) - {32}
    assert config.checked(cfg) == cfg  # as a resumed run has it


@pytest.mark.parametrize("file", ["coded", "two_stages"])
def test_a_wrong_value_is_refused_by_its_key_or_can_be_trained(file):
    """Each value of a whole configuration in turn becomes each of the wrong ones."""
    given = {**json.loads((config.DEFAULT.parent / f"{file}.json").read_text()),
             "model": {"width": 512, "sam_global": [2, 5], "encoder": "image", "address_scale": 2.0},
             "disturbance": {"tiny": [0.1, 0.2]}}
    config.checked(given)
    tried = refused = 0
    for at in places(given):
        for value in WRONG:
            tried += 1
            try:
                cfg = config.checked(with_value(given, at, value))
            except config.ConfigError as error:
                refused += 1
                named = [str(key) for key in at if isinstance(key, str)]
                assert any(key in str(error) for key in named), (at, value, str(error))
            else:
                could_begin(cfg)
    assert tried > 500 and refused > 0.7 * tried


@pytest.mark.parametrize("text", ["", "[", "null", "3", '"nano"', "[]", "[1]", "NaN", '{"seed": 1', "\udcff", "{}"])
def test_a_file_that_is_no_configuration_is_refused_by_its_name(tmp_path, text):
    file = tmp_path / "given.json"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(config.ConfigError, match="given.json: "):
        config.load(file)


def test_a_level_without_a_share_is_left_out_not_given_none():
    """A run begins with one pair: with no share in it there would be nothing to pick."""
    given = json.loads(config.DEFAULT.read_text())
    for key, name in (("levels", "tiny"), ("densities", "32")):
        with pytest.raises(config.ConfigError, match=f'"{key}.{name}" has no share; leave it out'):
            config.checked({**given, key: {**given[key], name: 0}})
    could_begin(config.checked({**given, "levels": {"base": 1}}))


def test_what_a_stage_changes_is_checked_as_the_whole_is():
    given = json.loads(config.DEFAULT.read_text())
    for change, message in (({"adamw_lr": -1}, '"stages[0].adamw_lr" must be a number, 0 or more; it is -1'),
                            ({"levels": {"tiny": "x"}}, '"stages[0].levels.tiny" must be a number'),
                            ({"mix": {}}, '"mix" in stages[0] has no share above 0'),
                            ({"weights": {"balance": 1}}, 'lacks the key "glyph_reader"'),
                            ({"train": "decoder"}, '"stages[0].train" must be a list of parts; it is "decoder"'),
                            ({"seed": 3}, 'unknown key "seed" in stages[0]')):
        with pytest.raises(config.ConfigError) as error:
            config.checked({**given, "stages": [{"name": "a", "share": 1, **change}]})
        assert message in str(error.value)


def test_the_pooled_encoder_and_its_sizes_are_checked_by_kind():
    given = json.loads(config.DEFAULT.read_text())
    for model, message in (({"width": 1.5}, '"model.width" must be a whole number, 0 or more; it is 1.5'),
                           ({"sam_global": 2}, '"model.sam_global" must be a list of numbers, 0 or more; it is 2'),
                           ({"address_scale": "2"}, '"model.address_scale" must be a number, 0 or more; it is "2"'),
                           ({"encoder": 3}, '"model.encoder" is 3; known: image, pooled')):
        with pytest.raises(config.ConfigError) as error:
            config.checked({**given, "model": model})
        assert message in str(error.value)
    assert config.checked({**given, "model": {"encoder": "pooled", "pool_waves": [4, 8]}})["model"]["pool_waves"] == [4, 8]
