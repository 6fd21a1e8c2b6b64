"""A worker that puts transcripts into the memories of their scopes."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator

import fovea
from fovea.fleet.journal import File, ScopeJob
from fovea.fleet.opening import Opener, Opening, ScopeSession, Stop
from fovea.fleet.results import Begun, FileDone, Finished, Result, Stopped
from fovea.fleet.sources import Fetched, fetched

# Files that take a worker a while are noted before they are begun. It depends on nothing but their size, because Ray
# takes a worker that died and its successor for the same one, result by result.
_NOTED_BYTES = 1 << 18


@dataclasses.dataclass(frozen=True)
class CompactOptions:
    format: str = "auto"
    restore: bool = False  # add messages again that were erased
    finish: bool = False   # the end of a scope's text becomes a part-filled page


class Compactor:
    """Works through one scope after another. What is repeated, because a worker died, skips what is there."""

    def __init__(self, opening: Opening, options: CompactOptions) -> None:
        self._opener, self._options = Opener(opening), options

    def work(self, text: str) -> Iterator[Result]:
        job = ScopeJob.from_json(text)
        with self._opener.scope(job.scope) as session:
            yield from _ScopeWork(job, session, self._options).results()


class _ScopeWork:
    """The files of one scope, one after another."""

    def __init__(self, job: ScopeJob, session: ScopeSession, options: CompactOptions) -> None:
        self._job, self._session, self._options = job, session, options
        self._known = dict(job.known)
        self._messages: int | None = None  # that the scope has

    def results(self) -> Iterator[Result]:
        refused = ""  # why the store does not take this scope
        for file in self._job.files:
            try:
                if refused:
                    raise fovea.IOFailure(refused)
                with fetched(file.source, file.path) as copy:
                    yield from self._add(file, copy)
            except Stop as stop:
                yield Stopped(str(stop))
                return
            except fovea.IOFailure as error:  # the store's: the file was read already
                refused = str(error)
                yield self._failed(file, refused)
            except (fovea.Error, OSError, ValueError) as error:
                yield self._failed(file, str(error) or type(error).__name__)
        if self._options.finish and self._known:  # a scope that has nothing has no end
            yield self._finish()

    def _add(self, file: File, copy: Fetched) -> Iterator[Result]:
        name, done = self._known.get(copy.sha256, (file.name, False))
        result = FileDone(self._job.scope, dataclasses.asdict(file), copy.sha256, name, fetch_seconds=copy.seconds)
        if file.size >= _NOTED_BYTES:
            yield Begun(self._job.scope, copy.sha256, name)
        if not done:
            self._session.do(lambda memory: self._take(memory, copy.path, name, result))
            self._known[copy.sha256] = (name, True)
        yield result

    def _take(self, memory: fovea.Memory, path: str, name: str, result: FileDone) -> None:
        begun = time.monotonic()
        if self._messages is None:
            self._messages = memory.stats().messages
        broken: list[int] = []
        added = memory.add_file(path, name=name, format=self._options.format, restore=self._options.restore,
                                on_broken=lambda line, reason: broken.append(line))
        before, self._messages = self._messages, memory.stats().messages
        result.messages, result.broken = self._messages - before, len(broken)
        result.known, result.erased = added.skipped_messages, added.erased_messages
        result.secrets = sum(added.secrets.values())
        _count_pages(result, added)
        result.add_seconds = time.monotonic() - begun

    def _finish(self) -> Result:
        begun, result = time.monotonic(), Finished(self._job.scope)
        try:
            _count_pages(result, self._session.do(lambda memory: memory.finish()))
        except Stop as stop:
            return Stopped(str(stop))
        except (fovea.Error, OSError, ValueError) as error:
            result.failure = str(error) or type(error).__name__
        result.seconds = time.monotonic() - begun
        return result

    def _failed(self, file: File, reason: str) -> FileDone:
        return FileDone(self._job.scope, dataclasses.asdict(file), failure=reason)


def _count_pages(result: FileDone | Finished, made: fovea.CompactResult) -> None:
    for figure in ("pages", "text_tokens", "vision_tokens", "text_bytes", "token_bytes"):
        setattr(result, figure, getattr(made, figure))
