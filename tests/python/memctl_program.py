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


def environment(more: dict[str, str] | None = None) -> dict[str, str]:
    """Without what the one who runs the tests has set for memctl."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith("FOVEA_")}
    return {**mine, "FOVEA_MODEL": str(MODEL), **(more or {})}


class Memctl:
    """Runs memctl on one store; fails the test when the exit code is another than `code`."""

    def __init__(self, folder: pathlib.Path):
        self.folder, self.store = folder, folder / "memory.db"

    def command(self, *arguments, store=None) -> list[str]:
        return [str(MEMCTL), "--store", str(store or self.store), *map(str, arguments)]

    def __call__(self, *arguments, code=0, store=None, env=None, **options) -> Done:
        done = Done(subprocess.run(self.command(*arguments, store=store), capture_output=True, env=environment(env),
                                   cwd=self.folder, timeout=300, **options))
        assert done.code == code, f"exit {done.code}: {done.err}"
        return done

    def start(self, *arguments, env=None, **options) -> subprocess.Popen:
        """Runs it in the background; stdout and stderr are pipes unless `options` say otherwise."""
        return subprocess.Popen(self.command(*arguments), env=environment(env), cwd=self.folder,
                                **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options})

    def copy(self, folder: pathlib.Path) -> Memctl:
        """The same in another folder, for tests that change it."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        other = Memctl(folder)
        vars(other).update({**vars(self), **vars(other)})
        return other

    def file(self, name: str, content: str | bytes) -> pathlib.Path:
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def archive(self, **options) -> str:
        items = self("--json", "recall", "--all", "--source", "archive", **options).json["items"]
        return "".join(item["text"] for item in items)


def wait_for_lines(path: pathlib.Path, lines: int, process: subprocess.Popen, seconds=300) -> None:
    """Until the file has so many, or the process that writes it has ended."""
    until = time.monotonic() + seconds
    while not (path.exists() and path.read_bytes().count(b"\n") >= lines) and process.poll() is None:
        assert time.monotonic() < until
        time.sleep(0.01)


def interrupt(process: subprocess.Popen) -> None:
    """Ctrl-C, once memctl has said that it will end cleanly."""
    until = time.monotonic() + 120
    while not caught_signals(process.pid) >> (signal.SIGINT - 1) & 1 and time.monotonic() < until:
        time.sleep(0.002)
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


def with_one_page(memctl: Memctl) -> Memctl:
    memctl.text = prose(80)
    memctl.file("harbour.txt", memctl.text)
    memctl("compact", "harbour.txt", "--level", "tiny", "--measure", "0")
    return memctl


@pytest.fixture
def own(memctl):
    """A store of one file, which stays where it was read: for tests that read it again."""
    return with_one_page(memctl)


@pytest.fixture(scope="session")
def one_page(tmp_path_factory):
    return with_one_page(Memctl(tmp_path_factory.mktemp("one_page")))


@pytest.fixture
def moved(one_page, tmp_path):
    """The same store, elsewhere than where its file was read."""
    return one_page.copy(tmp_path)


@pytest.fixture
def copied(filled, tmp_path):
    """The same store, for tests that change it."""
    return filled.copy(tmp_path)
