"""The configuration of a run: one JSON file, checked before anything starts."""

from __future__ import annotations

import dataclasses
import difflib
import json
import math
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
NUMBERS = ("hardest", "adamw_lr", "muon_lr", "warmup", "constant", "floor", "unlock", "seed", "share")
COUNTS = ("patches", "tokens", "reader_cells")
WEIGHTS = ("glyph_reader", "patch_reader", "balance")


class ConfigError(ValueError):
    """A configuration that cannot be trained; the message names the key."""


def _fail(key: str, expected: str, value) -> None:
    raise ConfigError(f'"{key}" must be {expected}; it is {json.dumps(value)}')


def _is_amount(value) -> bool:
    """A number, 0 or more."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < math.inf


def _is_count(value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _known(where: str, keys, known) -> None:
    for key in keys:
        if key not in known:
            near = difflib.get_close_matches(str(key), known, 1)
            hint = f'did you mean "{near[0]}"?' if near else f"known: {', '.join(known)}"
            raise ConfigError(f'unknown key "{key}" in {where}; {hint}')


def _check_table(where: str, given, known) -> None:
    """An object of known names, each with an amount."""
    if not isinstance(given, dict):
        _fail(where, "an object", given)
    _known(where, given, known)
    for key, value in given.items():
        if not _is_amount(value):
            _fail(f"{where}.{key}", "a number, 0 or more", value)


def _check_shares(where: str, given: dict) -> None:
    """What a stage can change as well as the whole run."""
    for key in NUMBERS:
        if not _is_amount(given.get(key, 0)):
            _fail(where + key, "a number, 0 or more", given[key])
    for key in COUNTS:
        if not _is_count(given.get(key, 1)):
            _fail(where + key, "a whole number above 0", given[key])
    for key, known in (("levels", list(SIDES)), ("densities", [str(c) for c in GRIDS]), ("mix", DOMAINS)):
        if key in given:
            _check_table(where + key, given[key], known)
            if not any(given[key].values()):
                raise ConfigError(f'"{key}" in {where.rstrip(".") or "the configuration"} has no share above 0')
    for key in ("levels", "densities"):  # a run may begin with any of their pairs
        for name, share in given.get(key, {}).items():
            if not share:
                raise ConfigError(f'"{where}{key}.{name}" has no share; leave it out')
    if "weights" in given:
        _check_table(f"{where}weights", given["weights"], WEIGHTS)
        for key in WEIGHTS:
            if key not in given["weights"]:
                raise ConfigError(f'"{where}weights" lacks the key "{key}"')


def _check_model(given) -> None:
    """Sizes are of the kinds that `ModelConfig` has."""
    if not isinstance(given, dict):
        _fail("model", "an object", given)
    kinds = {field.name: field for field in dataclasses.fields(ModelConfig)}
    _known("model", given, list(kinds))
    for key, value in given.items():
        kind = type(kinds[key].default)
        if kind is tuple:
            if not isinstance(value, list) or not all(map(_is_amount, value)):
                _fail(f"model.{key}", "a list of numbers, 0 or more", value)
        elif kind is str:
            if value not in ENCODERS:
                raise ConfigError(f'"model.{key}" is {json.dumps(value)}; known: {", ".join(ENCODERS)}')
        elif not _is_amount(value) or (kind is int and not isinstance(value, int)):
            _fail(f"model.{key}", "a whole number, 0 or more" if kind is int else "a number, 0 or more", value)


def _check_code(given) -> None:
    """`token_code`: none, or all of its keys."""
    if not isinstance(given, dict):
        _fail("token_code", "an object", given)
    _known("token_code", given, CODE)
    tables = {"bits": list(SIDES), "weights": list(SIDES), "finer": DOMAINS}
    for key in CODE if given else ():
        if key not in given:
            raise ConfigError(f'"token_code" lacks the key "{key}"')
        if key in tables:
            _check_table(f"token_code.{key}", given[key], tables[key])
        elif not _is_amount(given[key]):
            _fail(f"token_code.{key}", "a number, 0 or more", given[key])


def _check_disturbance(given) -> None:
    if not isinstance(given, dict):
        _fail("disturbance", "an object", given)
    _known("disturbance", given, list(SIDES))
    for level, steps in given.items():
        if not isinstance(steps, list) or not steps or not all(map(_is_amount, steps)):
            _fail(f"disturbance.{level}", "a list of steps, 0 or more", steps)


def _check_tokenizer(given) -> None:
    if not isinstance(given, dict):
        _fail("tokenizer", "an object", given)
    _known("tokenizer", given, ["characters"])
    if "characters" not in given:
        raise ConfigError('"tokenizer" lacks the key "characters"')
    _check_table("tokenizer.characters", given["characters"], DOMAINS)
    for domain, characters in given["characters"].items():
        if not _is_count(characters):
            _fail(f"tokenizer.characters.{domain}", "a whole number above 0", characters)
    if not given["characters"]:
        raise ConfigError('"tokenizer.characters" has no text to make a tokenizer from')


def _check_stage(where: str, stage) -> None:
    if not isinstance(stage, dict):
        _fail(where, "an object", stage)
    _known(where, stage, ["name", "share", "train", "freeze", *OVERRIDES])
    for key in ("name", "share"):
        if key not in stage:
            raise ConfigError(f'{where} lacks the key "{key}"')
    if not isinstance(stage["name"], str):
        _fail(f"{where}.name", "a text", stage["name"])
    if "train" in stage and "freeze" in stage:
        raise ConfigError(f'{where} has both "train" and "freeze"; give one of them')
    for key in ("train", "freeze"):
        parts = stage.get(key, [])
        if not isinstance(parts, list):
            _fail(f"{where}.{key}", "a list of parts", parts)
        _known(f"{where}.{key}", parts, [*PARTS, *GROUPS])
    _check_shares(f"{where}.", stage)


def checked(cfg: dict) -> dict:
    """The configuration with its optional keys filled in. Raises ConfigError."""
    if not isinstance(cfg, dict):
        raise ConfigError(f"the configuration must be an object; it is {json.dumps(cfg)[:40]}")
    _known("the configuration", cfg, [*REQUIRED, *OPTIONAL])
    for key in REQUIRED:
        if key not in cfg:
            raise ConfigError(f'the key "{key}" is missing')
    cfg = {**OPTIONAL, **cfg}
    for key, kind, expected in (("compile", bool, "true or false"), ("description", str, "a text"),
                                ("stages", list, "a list"), ("seed", int, "a whole number")):
        if not isinstance(cfg[key], kind):
            _fail(key, expected, cfg[key])
    _check_model(cfg["model"])
    _check_tokenizer(cfg["tokenizer"])
    _check_shares("", cfg)
    _check_code(cfg["token_code"])
    _check_disturbance(cfg["disturbance"])
    for i, stage in enumerate(cfg["stages"]):
        _check_stage(f"stages[{i}]", stage)
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
