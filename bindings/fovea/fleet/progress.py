"""One line that says how far a run is, and for how long it goes on."""

from __future__ import annotations

import sys
import time

_EVERY_TERMINAL, _EVERY_LOG = 0.5, 15.0  # seconds between two lines


class Progress:
    def __init__(self, total: int, unit: str, count: int) -> None:
        """total: of the work, in what `add` is given. count: of the things that are named `unit`."""
        self._total, self._unit, self._count = total, unit, count
        self._done = self._things = self._pages = 0
        self._terminal = sys.stderr.isatty()
        self._begun = self._last = time.monotonic()

    def add(self, work: int, pages: int, things: int = 1) -> None:
        self._done += work
        self._things += things
        self._pages += pages
        now = time.monotonic()
        if now - self._last >= (_EVERY_TERMINAL if self._terminal else _EVERY_LOG):
            self._last = now
            self._say(self.line(now - self._begun))

    def line(self, seconds: float) -> str:
        share = self._done / self._total if self._total else 1
        left = f", {duration(seconds * (1 - share) / share)} left" if share and seconds > 1 else ""
        return (f"{self._things:,} of {self._count:,} {self._unit}, {share:.0%}, {self._pages:,} pages, "
                f"{self._pages / seconds if seconds else 0:.1f} a second{left}")

    def end(self) -> None:
        if self._terminal:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()

    def _say(self, line: str) -> None:
        sys.stderr.write(f"\r\033[K{line}" if self._terminal else f"{line}\n")
        sys.stderr.flush()


def duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
