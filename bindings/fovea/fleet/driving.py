"""The driver: lists the work, has it done, notes what is done, and reports."""

from __future__ import annotations

import contextlib
import fnmatch
import json
import pathlib
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

import fovea
from fovea.fleet import engine
from fovea.fleet.compacting import CompactOptions, Compactor
from fovea.fleet.engine import Job, Jobs, Pool
from fovea.fleet.journal import Journal, ScopeJob
from fovea.fleet.opening import Opening
from fovea.fleet.progress import Progress
from fovea.fleet.report import INTERRUPTED, Report
from fovea.fleet.results import Begun, FileDone, Finished, Result, ScopeDone, Stopped
from fovea.fleet.scope_pattern import ScopePattern
from fovea.fleet.scope_work import AgeOptions, ExperimentOptions, MigrateOptions, ScopeWorker
from fovea.fleet.sources import Found, found_in, name_of

# Of a folder whose files all belong to one scope, as memctl takes them.
TRANSCRIPTS = tuple(ending + packed for ending in (".jsonl", ".ndjson", ".json") for packed in ("", ".gz", ".zst"))
_LEAST = 4096  # bytes that a file counts for at least, in how far the work is


def compact(sources: list[str], opening: Opening, options: CompactOptions, scope: str | None, patterns: list[str],
            journal: pathlib.Path | None, pool: Pool) -> Report:
    report = Report("compact", opening.store.name)
    chosen = [ScopePattern(text, scope or "default") for text in patterns]
    taken = {"format": options.format, "keep_secrets": opening.options.get("keep_secrets", False),
             "restore": options.restore}
    notes = Journal(journal or opening.store.journal(), opening.store.id, json.dumps(taken, sort_keys=True),
                    options.finish)
    with contextlib.closing(notes):
        with _timed(report, "list"):
            for source in sources:
                notes.list(_with_scopes(source, found_in(source), scope, chosen, report))
            notes.list_present(opening.store.scopes())
            listed, pending = notes.listed(), notes.pending()
        report.scopes, report.files, report.bytes = listed.scopes, listed.files, listed.bytes
        report.unchanged = listed.files - pending.files
        if not listed.files:
            raise fovea.NotFound(_nothing(sources, patterns, report.left_out))
        jobs = Jobs((Job(job.to_json(), _weight(job)) for job in notes.jobs()), pending.scopes, pending.bytes)
        progress = Progress(pending.bytes + _LEAST * pending.files, "files", pending.files)

        def take(result: Result) -> None:
            if isinstance(result, Begun):
                notes.note_begun(result.scope, result.content, result.name)
            elif isinstance(result, FileDone):
                report.take_file(result)
                if not result.failure:
                    notes.note_done(result)
                progress.add(result.file["size"] + _LEAST, result.pages)
            elif isinstance(result, Finished):
                report.take_finished(result)
                if not result.failure:
                    notes.note_finished(result.scope)
                progress.add(0, result.pages, things=0)

        _drive(Compactor, (opening, options), jobs, pool, report, progress, take)
    return report


def each_scope(verb: str, opening: Opening, options: AgeOptions | MigrateOptions | ExperimentOptions,
               patterns: list[str], pool: Pool) -> Report:
    """patterns: of scopes, with * and ?; none: all."""
    report = Report(verb, opening.store.name)
    with _timed(report, "list"):
        scopes = sorted(name for name in opening.store.scopes()
                        if not patterns or any(_fits(name, pattern) for pattern in patterns))
    if not scopes:
        raise fovea.NotFound(f"{opening.store.name} has no scope" + (f" like {', '.join(patterns)}" if patterns else ""))
    report.scopes = len(scopes)
    progress = Progress(len(scopes), "scopes", len(scopes))

    def take(result: Result) -> None:
        if isinstance(result, ScopeDone):
            report.take_scope(result)
            progress.add(1, result.counts.get("encoded", 0) + result.counts.get("faded", 0))

    jobs = Jobs((Job(name, 1) for name in scopes), len(scopes), len(scopes))
    _drive(ScopeWorker, (opening, options), jobs, pool, report, progress, take)
    return report


def _drive(worker: type[engine.Worker], arguments: tuple[Any, ...], jobs: Jobs, pool: Pool, report: Report,
           progress: Progress, take: Callable[[Result], None]) -> None:
    """Until all is done, the store cannot be written, or Ctrl-C or SIGTERM comes: what is stored is whole in any case."""
    if not jobs.count:
        return
    asked: list[int] = []

    def end(number: int, _: object) -> None:
        asked.append(number)
        raise KeyboardInterrupt

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with _timed(report, "run"), engine.connected(pool), \
                contextlib.closing(engine.run(worker, arguments, jobs, pool)) as results:
            for result in results:
                if isinstance(result, Stopped):
                    report.stopped = result.reason
                    break
                take(result)
                if asked:  # and a library, in whose call it came, went on
                    raise KeyboardInterrupt
    except KeyboardInterrupt:
        report.stopped = INTERRUPTED
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        progress.end()


def _with_scopes(source: str, files: Iterator[Found], scope: str | None, patterns: list[ScopePattern],
                 report: Report) -> Iterator[tuple[str, Found]]:
    named = name_of(source)
    for file in files:
        if patterns:
            name = next((found for pattern in patterns if (found := pattern.scope_of(file.inner))), None)
        else:  # a file that was named itself is taken whatever it is called
            wanted = file.name == named or (file.inner.endswith(TRANSCRIPTS) and not _is_hidden(file.inner))
            name = scope if wanted else None
        if name:
            yield name, file
        else:
            report.left_out += 1


def _fits(scope: str, pattern: str) -> bool:
    """Brackets are themselves: a session may have them in its name."""
    return fnmatch.fnmatchcase(scope, pattern.replace("[", "[[]"))


def _is_hidden(path: str) -> bool:
    return any(part.startswith(".") for part in path.split("/"))


def _nothing(sources: list[str], patterns: list[str], left_out: int) -> str:
    where = ", ".join(sources)
    if not left_out:
        return f"{where}: there are no files"
    wanted = "--scope-pattern " + " or ".join(patterns) if patterns else "the endings " + ", ".join(TRANSCRIPTS[::3])
    return f"{where}: none of {left_out:,} files fits {wanted}"


def _weight(job: ScopeJob) -> int:
    return sum(file.size for file in job.files)


@contextlib.contextmanager
def _timed(report: Report, stage: str) -> Iterator[None]:
    begun = time.monotonic()
    try:
        yield
    finally:
        report.seconds[stage] = report.seconds.get(stage, 0) + time.monotonic() - begun
