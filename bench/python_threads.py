#!/usr/bin/env python3
"""Whether two Python threads really work at once: the same work in one thread after the other and in two together.

    PYTHONPATH=build/python python3 bench/python_threads.py

OpenMP gets one thread, so that two cores are enough: 2.0 is the best that two threads can do, on a machine that does
nothing else. "inside" is the share of the time that both were in the library; with the GIL held there it would be 0.
"processor" is what the work costs in two threads against one: above 1 they hinder each other.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = "1"  # before the library is loaded
os.environ["OMP_WAIT_POLICY"] = "passive"

import argparse
import threading
import time
from collections.abc import Callable

import fovea

TEXT = "".join(f"{line:05d} The ships left the harbour before noon, and the keeper wrote it down.\n" for line in range(75))
Spans = list[tuple[float, float]]


def works() -> dict[str, Callable[[], object]]:
    """By name, a call of a tenth of a second or so."""
    renderer, codec = fovea.Renderer(), fovea.Codec(device="cpu", threads=1)
    page = renderer.render(TEXT, level="tiny")[0]
    tokens = codec.encode([page])[0]
    return {
        "draw pages": lambda: [renderer.render(TEXT, level="small") for _ in range(60)],
        "encode pages": lambda: codec.encode([page]),
        "glance at pages": lambda: [codec.glance(tokens) for _ in range(2)],
        "read pages": lambda: codec.decode([tokens]),
    }


def repeat(work: Callable[[], object], times: int, spans: Spans) -> None:
    for _ in range(times):
        begin = time.perf_counter()
        work()
        spans.append((begin, time.perf_counter()))


def overlap(spans: tuple[Spans, Spans]) -> float:
    return sum(max(0.0, min(a[1], b[1]) - max(a[0], b[0])) for a in spans[0] for b in spans[1])


def in_two_threads(work: Callable[[], object], times: int) -> tuple[Spans, Spans]:
    spans: tuple[Spans, Spans] = ([], [])
    threads = [threading.Thread(target=repeat, args=(work, times, own)) for own in spans]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return spans


def compare(work: Callable[[], object], rounds: int, times: int) -> tuple[float, float, float]:
    """How many times faster two threads are, the share of their time that both were inside, and what they cost."""
    work()  # what is loaded or made at the first call
    alone = together = both = alone_cpu = together_cpu = 0.0
    for _ in range(rounds):  # in turns, so that other work on the machine slows both
        begin, begin_cpu = time.perf_counter(), time.process_time()
        repeat(work, 2 * times, [])
        middle, middle_cpu = time.perf_counter(), time.process_time()
        spans = in_two_threads(work, times)
        alone += middle - begin
        alone_cpu += middle_cpu - begin_cpu
        together += time.perf_counter() - middle
        together_cpu += time.process_time() - middle_cpu
        both += overlap(spans)
    return alone / together, both / together, together_cpu / alone_cpu


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="of one thread's turn and two threads'")
    parser.add_argument("--times", type=int, default=5, help="calls of each thread in a round")
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before")
    print(f"{'':16} {'two threads':>12} {'inside':>8} {'processor':>10}")
    for name, work in works().items():
        faster, both, cost = compare(work, options.rounds, options.times)
        print(f"{name:16} {faster:10.2f} x {both:8.0%} {cost:8.2f} x")


if __name__ == "__main__":
    main()
