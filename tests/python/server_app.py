"""fovea-server as tests use it: in this process or in one of its own, over stores of two users."""

from __future__ import annotations

import contextlib
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

pytest.importorskip("fovea._core", reason="built without FOVEA_BUILD_PYTHON")
for name in ("fastapi", "prometheus_client", "limits", "mcp.server.mcpserver"):
    pytest.importorskip(name, reason="pip install 'fovea[server]'")

import httpx  # noqa: E402

import fovea  # noqa: E402
from fovea._web import Names  # noqa: E402
from fovea.server import command, serving  # noqa: E402
from fovea.server.app import make_app  # noqa: E402
from fovea.server.settings import Limits, Settings  # noqa: E402
from fovea.server.state import state_of  # noqa: E402
from fovea.server.tokens import TokenFile  # noqa: E402
from harbour import prose  # noqa: E402
from starlette.testclient import TestClient  # noqa: E402

ADDRESS = "http://127.0.0.1:8322"
QUICK: dict[str, Any] = {"measured_pages": 0, "level": "tiny"}

# Words that only one of them has said.
ANN, BOB = "zeppelin", "quagga"


def settings_of(folder: pathlib.Path, limits: Limits = Limits(), **memory: Any) -> Settings:  # noqa: B008
    return stored_in(str(folder / "memory.db"), None, limits, **memory)


def stored_in(store: str, state: pathlib.Path | None, limits: Limits = Limits(), **memory: Any) -> Settings:  # noqa: B008
    """state: where a server keeps what is not in the store; None: beside its file."""
    return Settings(store, None, {**QUICK, **memory}, "default", state_of(store, str(state) if state else None, None),
                    Names.of("127.0.0.1", 8322, []), limits)


@contextlib.contextmanager
def client_of(settings: Settings) -> Iterator[TestClient]:
    with TestClient(make_app(settings), base_url=ADDRESS, raise_server_exceptions=False) as client:
        yield client


def token_of(settings: Settings, *scopes: str, rights: str = "read,write,erase") -> dict[str, str]:
    """The header that shows a new one."""
    return {"Authorization": "Bearer " + TokenFile(settings.state.tokens).create(list(scopes), rights.split(","))}


def fill(store: str, scope: str, word: str) -> None:
    """A page and a rest, both with the word."""
    with fovea.Memory(store, scope=scope, **QUICK) as memory:
        memory.add_many([f"The {word} came first.\n" + prose(56), f"Then the {word} left."])
        memory.finish()
        memory.add(f"The {word} is verbatim.", "note", source_id=f"{word}-1")


class Served:
    """A process of its own."""

    def __init__(self, folder: pathlib.Path, *options: str, program: tuple[str, ...] = (sys.executable, "-m", "fovea.server"),
                 store: str = "") -> None:
        self.log, self.url, self.port = folder / "server.log", "", 0
        begins = self.log.stat().st_size if self.log.exists() else 0
        self.process = subprocess.Popen(
            [*program, "serve", "--store", store or str(folder / "memory.db"), "--http", "127.0.0.1:0", *options],
            stderr=self.log.open("ab"), env=dict(os.environ))
        until = time.monotonic() + 240
        while not self._is_ready(begins):
            assert self.process.poll() is None and time.monotonic() < until, self.log.read_text()
            time.sleep(0.05)

    def _is_ready(self, begins: int) -> bool:
        """It tells its port in its log, which begins there."""
        said = re.search(rb'"what": "(http://127\.0\.0\.1:([0-9]+))"', self.log.read_bytes()[begins:])
        if not said:
            return False
        self.url, self.port = said[1].decode(), int(said[2])
        with contextlib.suppress(httpx.TransportError):
            return self.get("/readyz").status_code == 200
        return False

    def get(self, path: str, **options: Any) -> httpx.Response:
        """With the patience of a busy machine, and without certificates, which take longest to load."""
        return httpx.get(self.url + path, timeout=120, verify=False, **options)

    def __enter__(self) -> Served:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(120)


@pytest.fixture(name="program")
def command_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[..., Any]]:
    """fovea-server's command line in this process, as far as it does not serve."""
    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        monkeypatch.setattr(sys, "argv", ["fovea-server", *map(str, arguments)])
        code: Any = 0
        try:
            command.main()
        except SystemExit as end:
            code = end.code
        return subprocess.CompletedProcess(arguments, code, *capsys.readouterr())

    def serve(*_: object) -> None:
        raise AssertionError("it serves")

    monkeypatch.setattr(serving, "run", serve)
    mask = os.umask(0o077)
    yield run
    os.umask(mask)
