"""Ray Data runs the work: jobs as blocks, a pool of actors that each have loaded a checkpoint, results as they come."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import logging
import os
import sys
from collections.abc import Generator, Iterator
from typing import Any, Protocol

import pyarrow  # type: ignore[import-untyped]

import fovea
from fovea.fleet import results
from fovea.fleet.results import Result

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # it warns of what is meant to be so
ray: Any = importlib.import_module("ray")

_OBJECT_STORE = 200 << 20  # bytes, of a Ray that is started here: jobs and results are small
_STARTS = 3  # tries: on a busy machine its processes may need longer than Ray waits
# At most, of what a worker gets at once; if it dies they are looked through again.
_JOBS_IN_BLOCK = 64
_BYTES_IN_BLOCK = 8 << 20
_BLOCKS_EACH = 8  # at least, of a worker, so that all end at about the same time
_WAITING = 2  # blocks sent to a worker, so that it never waits for the next one


class Worker(Protocol):
    def work(self, text: str) -> Iterator[Result]: ...


@dataclasses.dataclass(frozen=True)
class Pool:
    """How many workers there are, and what each one gets."""

    workers: int | None = None  # None: as many as there is room for
    cores: int = 1
    gpus: float | None = None   # None: one each if the cluster has any
    address: str | None = None  # of a cluster; None: $RAY_ADDRESS, otherwise Ray is started on this machine


@dataclasses.dataclass(frozen=True)
class Job:
    text: str  # what the worker is given
    size: int  # how much work it is: bytes, or 1 where all are alike


@dataclasses.dataclass(frozen=True)
class Jobs:
    each: Iterator[Job]
    count: int
    size: int  # of all


class _Actor:
    """What Ray Data calls with a job; it is made once a process."""

    def __init__(self, worker: type[Worker], arguments: tuple[Any, ...]) -> None:
        self._worker = worker(*arguments)

    def __call__(self, batch: Any) -> Iterator[Any]:
        for text in batch["job"].to_pylist():
            for result in self._worker.work(text):
                yield pyarrow.table({"result": [results.to_json(result)]})


@contextlib.contextmanager
def connected(pool: Pool) -> Iterator[None]:
    """A Ray for this process: the cluster at the address, or one of its own. Raises fovea.IOFailure."""
    if ray.is_initialized():  # by the program that calls
        yield
        return
    address = pool.address or os.environ.get("RAY_ADDRESS")
    options: dict[str, Any] = {"address": address} if address else {
        "num_cpus": len(os.sched_getaffinity(0)), "include_dashboard": False, "object_store_memory": _OBJECT_STORE}
    for tries_left in reversed(range(_STARTS)):
        try:
            ray.init(log_to_driver=False, logging_level=logging.ERROR, **options)
            break
        except Exception as error:  # Ray raises just that when its processes do not come up in time
            ray.shutdown()
            if address or not tries_left:
                where = f"the Ray cluster at {address} cannot be reached" if address else "Ray cannot be started here"
                raise fovea.IOFailure(f"{where}: {error}") from error
    try:
        yield
    finally:
        ray.shutdown()


def run(worker: type[Worker], arguments: tuple[Any, ...], jobs: Jobs, pool: Pool) -> Generator[Result, None, None]:
    """What the workers tell, in no order; closing the iterator ends them. Raises fovea.Error if none can work.

    worker: what an actor makes of `arguments`. A job of which an actor died is done again by another one.
    """
    count, gpus = _size(pool)
    _calm()
    blocks = [ray.put(pyarrow.table({"job": texts})) for texts in _packed(jobs, count)]
    if not blocks:
        return
    strategy = ray.data.ActorPoolStrategy(
        min_size=1, max_size=count, initial_size=min(count, len(blocks)), max_tasks_in_flight_per_actor=_WAITING)
    data = ray.data.from_arrow_refs(blocks).map_batches(
        _Actor, fn_constructor_args=(worker, arguments), batch_size=1, batch_format="pyarrow", compute=strategy,
        num_cpus=pool.cores, num_gpus=gpus or None)
    try:
        for batch in data.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=0):
            for text in batch["result"].to_pylist():
                yield results.from_json(text)
    except ray.exceptions.RayError as error:
        raise fovea.Error(f"the workers cannot go on: {_reason(error)}") from error


def _size(pool: Pool) -> tuple[int, float]:
    """How many workers there are, and how many GPUs each gets."""
    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    gpus = pool.gpus if pool.gpus is not None else float(any(node.get("GPU") for node in nodes))
    room = sum(int(min(node.get("CPU", 0) // pool.cores, node.get("GPU", 0) // gpus if gpus else sys.maxsize))
               for node in nodes)
    if not room:
        most = max((node.get("CPU", 0) for node in nodes), default=0)
        raise fovea.InvalidArgument(f"a worker with {pool.cores} cores and {gpus:g} GPUs finds room on no machine of the "
                                    f"cluster (at most {most:g} cores); see --cores and --gpus")
    return min(room, pool.workers or room), gpus


def _packed(jobs: Jobs, workers: int) -> Iterator[list[str]]:
    """Jobs in blocks: small ones together, a large one alone."""
    most_jobs = min(_JOBS_IN_BLOCK, jobs.count // (_BLOCKS_EACH * workers) + 1)
    most_bytes = min(_BYTES_IN_BLOCK, jobs.size // (_BLOCKS_EACH * workers) + 1)
    texts: list[str] = []
    size = 0
    for job in jobs.each:
        if texts and (len(texts) == most_jobs or size + job.size > most_bytes):
            yield texts
            texts, size = [], 0
        texts.append(job.text)
        size += job.size
    if texts:
        yield texts


def _calm() -> None:
    """Every result is a block of its own, so that it comes at once; and Ray says nothing but errors."""
    context = ray.data.DataContext.get_current()
    context.target_max_block_size = 1
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    logging.getLogger("ray.data").setLevel(logging.ERROR)


def _reason(error: Exception) -> str:
    """The last line of what a worker raised, which is the error itself."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
