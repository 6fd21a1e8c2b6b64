"""Training state: all that a run needs to go on as if it had never stopped.

`state.json` names the file that holds the tensors, `state-STEP.safetensors`. It is replaced last and
in one move, so a run that is killed while it saves leaves the state before. Nothing in it is code.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import torch

FORMAT = 1


class StateError(ValueError):
    """A training state that cannot be read; the message says why."""


def exists(folder) -> bool:
    return (Path(folder) / "state.json").exists()


def _replace(part: Path, file: Path) -> None:
    with open(part, "rb") as f:
        os.fsync(f.fileno())
    part.replace(file)


def save(folder, tensors: dict[str, torch.Tensor], facts: dict) -> None:
    """`facts`: what JSON holds, `step` among it."""
    from safetensors.torch import save_file

    folder = Path(folder)
    file = folder / f"state-{facts['step']:08d}.safetensors"
    part = file.with_suffix(".part")
    save_file({name: t.detach().cpu().contiguous() for name, t in tensors.items()}, part)
    _replace(part, file)
    note = folder / "state.json.part"
    note.write_text(json.dumps({"format": FORMAT, "tensors": file.name, **facts}, indent=1) + "\n")
    _replace(note, folder / "state.json")
    for old in folder.glob("state-*"):
        if old != file:
            old.unlink()


def facts_of(folder) -> dict:
    """state.json. Raises StateError."""
    file = Path(folder) / "state.json"
    try:
        facts = json.loads(file.read_text())
    except OSError as error:
        raise StateError(f"{file}: {error.strerror}") from None
    except ValueError:
        raise StateError(f"{file} is not JSON") from None
    if not isinstance(facts, dict) or facts.get("format") != FORMAT:
        raise StateError(f"{file} is not a training state of format {FORMAT}")
    return facts


def tensors_of(folder, facts: dict, device="cpu") -> dict[str, torch.Tensor]:
    """Raises StateError."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    file = Path(folder) / Path(facts["tensors"]).name
    try:
        return load_file(file, device=device)
    except (OSError, SafetensorError) as error:
        raise StateError(f"{file}: {error}") from None


def below(tensors: dict[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    """The tensors whose names start with `prefix`, without it."""
    return {name[len(prefix):]: t for name, t in tensors.items() if name.startswith(prefix)}
