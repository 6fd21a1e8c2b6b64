"""Transcripts of teams, a Ray cluster on this machine, and what a fleet left in a store; for tests of fovea.fleet."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest

os.environ.update(RAY_USAGE_STATS_ENABLED="0", RAY_worker_niceness="0")  # by itself Ray gives way to all others
T = TypeVar("T")
PATTERN = "{user}/{agent}/{session}.jsonl"


def say(user: str, session: str, lines: int, start: int = 0) -> str:
    """Messages without ids of their own, each alike in no other transcript."""
    return "".join(json.dumps({"role": "user", "content": f"{user} {session} line {i}: the ships of {user} left the harbour "
                               "before noon, and the keeper wrote their names into his book. " * 3}) + "\n"
                   for i in range(start, start + lines))


def write_logs(folder: pathlib.Path, users: list[str], sessions: int, lines: int) -> pathlib.Path:
    for user in users:
        (folder / user / "coder").mkdir(parents=True, exist_ok=True)
        for i in range(sessions):
            (folder / user / "coder" / f"s{i}.jsonl").write_text(say(user, f"s{i}", lines))
    return folder


def fleet(*arguments, code: int = 0) -> dict:
    """A driver in this process, for as long as it takes."""
    from fovea.fleet.command import _parser, run

    report = run(_parser().parse_args([*map(str, arguments)]))
    assert report.exit_code == code, report
    return json.loads(json.dumps(report.as_json()))


def start(*arguments) -> subprocess.Popen:
    """A driver of its own."""
    return subprocess.Popen([sys.executable, "-m", "fovea.fleet", *map(str, arguments), "--json"], text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def wait_until(holds: Callable[[], bool], process: subprocess.Popen | None = None, seconds: float = 300) -> None:
    until = time.monotonic() + seconds
    while not holds() and (process is None or process.poll() is None):
        assert time.monotonic() < until
        time.sleep(0.2)


def texts(store: str | pathlib.Path, scope: str) -> list[str]:
    """Each line of the scope as it was said, in order; its store is sound."""
    import fovea

    with fovea.Memory(store, scope=scope, measured_pages=0, existing=True) as memory:
        assert memory.verify() == []
        told = "".join(item.text for item in memory.recall_all("archive"))
    return [line.split(":")[0] for line in told.splitlines() if " line " in line.split(":")[0]]


def said(user: str, session: str, lines: int) -> list[str]:
    return [f"{user} {session} line {i}" for i in range(lines)]


class Machines:
    """A Ray cluster on this machine, which drivers find; each of its machines has one core."""

    NODE = {"num_cpus": 1, "object_store_memory": 80 << 20}

    def __init__(self) -> None:
        from ray.cluster_utils import Cluster

        self._cluster = patiently(lambda: Cluster(initialize_head=True,
                                                  head_node_args={**self.NODE, "include_dashboard": False}))
        self.add()

    def add(self) -> object:
        return patiently(lambda: self._cluster.add_node(wait=True, **self.NODE))

    def cut_off(self, node: object) -> None:
        """As if its power failed."""
        self._cluster.remove_node(node, allow_graceful=False)

    def end(self) -> None:
        self._cluster.shutdown()

    @property
    def address(self) -> str:
        return str(self._cluster.address)


def patiently(make: Callable[[], T]) -> T:
    """Ray waits 30 seconds for processes of its own, and on a machine that runs other tests too they need longer."""
    for _ in range(3):
        try:
            return make()
        except Exception as error:  # Ray raises just that
            if "timed out during startup" not in str(error):
                raise
    return make()


@pytest.fixture(scope="module")
def machines() -> Iterator[Machines]:
    pytest.importorskip("ray", reason="Ray is not installed: pip install 'fovea[fleet]'")
    made = Machines()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_ADDRESS", made.address)
        yield made
    made.end()
