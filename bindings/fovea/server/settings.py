"""What a server is told at its start."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from fovea._web import Names

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
    tokens: Path
    names: Names
    limits: Limits = Limits()
    traces: str = ""  # an OTLP endpoint; "": none

    @property
    def requests(self) -> str:
        """The file of idempotency keys."""
        return self.store + ".requests"

    @property
    def transfers(self) -> Path:
        """A folder for files on their way in or out."""
        return Path(self.store + ".transfers")

    @property
    def hidden(self) -> dict[str, str]:
        """What errors call places that are no client's business."""
        return {str(self.transfers): "the file", f"store {self.store}": "the store", self.store: "the store"}
