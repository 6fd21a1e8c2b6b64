"""What a run tells of itself: train.log for people, metrics.jsonl for programs."""

from __future__ import annotations

import json
import time
from pathlib import Path


class Log:
    """Lines with the seconds since the run's begin, earlier calls among them. Ranks but the first say nothing."""

    def __init__(self, folder: Path, first: bool, earlier: float):
        self.folder, self.first, self.begin = folder, first, time.time() - earlier

    @property
    def seconds(self) -> float:
        return time.time() - self.begin

    def __call__(self, *words) -> None:
        if self.first:
            line = f"[{self.seconds:7.1f}] " + " ".join(map(str, words))
            print(line, flush=True)
            with open(self.folder / "train.log", "a") as file:
                file.write(line + "\n")

    def metrics(self, line: dict) -> None:
        if self.first:
            with open(self.folder / "metrics.jsonl", "a") as file:
                file.write(json.dumps(line) + "\n")
