"""memctl as tests run it: the program, stores that are filled already, and a checkpoint to change."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import signal
import subprocess
import time

import pytest

from harbour import PAGE_LINES, prose

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("FOVEA_BUILD_DIR", REPOSITORY / "build"))
MEMCTL = BUILD / "memctl"
MODEL = REPOSITORY / "models" / "fovea-nano"

pytestmark = pytest.mark.skipif(not (MEMCTL.exists() and (MODEL / "model.safetensors").exists()),
                                reason="memctl or the shipped checkpoint is missing")


class Done:
    def __init__(self, process: subprocess.CompletedProcess):
        self.code, self.out, self.err = process.returncode, process.stdout, process.stderr.decode()

    @property
    def json(self) -> dict:
        return json.loads(self.out)

    @property
    def error(self) -> dict:
        return self.json["error"]


class Memctl:
    """Runs memctl on one store; fails the test when the exit code is another than `code`."""

    def __init__(self, folder: pathlib.Path):
        self.folder, self.store = folder, folder / "memory.db"

    def command(self, *arguments, store=None) -> list[str]:
        return [str(MEMCTL), "--store", str(store or self.store), *map(str, arguments)]

    def __call__(self, *arguments, code=0, store=None, **options) -> Done:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("FOVEA_")}
        environment.update(FOVEA_MODEL=str(MODEL), **options.pop("env", {}))
        done = Done(subprocess.run(self.command(*arguments, store=store), capture_output=True, env=environment,
                                   cwd=self.folder, timeout=300, **options))
        assert done.code == code, f"exit {done.code}: {done.err}"
        return done

    def file(self, name: str, content: str | bytes) -> pathlib.Path:
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def archive(self, **options) -> str:
        items = self("--json", "recall", "--all", "--source", "archive", **options).json["items"]
        return "".join(item["text"] for item in items)


def interrupt(process: subprocess.Popen) -> None:
    """Ctrl-C, once memctl has said that it will end cleanly."""
    until = time.monotonic() + 60
    while not caught_signals(process.pid) >> (signal.SIGINT - 1) & 1 and time.monotonic() < until:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)


def caught_signals(pid: int) -> int:
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1], 16) for line in status.splitlines() if line.startswith("SigCgt"))


@pytest.fixture
def checkpoint(tmp_path):
    return pathlib.Path(shutil.copytree(MODEL, tmp_path / "checkpoint"))


@pytest.fixture
def lesser_checkpoint(checkpoint):
    """The shipped checkpoint, as if it read only the first four levels."""
    config = json.loads((checkpoint / "config.json").read_text())
    config["fovea"]["levels"] = ["large", "base", "small", "tiny"]
    (checkpoint / "config.json").write_text(json.dumps(config))
    return checkpoint


@pytest.fixture
def memctl(tmp_path):
    return Memctl(tmp_path)


@pytest.fixture(scope="session")
def filled(tmp_path_factory):
    """A store with three pages at small and a rest, for tests that change nothing."""
    memctl = Memctl(tmp_path_factory.mktemp("filled"))
    memctl.text = prose(4 * PAGE_LINES - 20)
    memctl.file("harbour.txt", memctl.text)
    memctl.compacted = memctl("--json", "compact", "harbour.txt", "--level", "small", "--measure", "-1").json
    return memctl


@pytest.fixture
def own(memctl):
    """A store of one file, which stays where it was read."""
    memctl.text = prose(80)
    memctl.file("harbour.txt", memctl.text)
    memctl("compact", "harbour.txt", "--level", "tiny", "--measure", "0")
    return memctl


@pytest.fixture
def copied(filled, tmp_path):
    """The same store, for tests that change it."""
    memctl = Memctl(tmp_path)
    memctl.text = filled.text
    for name in filled.folder.iterdir():
        shutil.copy(name, tmp_path)
    return memctl
