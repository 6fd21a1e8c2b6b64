"""A worker's memories: opened scope by scope over one loaded checkpoint, again and again where a server is away."""

from __future__ import annotations

import contextlib
import dataclasses
import pathlib
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import fovea
from fovea.fleet.stores import ServerStore, Store

R = TypeVar("R")
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 15.0  # seconds between two tries
_FULL = ("disk is full", "No space left", "disk full")


class Stop(Exception):
    """The store cannot be written any more, whatever the scope: the run ends."""


@dataclasses.dataclass(frozen=True)
class Opening:
    """How workers open memories; it can be pickled."""

    store: Store
    model: str | None
    key_file: str | None
    key_variable: str | None
    options: dict[str, Any]  # of fovea.Memory; a policy as JSON
    patience: float          # seconds to try again in, while a store cannot be reached

    def key(self) -> bytes | None:
        """Each machine has its own copy of a key: it does not travel through Ray."""
        if self.key_file:
            return fovea.key_from_file(self.key_file)
        return fovea.key_from_environment(self.key_variable) if self.key_variable else None


class Opener:
    """Opens memories for one worker. The checkpoint stays loaded as long as it lives."""

    def __init__(self, opening: Opening) -> None:
        self.opening = opening
        self._key = opening.key()
        self._options = dict(opening.options)
        if self._options.get("policy"):
            self._options["policy"] = fovea.Policy.from_json(self._options["policy"])
        opening.store.check()
        self._folder = tempfile.mkdtemp(prefix="fovea-fleet-")
        device = {name: opening.options[name] for name in ("device", "threads") if name in opening.options}
        self._loaded = fovea.Memory(pathlib.Path(self._folder, "loaded.db"), opening.model, measured_pages=0, **device)
        self._loaded.add("The memories that are open at once share a checkpoint with this one.")
        shutil.rmtree(self._folder)  # SQLite keeps the files open

    @contextlib.contextmanager
    def scope(self, name: str, existing: bool = False) -> Iterator[ScopeSession]:
        """existing: fovea.NotFound if the store has nothing of it."""
        session = ScopeSession(lambda: fovea.Memory(
            self.opening.store.path_of(name), self.opening.model, name, existing=existing, key=self._key,
            **self._options), self.opening)
        try:
            yield session
        finally:
            session.close()


class ScopeSession:
    """The memory of one scope, opened when it is first used and again after the store could not be reached."""

    def __init__(self, open_memory: Callable[[], fovea.Memory], opening: Opening) -> None:
        self._open, self._opening = open_memory, opening
        self._memory: fovea.Memory | None = None

    def close(self) -> None:
        memory, self._memory = self._memory, None
        if memory:
            memory.close()

    def do(self, work: Callable[[fovea.Memory], R]) -> R:
        """What `work` returns; it is called from the beginning again while the store cannot be reached.

        Raises Stop if that takes too long for a server, and on a full disk.
        """
        until, wait = time.monotonic() + self._opening.patience, _FIRST_WAIT
        while True:
            try:
                self._memory = self._memory or self._open()
                return work(self._memory)
            except fovea.IOFailure as error:
                self.close()
                if any(sign in str(error) for sign in _FULL):
                    raise Stop(f"{self._opening.store.name}: {error}; make room, then the same command goes on") from error
                if not self._may_pass(error):
                    raise
                if time.monotonic() + wait > until:
                    raise self._given_up(error) from error
            time.sleep(wait)
            wait = min(2 * wait, _LONGEST_WAIT)

    def _may_pass(self, error: fovea.IOFailure) -> bool:
        """A server that is away, and another writer in the same scope; not a folder without rights."""
        return isinstance(self._opening.store, ServerStore) or "locked" in str(error)

    def _given_up(self, error: fovea.IOFailure) -> Exception:
        try:
            self._opening.store.check()
        except fovea.Error as away:
            return Stop(f"{self._opening.store.name} could not be reached for {self._opening.patience:g} s: {away}; "
                        "the same command goes on when it can")
        return error
