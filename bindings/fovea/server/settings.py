"""What a server is told at its start."""

from __future__ import annotations

import dataclasses
from typing import Any

import fovea
from fovea._web import Names
from fovea.server.state import State

MEBIBYTE = 1 << 20


@dataclasses.dataclass(frozen=True)
class Limits:
    bytes: int = 16 * MEBIBYTE  # of a request's body
    import_bytes: int = 1024 * MEBIBYTE  # of a scope that is imported, which goes to disk
    body_seconds: float = 60  # for a body to arrive
    seconds: float = 300  # for an answer that is not a stream
    rate: str = "3000/minute"  # requests of a token, or of an address that shows none
    running: int = 64  # requests at once
    open: int = 32  # scopes at once
    stop_seconds: float = 30  # for requests to end in when the server is stopped


@dataclasses.dataclass(frozen=True)
class Settings:
    store: str
    model: str | None
    memory: dict[str, Any]  # options of fovea.Memory
    scope: str  # of requests that name none, where no token is needed
    state: State
    names: Names
    limits: Limits = Limits()
    traces: str = ""  # an OTLP endpoint; "": none

    @property
    def hidden(self) -> dict[str, str]:
        """What errors call places that are no client's business."""
        shown = fovea.shown_store(self.store)
        return {str(self.state.transfers): "the file", f"store {shown}": "the store", shown: "the store"}
