#!/usr/bin/env python3
"""What a call costs through fovea-server, beside the same call in this process.

    PYTHONPATH=build/python python3 bench/server.py
    PYTHONPATH=build/python tests/with_postgres.sh python3 bench/server.py --postgres

With --postgres: through the server, of a store on PostgreSQL beside one in a file. Callers are threads, each with a
connection or a share of the memories; eight scopes of forty pages. Rounds of both ways take turns, so that other work on
the machine slows both. Server and callers share the machine's cores.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import pathlib
import queue
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator

import fovea
import kill_postgres

SCOPES = [f"user{place}/agent" for place in range(8)]
WORDS = "lamp ship harbour keeper almanac cellar tide rope anchor ledger barrel signal".split()
Call = Callable[[int, int], object]  # of a caller's and a call's number


def fill(store: str, pages: int) -> None:
    text = [f"On day {day} the keeper wrote of the {WORDS[day % 12]} and the {WORDS[day * 7 % 11]} in his book.\n"
            for day in range(pages * 75)]
    for scope in SCOPES:
        with fovea.Memory(store, scope=scope, level="tiny", measured_pages=0) as memory:
            memory.add_many(["".join(text[at:at + 75]) for at in range(0, len(text), 75)])
            memory.finish()


def first_page(store: str, scope: str) -> int:
    with fovea.Memory(store, scope=scope) as memory:
        return memory.pages()[0].id


def query_of(call: int) -> str:
    return f"{WORDS[call % 12]} {WORDS[call * 5 % 12]}"


def in_process(store: str, pages: list[int]) -> dict[str, Call]:
    readers, writers = ([fovea.Memory(store, scope=scope, measured_pages=0) for scope in SCOPES] for _ in range(2))
    return {
        "search": lambda who, call: readers[who % 8].search(query_of(call), 10),
        "recall": lambda who, call: readers[who % 8].recall([pages[who % 8] + call % 8]),
        "context": lambda who, call: readers[who % 8].context(2000, query=query_of(call)),
        "add": lambda who, call: writers[who % 8].add(f"Caller {who} says {call}.", "user"),
    }


def through_server(port: int, pages: list[int]) -> dict[str, Call]:
    own = threading.local()

    def post(path: str, who: int, body: object) -> bytes:
        if not hasattr(own, "connection"):
            own.connection = http.client.HTTPConnection("127.0.0.1", port)
        own.connection.request("POST", f"{path}?scope={SCOPES[who % 8]}", json.dumps(body), {"Content-Type": "application/json"})
        answer = own.connection.getresponse()
        said: bytes = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {said!r}")
        return said

    return {
        "search": lambda who, call: post("/v1/search", who, {"query": query_of(call)}),
        "recall": lambda who, call: post("/v1/recall", who, {"ids": [pages[who % 8] + call % 8]}),
        "context": lambda who, call: post("/v1/context", who, {"budget": 2000, "query": query_of(call)}),
        "add": lambda who, call: post("/v1/messages", who, {
            "messages": [{"role": "user", "content": f"Caller {who} says {call}."}]}),
    }


class Spent:
    """Seconds of each call, and of all rounds together."""

    def __init__(self) -> None:
        self.each: list[float] = []
        self.rounds = 0.0

    def told(self) -> str:
        most = sorted(self.each)[int(.95 * len(self.each))]
        return f"{statistics.median(self.each) * 1e3:.1f} ({most * 1e3:.1f}) | {len(self.each) / self.rounds:,.0f}"


def repeat(call: Call, callers: int, calls: int, spent: Spent) -> None:
    """`calls` in all."""
    left: queue.SimpleQueue[int] = queue.SimpleQueue()
    for number in range(calls):
        left.put(number)

    def work(who: int) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                number = left.get_nowait()
                begun = time.perf_counter()
                call(who, number)
                spent.each.append(time.perf_counter() - begun)

    threads = [threading.Thread(target=work, args=(who,)) for who in range(callers)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spent.rounds += time.perf_counter() - begun


@contextlib.contextmanager
def server(store: str, folder: str) -> Iterator[tuple[int, int]]:
    """Its port and process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-m", "fovea.server", "serve", "--store", store, "--state",
                                folder, "--http", f"127.0.0.1:{port}", "--rate", "1000000/second", "--age-every", "0"],
                               stderr=subprocess.DEVNULL)
    try:
        while process.poll() is None:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            time.sleep(.1)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait()


def resident(pid: int, most: bool = False) -> str:
    """A process's memory now, or the most it ever had."""
    kept = dict(line.split(":") for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())
    return f"{int(kept['VmHWM' if most else 'VmRSS'].split()[0]) / 1024:,.0f} MB"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pages", type=int, default=40, help="of each scope")
    parser.add_argument("--rounds", type=int, default=3, help="of each way")
    parser.add_argument("--calls", type=int, default=320, help="in a round")
    parser.add_argument("--postgres", action="store_true",
                        help="through the server alone: of a file, and of a store on the PostgreSQL server that "
                             "tests/with_postgres.sh starts")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as running:
        ways: dict[str, dict[str, Call]] = {}
        pids = {}

        def serve(what: str, store: str) -> None:
            state = tempfile.mkdtemp(dir=folder)
            fill(store, options.pages)
            pages = [first_page(store, scope) for scope in SCOPES]
            port, pids[what] = running.enter_context(server(store, state))
            print(f"{what}: {resident(pids[what])} when it answers")
            if not options.postgres:
                ways["in this process"] = in_process(store, pages)
            ways[what] = through_server(port, pages)

        serve("through the server", str(pathlib.Path(folder) / "memory.db"))
        if options.postgres:
            serve("of a store on PostgreSQL", kill_postgres.Server().make("bench"))
        print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before; milliseconds, median (95 %)")
        print("| call | callers | " + " | a second | ".join(ways) + " | a second | ratio of medians |")
        print("|---" * 7 + "|")
        for name in next(iter(ways.values())):
            for way in ways.values():
                repeat(way[name], 8, 16, Spent())  # opens every scope
            for callers in (1, 8, 32):
                spent = {what: Spent() for what in ways}
                for _ in range(options.rounds):
                    for what, way in ways.items():
                        repeat(way[name], callers, options.calls, spent[what])
                first, second = (statistics.median(times.each) for times in spent.values())
                told = " | ".join(times.told() for times in spent.values())
                print(f"| {name} | {callers} | {told} | {second / first:.1f} |", flush=True)
        for what, pid in pids.items():
            print(f"{what}: {resident(pid)} after this, {resident(pid, most=True)} at most")


if __name__ == "__main__":
    main()
