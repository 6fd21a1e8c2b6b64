#!/usr/bin/env python3
"""What encoding a page takes alone and beside other work on every core, by how waiting threads wait.

    PYTHONPATH=build/python python3 bench/busy_machine.py

"as OpenMP" sets GOMP_SPINCOUNT to what GCC's OpenMP has by itself; "by itself" sets nothing, so that Fovea lets idle
threads sleep; "passive" sets OMP_WAIT_POLICY. The other work compresses made-up bytes, with `nice` and without. All are
timed in turns, in one run: take the ratios. "seconds" is the median of the encodings' times, "processor" the mean of
what an encoding costs on all cores together.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

TEXT = "".join(f"{line:05d} The ships left the harbour before noon, and the keeper wrote it down.\n" for line in range(75))
WAITS = {"as OpenMP": {"GOMP_SPINCOUNT": "300000"}, "by itself": {}, "passive": {"OMP_WAIT_POLICY": "passive"}}
LOADS = {"alone": None, "beside work, nice 10": 10, "beside work": 0}


def encode(level: str) -> None:
    """The child: for each number of encodings on stdin, their seconds and processor seconds on stdout."""
    import fovea

    page = fovea.Renderer().render(TEXT, level=level)[0]
    codec = fovea.Codec(device="cpu")
    codec.encode([page])
    for line in sys.stdin:
        for _ in range(int(line)):
            begin, begin_cpu = time.perf_counter(), time.process_time()
            codec.encode([page])
            print(time.perf_counter() - begin, time.process_time() - begin_cpu)
        print("done", flush=True)


def compress(nice: int) -> None:
    """The other work, until it is ended."""
    os.nice(nice)
    data = random.Random(1).randbytes(1 << 18) * 2
    while True:
        zlib.compress(data)


def start(*arguments: str, environment: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, __file__, *arguments], text=True, env=environment,
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE)


@contextmanager
def other_work(nice: int | None) -> Iterator[None]:
    """On every core."""
    count = 0 if nice is None else os.cpu_count() or 1
    others = [start("--work", str(nice), environment=dict(os.environ)) for _ in range(count)]
    if others:
        time.sleep(0.5)  # until they are under way
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


def timed(encoder: subprocess.Popen[str], times: int) -> list[tuple[float, float]]:
    assert encoder.stdin and encoder.stdout
    encoder.stdin.write(f"{times}\n")
    encoder.stdin.flush()
    lines = iter(encoder.stdout.readline, "done\n")
    return [(float(seconds), float(processor)) for seconds, processor in (line.split() for line in lines)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--level", default="tiny")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--times", type=int, default=10, help="encodings of each turn in a round")
    parser.add_argument("--encode", help=argparse.SUPPRESS)
    parser.add_argument("--work", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.encode:
        return encode(options.encode)
    if options.work is not None:
        return compress(options.work)

    plain = {name: value for name, value in os.environ.items() if name not in ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")}
    encoders = {wait: start("--encode", options.level, environment=plain | more) for wait, more in WAITS.items()}
    spans: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for _ in range(options.rounds):
        for load, nice in LOADS.items():
            with other_work(nice):
                for wait, encoder in encoders.items():
                    spans.setdefault((load, wait), []).extend(timed(encoder, options.times))
    for encoder in encoders.values():
        encoder.communicate()

    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; a {options.level} page")
    print(f"{'':22} {'waiting':10} {'seconds':>9} {'/ alone':>8} {'processor':>10}")
    alone = {wait: statistics.median(seconds for seconds, _ in spans["alone", wait]) for wait in WAITS}
    for (load, wait), times in spans.items():
        seconds = statistics.median(seconds for seconds, _ in times)
        processor = statistics.mean(processor for _, processor in times)
        print(f"{load:22} {wait:10} {seconds:9.3f} {seconds / alone[wait]:7.1f}x {processor:10.3f}")


if __name__ == "__main__":
    main()
