"""The configuration of a run: one JSON file, checked before anything starts."""

from __future__ import annotations

import dataclasses
import difflib
import json
from pathlib import Path

from ..network.geometry import GRIDS, SIDES
from ..network.model_config import ENCODERS, ModelConfig
from ..text.corpus import DOMAINS
from .curriculum import pairs_of
from .stages import GROUPS, OVERRIDES, PARTS, stages_of

DEFAULT = Path(__file__).parents[1] / "configs" / "nano.json"
CODED = DEFAULT.with_name("coded.json")
REQUIRED = ("tokenizer", "levels", "densities", "hardest", "mix", "patches", "tokens", "reader_cells", "adamw_lr",
            "muon_lr", "warmup", "constant", "floor", "unlock", "weights", "seed")
OPTIONAL = {"model": {}, "compile": True, "stages": [], "token_code": {}, "disturbance": {}, "description": ""}
CODE = ("bits", "weights", "finer", "density", "ramp", "lr")
NUMBERS = ("hardest", "patches", "tokens", "reader_cells", "adamw_lr", "muon_lr", "warmup", "constant", "floor",
           "unlock", "seed", "share")
WEIGHTS = ("glyph_reader", "patch_reader", "balance")


class ConfigError(ValueError):
    """A configuration that cannot be trained; the message names the key."""


def _is_amount(value) -> bool:
    """A number, 0 or more."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0


def _known(where: str, keys, known) -> None:
    for key in keys:
        if key not in known:
            near = difflib.get_close_matches(str(key), known, 1)
            hint = f'did you mean "{near[0]}"?' if near else f"known: {', '.join(known)}"
            raise ConfigError(f'unknown key "{key}" in {where}; {hint}')


def _check_shares(where: str, given: dict) -> None:
    """What a stage can change as well as the whole run."""
    for key in NUMBERS:
        value = given.get(key, 0)
        if not _is_amount(value):
            raise ConfigError(f'"{where}{key}" must be a number, 0 or more; it is {json.dumps(value)}')
    for key, known in (("levels", list(SIDES)), ("densities", [str(c) for c in GRIDS]), ("mix", DOMAINS)):
        if key in given:
            _known(f"{where}{key}", given[key], known)
            if not any(share > 0 for share in given[key].values()):
                raise ConfigError(f'"{key}" in {where or "the configuration"} has no share above 0')
    if "weights" in given:
        _known(f"{where}weights", given["weights"], WEIGHTS)
        for key in WEIGHTS:
            if key not in given["weights"]:
                raise ConfigError(f'"{where}weights" lacks the key "{key}"')


def _check_code(given: dict) -> None:
    """`token_code`: none, or all of its keys."""
    _known("token_code", given, CODE)
    for key in CODE if given else ():
        if key not in given:
            raise ConfigError(f'"token_code" lacks the key "{key}"')
        tables = {"bits": list(SIDES), "weights": list(SIDES), "finer": DOMAINS}
        for name, value in given[key].items() if key in tables else ((key, given[key]),):
            if key in tables:
                _known(f"token_code.{key}", [name], tables[key])
            if not _is_amount(value):
                raise ConfigError(f'"token_code.{key}" holds {json.dumps(value)}; it takes numbers, 0 or more')


def _check_disturbance(given) -> None:
    _known("disturbance", given, list(SIDES))
    for level, steps in given.items():
        if not isinstance(steps, list) or not steps or not all(map(_is_amount, steps)):
            raise ConfigError(f'"disturbance.{level}" must be a list of steps, 0 or more; it is {json.dumps(steps)}')


def checked(cfg: dict) -> dict:
    """The configuration with its optional keys filled in. Raises ConfigError."""
    _known("the configuration", cfg, [*REQUIRED, *OPTIONAL])
    for key in REQUIRED:
        if key not in cfg:
            raise ConfigError(f'the key "{key}" is missing')
    cfg = {**OPTIONAL, **cfg}
    _known("model", cfg["model"], [f.name for f in dataclasses.fields(ModelConfig)])
    if cfg["model"].get("encoder", "image") not in ENCODERS:
        raise ConfigError(f'"model.encoder" is {json.dumps(cfg["model"]["encoder"])}; known: {", ".join(ENCODERS)}')
    _known("tokenizer", cfg["tokenizer"], ["characters"])
    _check_shares("", cfg)
    _check_code(cfg["token_code"])
    _check_disturbance(cfg["disturbance"])
    for i, stage in enumerate(cfg["stages"]):
        where = f"stages[{i}]"
        _known(where, stage, ["name", "share", "train", "freeze", *OVERRIDES])
        for key in ("name", "share"):
            if key not in stage:
                raise ConfigError(f'{where} lacks the key "{key}"')
        if "train" in stage and "freeze" in stage:
            raise ConfigError(f'{where} has both "train" and "freeze"; give one of them')
        for key in ("train", "freeze"):
            _known(f"{where}.{key}", stage.get(key, ()), [*PARTS, *GROUPS])
        _check_shares(f"{where}.", stage)
    try:
        stages = stages_of(cfg)
    except ValueError as error:
        raise ConfigError(str(error)) from None
    for stage in stages:
        if not pairs_of(stage.cfg):
            raise ConfigError(f'no level and density of stage "{stage.name}" are within "hardest"')
    return cfg


def load(file: str | Path) -> dict:
    """Raises ConfigError, with the file's name, when it is not there or not a configuration."""
    try:
        return checked(json.loads(Path(file).read_text()))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ConfigError(f"{file}: {reason}") from None


def trained_on(cfg: dict) -> tuple[list[str], list[int]]:
    """Levels and densities of any stage. 32 columns are for learning only."""
    stages = stages_of(cfg)
    levels = [x for x in SIDES if any(x in s.cfg["levels"] for s in stages)]
    return levels, [c for c in GRIDS if c > 32 and any(str(c) in s.cfg["densities"] for s in stages)]
