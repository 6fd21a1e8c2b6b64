"""How long a run has trained, and when it is told to stop."""

from __future__ import annotations

import signal
import threading
import time


class Clock:
    """Seconds of training, of earlier calls too. Starts when compiling is over."""

    def __init__(self, used: float, free_steps: int):
        self.used, self.free, self.begin = used, free_steps, None

    def tick(self) -> None:
        """After each step."""
        self.free -= 1
        if self.begin is None and self.free <= 0:
            self.begin = time.time()

    @property
    def seconds(self) -> float:
        return self.used + (time.time() - self.begin if self.begin else 0.0)


class Stop:
    """Remembers the first SIGINT or SIGTERM, so that the run can save and end between two steps."""

    def __init__(self, ranks: int):
        self.signal, self.alone, self.before = 0, ranks == 1, {}
        if threading.current_thread() is threading.main_thread():
            self.before = {s: signal.signal(s, self._take) for s in (signal.SIGINT, signal.SIGTERM)}

    def _take(self, number, frame) -> None:
        self.signal = self.signal or number
        if self.alone:  # a second one ends at once; torchrun sends several
            self.release()

    def release(self) -> None:
        for s, handler in self.before.items():
            signal.signal(s, handler)
