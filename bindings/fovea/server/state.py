"""What the server keeps outside the store: tokens, idempotency keys, files on their way in or out."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import pathlib
import re

import fovea


@dataclasses.dataclass(frozen=True)
class State:
    tokens: pathlib.Path  # a file
    requests: pathlib.Path  # a file: idempotency keys
    transfers: pathlib.Path  # a folder


def state_of(store: str, folder: str | None, tokens: str | None) -> State:
    """Beside a store's file, or in a folder, which is made. tokens: a file elsewhere.

    A store on a server has no file to be beside of: its folder is named after it. Raises fovea.Error for a folder that
    cannot be used, or that others can look into.
    """
    if folder is None and not fovea.is_server_url(store):
        kept = State(*(pathlib.Path(f"{store}.{name}") for name in ("tokens", "requests", "transfers")))
    else:
        place = _private(pathlib.Path(folder) if folder is not None else _folder_of(fovea.shown_store(store)))
        kept = State(place / "tokens", place / "requests", place / "transfers")
    return dataclasses.replace(kept, tokens=pathlib.Path(tokens)) if tokens else kept


def _folder_of(shown: str) -> pathlib.Path:
    """Two stores never share one, or a token of one would open the other."""
    home = pathlib.Path(os.environ.get("XDG_STATE_HOME") or pathlib.Path.home() / ".local" / "state")
    name = re.sub(r"[^A-Za-z0-9.-]+", "_", shown.partition("://")[2])[:80].strip("_")
    return home / "fovea" / f"{name}-{hashlib.sha256(shown.encode('utf-8', 'surrogateescape')).hexdigest()[:8]}"


def _private(folder: pathlib.Path) -> pathlib.Path:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        mode = folder.stat().st_mode
    except OSError as error:
        raise fovea.IOFailure(f"folder {folder}: {error.strerror}; give another one with --state") from error
    if mode & 0o077:
        raise fovea.InvalidArgument(f"folder {folder} can be read by other users; `chmod 700 {folder}`, or give another "
                                    "one with --state")
    return folder
