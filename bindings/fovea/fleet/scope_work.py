"""Workers that age, migrate or measure the memories of many scopes."""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import shutil
import subprocess
import time
import urllib.parse
from collections.abc import Iterator

import fovea
from fovea.fleet.opening import Opener, Opening, ScopeSession, Stop
from fovea.fleet.results import Result, ScopeDone, Stopped


@dataclasses.dataclass(frozen=True)
class AgeOptions:
    now: float | None = None
    to: str | None = None
    policy: str | None = None  # JSON; None: the scope's own
    dry_run: bool = False


@dataclasses.dataclass(frozen=True)
class MigrateOptions:
    old_model: str | None = None  # folder of the checkpoint that made the tokens


@dataclasses.dataclass(frozen=True)
class ExperimentOptions:
    memctl: str             # the program
    out: str                # folder, one below it for each scope
    arguments: list[str]    # for `memctl experiment`
    model: str | None
    threads: int


class ScopeWorker:
    """Does the same to one scope after another. What is repeated finds done what was done."""

    def __init__(self, opening: Opening, options: AgeOptions | MigrateOptions | ExperimentOptions) -> None:
        self._opener, self._options = Opener(opening), options

    def work(self, text: str) -> Iterator[Result]:
        begun, done = time.monotonic(), ScopeDone(text)
        try:
            with self._opener.scope(text, existing=True) as session:
                self._act(session, done)
        except Stop as stop:
            yield Stopped(str(stop))
            return
        except (fovea.Error, OSError, ValueError) as error:
            done.failure = str(error) or type(error).__name__
        done.seconds = time.monotonic() - begun
        yield done

    def _act(self, session: ScopeSession, done: ScopeDone) -> None:
        if isinstance(self._options, AgeOptions):
            done.counts = session.do(self._age)
        elif isinstance(self._options, MigrateOptions):
            done.counts = session.do(self._migrate)
        else:
            text = session.do(_exact_text)
            session.close()
            if text:
                done.figures = _experiment(done.scope, text, self._options)
                done.counts = {"measured": 1}
            else:
                done.counts = {"without_exact_text": 1}

    def _age(self, memory: fovea.Memory) -> dict[str, int]:
        assert isinstance(self._options, AgeOptions)
        options = self._options
        policy = fovea.Policy.from_json(options.policy) if options.policy else None
        aged = memory.age(now=options.now, to=options.to, policy=policy, dry_run=options.dry_run)
        return {"faded": sum(step.to is not None for step in aged.steps),
                "gone": sum(step.to is None for step in aged.steps),
                "tokens_saved": sum(step.tokens_saved for step in aged.steps),
                "archives_dropped": len(aged.archives), "refused": len(aged.refused),
                "expired_pages": len(aged.expired.pages) if aged.expired else 0,
                "vision_tokens": aged.vision_tokens}

    def _migrate(self, memory: fovea.Memory) -> dict[str, int]:
        assert isinstance(self._options, MigrateOptions)
        made = memory.migrate(self._options.old_model)
        return {"encoded": made.pages, "known": made.known, "refused": len(made.refused),
                "corrected": made.corrected, "uncorrected": len(made.uncorrected)}


def _exact_text(memory: fovea.Memory) -> bytes:
    """Of all pages that keep it."""
    kept = [page.id for page in memory.pages() if page.has_archive]
    return b"".join(item.text.encode("utf-8", "surrogateescape") for item in memory.read(kept, "archive")) if kept else b""


def _experiment(scope: str, text: bytes, options: ExperimentOptions) -> list[dict[str, object]]:
    """The curves of `memctl experiment` on a scope's text, which lies beside its results only meanwhile."""
    folder = pathlib.Path(options.out, urllib.parse.quote(scope.encode("utf-8", "surrogateescape"), safe="%"))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / "scope.txt"
    file.touch(mode=0o600)
    file.write_bytes(text)
    model = ["--model", options.model] if options.model else []
    try:
        done = subprocess.run([options.memctl, "--json", *model, "experiment", file.name, "--format", "text", "--out", "measured",
                               *options.arguments], cwd=folder, capture_output=True, text=True,
                              env={**os.environ, "OMP_NUM_THREADS": str(options.threads)})
    finally:
        file.unlink()
    found = json.loads(done.stdout or "{}")
    if done.returncode:
        reason = found.get("error", {}).get("message") or done.stderr.strip() or f"exit code {done.returncode}"
        raise fovea.Error(f"memctl experiment: {reason}")
    return [curve for curve in found["curves"] if curve["domain"] != "random"]


def memctl_of(given: str | None) -> str:
    """The program for `experiment`. Raises fovea.NotFound."""
    found = shutil.which(given or os.environ.get("FOVEA_MEMCTL") or "memctl")
    if not found:
        raise fovea.NotFound("experiment runs memctl, which is not here; `make install` installs it, --memctl names its path")
    return os.path.realpath(found)
