"""What a run came to, as text and as JSON."""

from __future__ import annotations

import dataclasses
from typing import Any

from fovea.fleet.results import FileDone, Finished, ScopeDone

INTERRUPTED = "interrupted; what is stored is whole, and the same command goes on"
_NAMED = 1000       # failures that are named, with --json
_NAMED_IN_TEXT = 20
_PAGES = ("pages", "text_tokens", "vision_tokens", "text_bytes", "token_bytes")
_SUMMED = ("messages", "known", "erased", "broken", "secrets", *_PAGES)


@dataclasses.dataclass
class Failure:
    scope: str
    name: str  # of the file; empty: the scope itself
    reason: str


@dataclasses.dataclass
class Report:
    verb: str
    store: str
    scopes: int = 0
    files: int = 0          # that were listed
    bytes: int = 0          # of these
    unchanged: int = 0      # not read, since they are as they were when they were added
    copies: int = 0         # read, and known under another name or from before
    left_out: int = 0       # files that no pattern fits
    added: int = 0          # files
    failed: int = 0
    counts: dict[str, int] = dataclasses.field(default_factory=dict)
    seconds: dict[str, float] = dataclasses.field(default_factory=dict)  # by stage; those of workers are added up
    failures: list[Failure] = dataclasses.field(default_factory=list)
    figures: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    stopped: str = ""       # why it ended early

    def take_file(self, done: FileDone) -> None:
        self._add_seconds(fetch=done.fetch_seconds, add=done.add_seconds, finish=0)  # named in each report
        if done.failure:
            self._fail(done.scope, done.file["name"], done.failure)
            return
        self.added += 1
        self.copies += not done.add_seconds
        self._count({name: getattr(done, name) for name in _SUMMED})

    def take_finished(self, done: Finished) -> None:
        self._add_seconds(finish=done.seconds)
        if done.failure:
            self._fail(done.scope, "", done.failure)
        self._count({name: getattr(done, name) for name in _PAGES})

    def take_scope(self, done: ScopeDone) -> None:
        self._add_seconds(work=done.seconds)
        if done.failure:
            self._fail(done.scope, "", done.failure)
            return
        self.added += 1
        self._count(done.counts)
        self.figures += [{"scope": done.scope, **figure} for figure in done.figures]

    @property
    def exit_code(self) -> int:
        return 130 if self.stopped == INTERRUPTED else 1 if self.failed or self.stopped else 0

    def as_json(self) -> dict[str, Any]:
        data = dataclasses.asdict(self)
        counts = data.pop("counts")
        if not self.figures:
            del data["figures"]
        else:
            data["levels"] = self._levels()
        named = dict.fromkeys(_SUMMED, 0) if self.verb == "compact" else {}
        return {**data, **named, **counts, "seconds": {name: round(value, 3) for name, value in self.seconds.items()}}

    def as_text(self) -> str:
        lines = self._compact_lines() if self.verb == "compact" else self._scope_lines()
        lines.append("seconds: " + ", ".join(f"{name} {value:,.1f}" for name, value in self.seconds.items()))
        if self.failed:
            lines.append(f"failed: {self.failed:,}")
            lines += [f"  {one.name or one.scope}: {one.reason}" for one in self.failures[:_NAMED_IN_TEXT]]
            if self.failed > _NAMED_IN_TEXT:
                lines.append("  … (--json names more)")
        if self.stopped:
            lines.append(f"ended early: {self.stopped}")
        return "\n".join(lines)

    def _compact_lines(self) -> list[str]:
        count = {**dict.fromkeys(_SUMMED, 0), **self.counts}
        saved = count["text_tokens"] / count["vision_tokens"] if count["vision_tokens"] else 0
        lines = [f"{self.scopes:,} scopes, {self.files:,} files, {_size(self.bytes)}: {self.added - self.copies:,} added, "
                 f"{self.copies:,} known by their content, {self.unchanged:,} unchanged",
                 f"{count['messages']:,} messages, {count['pages']:,} pages, {count['text_tokens']:,} text tokens as "
                 f"{count['vision_tokens']:,} vision tokens" + (f" ({saved:.1f} to 1)" if saved else "") +
                 f", {_size(count['token_bytes'])} of tokens"]
        for name, told in (("known", "messages were there already"), ("erased", "kept out, as they were erased"),
                           ("broken", "parts of files could not be read"), ("secrets", "secrets replaced by a mark")):
            if count[name]:
                lines.append(f"{count[name]:,} {told}")
        if self.left_out:
            lines.append(f"{self.left_out:,} other files: no pattern fits them")
        return lines

    def _scope_lines(self) -> list[str]:
        lines = [f"{self.added:,} of {self.scopes:,} scopes: "
                 + ", ".join(f"{value:,} {name.replace('_', ' ')}" for name, value in self.counts.items())]
        for one in self._levels() if self.figures else []:
            lines.append(f"  {one['level']}, {one['density']} columns: {one['accuracy']:.4f} of {one['pages']:,} pages read "
                         f"back, {one['compression']:.1f} to 1")
        return lines

    def _levels(self) -> list[dict[str, Any]]:
        """Means over all scopes, each counted by its pages."""
        groups: dict[tuple[str, int], list[dict[str, Any]]] = {}
        for one in self.figures:
            groups.setdefault((one["level"], one["density"]), []).append(one)
        return [{"level": level, "density": density, "pages": (pages := sum(one["pages"] for one in group)),
                 "accuracy": sum(one["accuracy"] * one["pages"] for one in group) / pages,
                 "compression": sum(one["text_tokens"] for one in group) / sum(one["vision_tokens"] for one in group)}
                for (level, density), group in groups.items()]

    def _count(self, more: dict[str, int]) -> None:
        for name, value in more.items():
            self.counts[name] = self.counts.get(name, 0) + value

    def _fail(self, scope: str, name: str, reason: str) -> None:
        self.failed += 1
        if len(self.failures) < _NAMED:
            self.failures.append(Failure(scope, name, reason))

    def _add_seconds(self, **stages: float) -> None:
        for name, seconds in stages.items():
            self.seconds[name] = self.seconds.get(name, 0) + seconds


def _size(count: float) -> str:
    if count < 1000:
        return f"{count:,.0f} bytes"
    units = ["kB", "MB", "GB", "TB"]
    while (count := count / 1000) >= 1000 and len(units) > 1:
        units.pop(0)
    return f"{count:,.1f} {units[0]}"
