"""Running the programs that measure."""

from __future__ import annotations

import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
from typing import Any

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
CHECKPOINT = REPOSITORY / "models" / "fovea-nano"
SAMPLE = "examples/sample_day.jsonl"

# The two histories that bench/search_quality.py makes questions of, below the folder of --transcripts.
TRANSCRIPTS = ("hermes_session.txt", "prometheus_run/claude-code.txt")


class Failure(Exception):
    """What stops a measurement, in words for who started it."""


def sha256(path: pathlib.Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def fingerprint() -> str:
    """What stores and experiments know the shipped checkpoint by."""
    found = hashlib.sha256()
    for name in ("config.json", "model.safetensors"):
        found.update((CHECKPOINT / name).read_bytes())
    return found.hexdigest()


class Work:
    """The measurement of one subject: its folder, the commands it ran, the files that they read."""

    def __init__(self, subject: str, build: pathlib.Path, transcripts: pathlib.Path | None) -> None:
        self.build, self._transcripts = build.resolve(), transcripts and transcripts.resolve()
        self.shared = self.build / "figures"  # what several subjects read: fetched text
        self.folder = self.shared / subject
        self.folder.mkdir(parents=True, exist_ok=True)
        self.commands: list[str] = []
        self.inputs: dict[str, str] = {}

    def run(self, *command: str | pathlib.Path) -> str:
        """stdout of a command in the repository's folder."""
        program = self._program(str(command[0]))
        self.commands.append(" ".join(self._portable(str(part)) for part in command))
        # What a program says on stderr (progress, what is left) goes on to the terminal.
        done = subprocess.run([*program, *map(str, command[1:])], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True,
                              env={**os.environ, "PYTHONPATH": str(REPOSITORY / "bindings")})
        if done.returncode:
            raise Failure(f"{' '.join(map(str, command))}: exit code {done.returncode}")
        return done.stdout

    def memctl(self, *arguments: str | pathlib.Path, store: pathlib.Path | None = None) -> dict[str, Any]:
        """What memctl says with --json."""
        of_store = ("--store", store) if store else ()
        return dict(json.loads(self.run("memctl", *of_store, "--json", *arguments)))

    def input(self, name: str, path: pathlib.Path) -> pathlib.Path:
        """Notes a file that decides what is measured."""
        self.inputs[name] = sha256(path)
        return path

    def sample(self) -> str:
        self.input(SAMPLE, REPOSITORY / SAMPLE)
        return SAMPLE

    def transcripts(self) -> pathlib.Path:
        assert self._transcripts is not None, "the command line leaves such subjects out"
        for name in TRANSCRIPTS:
            if not (self._transcripts / name).is_file():
                raise Failure(f"{self._transcripts} has no {name}; --transcripts takes a folder with "
                              f"{' and '.join(TRANSCRIPTS)}")
            self.input(name, self._transcripts / name)
        return self._transcripts

    def forget(self) -> None:
        """Removes what earlier measurements left, from which programs would go on."""
        shutil.rmtree(self.folder)
        self.folder.mkdir()

    def fresh(self, name: str) -> pathlib.Path:
        """A new empty folder in that of the subject."""
        folder = self.folder / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder

    def _portable(self, part: str) -> str:
        """Without the folders of this machine."""
        for folder, name in ((self.build, "build"), (f"{REPOSITORY}/", ""), (self._transcripts, "TRANSCRIPTS")):
            part = part.replace(str(folder), name) if folder else part
        return part

    def _program(self, name: str) -> list[str]:
        if name == "python":
            return [sys.executable]
        if "/" in name:
            return [name]
        program = self.build / name
        if not program.exists():
            raise Failure(f"{program} is missing; `make figures` builds it")
        return [str(program)]
