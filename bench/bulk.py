#!/usr/bin/env python3
"""Bulk compaction beside bare encoding: how many characters a second both take, and how busy the cores are.

    cmake -S . -B build -DFOVEA_BUILD_PYTHON=ON && cmake --build build
    PYTHONPATH=build/python python3 bench/bulk.py book.txt --level tiny --characters 400000

*Bare* encodes pages that are drawn already. *Compact* takes the text, lays pages out, draws, encodes, looks at them
for search, and stores them; nothing is measured. Both take the same text, by turns, in one process.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import statistics
import tempfile
import time
from collections.abc import Callable

import fovea

AT_ONCE = 8  # pages, as drawn pages take 1.6 MB each


class Run:
    """Wall-clock and processor seconds of a call."""

    def __init__(self, call: Callable[[], object]):
        wall, processor = time.perf_counter(), time.process_time()
        call()
        self.wall, self.processor = time.perf_counter() - wall, time.process_time() - processor

    def busy(self) -> float:
        return self.processor / self.wall / len(os.sched_getaffinity(0))


def encode(codec: fovea.Codec, pages: list[fovea.Page]) -> None:
    for begin in range(0, len(pages), AT_ONCE):
        codec.encode(pages[begin : begin + AT_ONCE])


def compact(text: str, level: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = pathlib.Path(folder) / "bulk.db"
        with fovea.Memory(store, level=level, measured_pages=0) as memory:
            memory.add(text)
            memory.finish()


def line(name: str, characters: int, runs: list[Run]) -> str:
    rate = characters / statistics.median(run.wall for run in runs)
    processor = characters / statistics.median(run.processor for run in runs)
    return f"| {name} | {rate:,.0f} | {processor:,.0f} | {statistics.median(run.busy() for run in runs):.2f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", type=pathlib.Path, help="UTF-8 text, such as a book")
    parser.add_argument("--level", default="tiny")
    parser.add_argument("--characters", type=int, default=400_000, help="of the text, from its beginning")
    parser.add_argument("--turns", type=int, default=3)
    args = parser.parse_args()

    text = args.text.read_text()[: args.characters]
    pages = fovea.Renderer().render(text, level=args.level)
    codec = fovea.Codec()
    bare, compacted = [], []
    with tempfile.TemporaryDirectory() as folder, fovea.Memory(pathlib.Path(folder) / "open.db") as memory:
        memory.add(text[:100])
        memory.finish()  # has opened what memories share
        encode(codec, pages[:AT_ONCE])
        for _ in range(args.turns):
            bare.append(Run(lambda: encode(codec, pages)))
            compacted.append(Run(lambda: compact(text, args.level)))
    print(f"{len(pages)} pages of {args.level}, {len(text):,} characters, median of {args.turns}\n")
    print("| | characters/s | per processor second | cores busy |\n|---|---:|---:|---:|")
    print(line("bare encoding", len(text), bare))
    print(line("compact", len(text), compacted))
    wall, processor = (
        statistics.median(getattr(a, what) / getattr(b, what) for a, b in zip(bare, compacted))
        for what in ("wall", "processor")
    )
    print(f"\ncompact as a share of bare encoding: {wall:.2f} by the clock, {processor:.2f} by processor time")


if __name__ == "__main__":
    main()
