"""Numbered batches, made ahead of their use by worker processes."""

from __future__ import annotations

import collections
import multiprocessing
import os
import signal
import threading
import time
from concurrent.futures import ProcessPoolExecutor

from ..network.geometry import SIDES
from .pages import Batch, BatchMaker, Job

Request = tuple[str, int, int]  # level, columns, stage

_maker: BatchMaker | None = None  # of a worker process


def _make(job: Job) -> Batch:
    # Without what is left of earlier batches' made-up text, a batch follows from its job alone.
    _maker.corpus.stocks = threading.local()
    return _maker(job)


def _start_worker() -> None:
    """Ctrl-C is the parent's business; a worker whose parent was killed ends too."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    parent = os.getppid()

    def watch():
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


class Feed:
    """Batches by number: the same level and density on all ranks, different pages."""

    def __init__(self, maker: BatchMaker, workers: int, rank: int, ranks: int):
        """Forks, so that workers share the corpus's memory: the GPU must not have been touched."""
        global _maker
        _maker = maker
        os.environ["TOKENIZERS_PARALLELISM"] = "false"
        self.rank, self.ranks = rank, ranks
        count = workers or max(1, min(14, (os.cpu_count() or 2) // ranks - 2))
        self.pool = ProcessPoolExecutor(count, multiprocessing.get_context("fork"), initializer=_start_worker)
        list(self.pool.map(len, ["start"] * count))
        self.ahead = 2 * count
        self.pending = collections.deque()  # (request, the batch to come)

    def ask(self, number: int, request: Request, cfg: dict) -> None:
        level, columns, _ = request
        side = SIDES[level] // 16
        pages = max(1, cfg["patches"] // side**2)
        prefix = pages * ((side // 4) * (side // 4 + 1) + 2)
        job = Job(number * self.ranks + self.rank + 1_000_003 * cfg["seed"], columns, level, pages,
                  max(64, cfg["tokens"] - prefix), cfg["mix"],
                  finer=cfg["token_code"].get("finer", {}))
        self.pending.append((request, self.pool.submit(_make, job)))

    def next(self) -> Batch:
        return self.pending.popleft()[1].result()

    def requests(self) -> list[Request]:
        """What was asked for and not yet used: a resumed run asks for the same."""
        return [request for request, _ in self.pending]

    def close(self) -> None:
        for _, future in self.pending:
            future.cancel()
        self.pool.shutdown(wait=False, cancel_futures=True)
