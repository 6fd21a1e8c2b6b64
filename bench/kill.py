"""Kills processes that write a store, at random moments: the store is sound after each, and repeating ends the work.

    python bench/kill.py --build build --times 200

Each time one of compact, age, erase and the making of the vector index is started and killed (SIGKILL) after a random
part of the time that it takes; then the store is verified, the same command is run to its end, and what it should have
done is checked.
"""

from __future__ import annotations

import argparse
import collections
import json
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

MESSAGES = 150
WORK = ("compact", "age", "erase", "index")


class Killer:
    def __init__(self, worker: pathlib.Path, folder: pathlib.Path, seed: int, full: pathlib.Path | str = ""):
        self.worker, self.folder, self.random = worker, folder, random.Random(seed)
        self.full = full or folder / "full.db"  # a store to start from
        self.call("compact", self.full)
        self.pages = self.check(self.full)["pages"]
        self.takes = {work: self.time_of(work) for work in WORK}

    def command(self, work: str, store: pathlib.Path | str) -> list:
        return [self.worker, work, store] + ([str(MESSAGES)] if work == "compact" else [])

    def call(self, work: str, store: pathlib.Path | str) -> None:
        subprocess.run(self.command(work, store), check=True, capture_output=True)

    def check(self, store: pathlib.Path | str) -> dict:
        done = subprocess.run([self.worker, "check", store], capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"{store}: {done.stdout}{done.stderr}")
        return json.loads(done.stdout)

    def store_for(self, work: str) -> pathlib.Path | str:
        store = self.folder / "store.db"
        for path in self.folder.glob("store.db*"):
            path.unlink()
        if work != "compact":
            shutil.copy(self.full, store)
        return store

    def time_of(self, work: str) -> float:
        store, start = self.store_for(work), time.monotonic()
        self.call(work, store)
        return time.monotonic() - start

    def is_done(self, work: str, found: dict) -> bool:
        return {"compact": found["messages"] == MESSAGES and found["pages"] == self.pages,
                "age": found["faint"] == self.pages == found["pages"],
                "erase": found["pages"] == self.pages - self.pages // 3,
                "index": found["pages"] == self.pages}[work]

    def once(self, work: str) -> bool:
        """True when the process was killed before it was done."""
        store = self.store_for(work)
        process = subprocess.Popen(self.command(work, store), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(self.random.uniform(0, self.takes[work]))
        except subprocess.TimeoutExpired:
            process.kill()
        killed = process.wait() != 0
        self.check(store)
        self.call(work, store)
        if not self.is_done(work, found := self.check(store)):
            raise SystemExit(f"{work} was not completed: {found}")
        return killed


def kill_often(worker: pathlib.Path, times: int, seed: int) -> dict:
    with tempfile.TemporaryDirectory() as folder:
        killer = Killer(worker, pathlib.Path(folder), seed)
        killed = collections.Counter()
        for i in range(times):
            work = WORK[i % len(WORK)]
            killed[work] += killer.once(work)
    return {"times": times, "killed": dict(killed), "killed_in_all": sum(killed.values()), "lost": 0}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default="build", help="folder with fovea_store_worker")
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print(json.dumps(kill_often(options.build / "fovea_store_worker", options.times, options.seed), indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
