#!/usr/bin/env python3
"""What the Python package costs: importing it, and a call of it over the same call from C++.

    cmake -S . -B build -DFOVEA_BUILD_PYTHON=ON -DFOVEA_BUILD_BENCH=ON && cmake --build build
    PYTHONPATH=build/python python3 bench/python_calls.py --calls-bench build/calls_bench
"""

from __future__ import annotations

import argparse
import pathlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

import fovea

ROUNDS, CALLS = 1000, 10  # short rounds: the least is one that nothing interrupted


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls-bench", default="build/calls_bench", help="the C++ program")
    options = parser.parse_args()
    print(f"import fovea                  {best_of_processes('import fovea'):.4f} s")
    print(f"its first use (loads libtorch) {best_of_processes('import fovea; fovea.Memory'):.4f} s")
    with tempfile.TemporaryDirectory() as folder:
        store = pathlib.Path(folder) / "memory.db"
        fovea.Memory(store).close()
        ours, theirs = python_calls(store), cpp_calls(options.calls_bench, store)
    print(f"{'call':20} {'Python':>9} {'C++':>9} {'more':>9}   microseconds")
    for name, seconds in ours.items():
        print(f"{name:20} {seconds * 1e6:9.2f} {theirs[name] * 1e6:9.2f} {(seconds - theirs[name]) * 1e6:9.2f}")


if __name__ == "__main__":
    main()
