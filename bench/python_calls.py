#!/usr/bin/env python3
"""What the Python package costs: importing it, a call of it over the same call from C++, two threads at once.

    cmake -S . -B build -DFOVEA_BUILD_PYTHON=ON -DFOVEA_BUILD_BENCH=ON && cmake --build build
    PYTHONPATH=build/python python3 bench/python_calls.py --calls-bench build/calls_bench
"""

from __future__ import annotations

import argparse
import pathlib
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable

import fovea

ROUNDS, CALLS = 1000, 10  # short rounds: the least is one that nothing interrupted
TEXT = "The ships left the harbour before noon, and the keeper wrote it down.\n" * 80


def best_of_processes(program: str, times: int = 5) -> float:
    """Seconds that a program says it took, the least of several processes."""
    timed = f"import time; begin = time.perf_counter(); {program}; print(time.perf_counter() - begin)"
    return min(float(subprocess.check_output([sys.executable, "-c", timed])) for _ in range(times))


def per_call(call: Callable[[], object]) -> float:
    """Seconds a call, the least mean of several rounds, as calls_bench does."""
    best = float("inf")
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        for _ in range(CALLS):
            call()
        best = min(best, (time.perf_counter() - begin) / CALLS)
    return best


def python_calls(store: pathlib.Path) -> dict[str, float]:
    renderer = fovea.Renderer()
    with fovea.Memory(store) as memory:
        return {
            "token_count": per_call(lambda: fovea.token_count("tiny")),
            "count_text_tokens": per_call(lambda: fovea.count_text_tokens("a log")),
            "lay_out": per_call(lambda: renderer.lay_out("a log")),
            "pages": per_call(memory.pages),
            "stats": per_call(memory.stats),
        }


def cpp_calls(program: str, store: pathlib.Path) -> dict[str, float]:
    model = pathlib.Path(fovea.__file__).parent / "models" / "fovea-nano"
    lines = subprocess.check_output([program, str(store), str(model)], text=True).split("\n")
    return {name: float(seconds) for name, seconds in (line.split() for line in lines if line)}


Spans = list[tuple[float, float]]


def draw(renderer: fovea.Renderer, spans: Spans) -> None:
    """Draws pages and notes when each call was under way."""
    for _ in range(100):
        begin = time.perf_counter()
        renderer.render(TEXT, level="small")
        spans.append((begin, time.perf_counter()))


def two_threads() -> tuple[float, float]:
    """How much faster two threads draw pages than one draws both shares (2 at best, on a machine of its
    own), and the share of their time that both were inside the library (0 if calls kept the GIL)."""
    renderer = fovea.Renderer()
    alone = together = both = 0.0
    for _ in range(5):  # in turns, so that other work on the machine slows both
        begin = time.perf_counter()
        draw(renderer, [])
        draw(renderer, [])
        middle = time.perf_counter()
        spans: tuple[Spans, Spans] = ([], [])
        threads = [threading.Thread(target=draw, args=(renderer, own)) for own in spans]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        alone += middle - begin
        together += time.perf_counter() - middle
        both += sum(max(0.0, min(a[1], b[1]) - max(a[0], b[0])) for a in spans[0] for b in spans[1])
    return alone / together, both / together


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls-bench", default="build/calls_bench", help="the C++ program")
    options = parser.parse_args()
    print(f"import fovea                  {best_of_processes('import fovea'):.3f} s")
    print(f"its first use (loads libtorch) {best_of_processes('import fovea; fovea.Memory'):.3f} s")
    with tempfile.TemporaryDirectory() as folder:
        store = pathlib.Path(folder) / "memory.db"
        fovea.Memory(store).close()
        ours, theirs = python_calls(store), cpp_calls(options.calls_bench, store)
    print(f"{'call':20} {'Python':>9} {'C++':>9} {'more':>9}   microseconds")
    for name, seconds in ours.items():
        print(f"{name:20} {seconds * 1e6:9.2f} {theirs[name] * 1e6:9.2f} {(seconds - theirs[name]) * 1e6:9.2f}")
    faster, both = two_threads()
    print(f"two threads draw pages {faster:.2f} times as fast as one; both inside the library {both:.0%} of the time")


if __name__ == "__main__":
    main()
