#!/usr/bin/env python3
"""How often a call waits for its PostgreSQL server, and what it takes where the server is far away.

    PYTHONPATH=build/python tests/with_postgres.sh python3 bench/round_trips.py
    PYTHONPATH=build/python tests/with_postgres.sh python3 bench/round_trips.py --against OTHER_BUILD/python

The store is reached through a proxy. It counts the times that the client sends after it was answered,
and with --delay holds everything for so long, each way. --against runs another build's package in turns with this one,
as "before".
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
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
from collections.abc import Callable
from typing import Any

import kill_postgres

PAGES = 12
WORDS = "lamp ship harbour keeper almanac cellar tide rope anchor ledger barrel signal".split()


class Distance:
    """A process with a Unix socket whose connections lead to the server's; `delay` seconds each way."""

    def __init__(self, folder: str, server: str) -> None:
        self.server = server
        self.delay, self.turns = multiprocessing.Value("d", 0.0), multiprocessing.Value("i", 0)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(f"{folder}/.s.PGSQL.5432")
        self.listener.listen()
        multiprocessing.Process(target=self.accept, daemon=True).start()

    def accept(self) -> None:
        while True:
            client = self.listener.accept()[0]
            server = socket.socket(socket.AF_UNIX)
            server.connect(f"{self.server}/.s.PGSQL.5432")
            answered = threading.Event()  # since the client sent last
            answered.set()

            def count(answered: threading.Event = answered) -> None:
                if answered.is_set():
                    self.turns.value += 1
                answered.clear()

            self.carry(client, server, count)
            self.carry(server, client, answered.set)

    def carry(self, source: socket.socket, target: socket.socket, note: Callable[[], None]) -> None:
        held: queue.SimpleQueue[tuple[float, bytes]] = queue.SimpleQueue()

        def take() -> None:
            while data := source.recv(1 << 16):
                note()
                held.put((time.monotonic() + self.delay.value, data))
            held.put((0.0, b""))

        def give() -> None:
            while (item := held.get())[1]:
                time.sleep(max(0.0, item[0] - time.monotonic()))
                target.sendall(item[1])
            target.shutdown(socket.SHUT_WR)

        for work in (take, give):
            threading.Thread(target=work, daemon=True).start()


def pages_of_text(pages: int) -> list[str]:
    """Messages, twelve of which fill a page."""
    return ["".join(f"On day {day * 6 + part} the keeper wrote of the {WORDS[day % 12]} and the "
                    f"{WORDS[(day * 7 + part) % 11]} in his book.\n" for part in range(6)) for day in range(pages * 12)]


def one_round(memory: Any, number: int, page: list[str], call: Callable[[str, Callable[[], Any]], Any]) -> None:
    call("add a message", lambda: memory.add(f"Round {number} begins.", "user"))
    call("add a page in 12 messages", lambda: (memory.add_many(page), memory.finish()))
    call("search", lambda: memory.search(f"{WORDS[number]} {WORDS[-number]}", 10))
    call("context for a question", lambda: memory.context(2000, query=WORDS[number]))
    call("stats", memory.stats)
    last = call("list the pages", memory.pages)[-1].id
    call("recall of a page", lambda: memory.recall([last]))
    call("erase a page", lambda: memory.erase([last]))


def measure(url: str, delay: float, rounds: int) -> dict[str, list[tuple[int, float]]]:
    """By call: how often it waited, and seconds."""
    found: dict[str, list[tuple[int, float]]] = {}
    folder = url.split("host=")[1].split("&")[0]
    with tempfile.TemporaryDirectory() as near:
        way = Distance(near, folder)
        url = url.replace(folder, near)
        import fovea  # behind the proxy's process, which needs none of its threads

        def call(name: str, work: Callable[[], Any]) -> Any:
            before, begun = way.turns.value, time.perf_counter()
            result = work()
            found.setdefault(name, []).append((way.turns.value - before, time.perf_counter() - begun))
            return result

        with fovea.Memory(url, scope="ann/agent", level="tiny", measured_pages=0) as memory:
            text = pages_of_text(PAGES + 2 * rounds)
            memory.add_many(text[:PAGES * 12])
            memory.finish()
            way.delay.value = delay
            for number in range(rounds + 1):
                if number == 1:
                    found.clear()  # the first round prepares statements
                one_round(memory, number, text[(PAGES + number) * 12:(PAGES + number + 1) * 12], call)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--against", type=pathlib.Path, help="the Python package of another build: its folder")
    parser.add_argument("--delay", type=float, default=1.0, help="milliseconds, each way")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--measure", nargs=2, metavar=("URL", "DELAY"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.measure[0], float(options.measure[1]), options.rounds)))
        return
    server = kill_postgres.Server()
    packages = {"": os.environ["PYTHONPATH"]}
    if options.against:
        packages = {"before, ": str(options.against.resolve()), "now, ": packages[""]}
    columns: dict[str, dict[str, list[tuple[int, float]]]] = {}
    for delay in (0.0, options.delay / 1e3):
        for name, package in packages.items():
            told = subprocess.run([sys.executable, __file__, "--rounds", str(options.rounds), "--measure",
                                   server.make("distance"), str(delay)], env={**os.environ, "PYTHONPATH": package},
                                  check=True, stdout=subprocess.PIPE)
            columns[f"{name}{'here' if delay == 0 else f'{options.delay:g} ms away'}"] = json.loads(told.stdout)
    print("ms (times it waited), medians | " + " | ".join(columns))
    for call in next(iter(columns.values())):
        cells = [f"{statistics.median(seconds for _, seconds in column[call]) * 1e3:.1f} "
                 f"({statistics.median(turns for turns, _ in column[call]):g})" for column in columns.values()]
        print(f"{call} | " + " | ".join(cells))


if __name__ == "__main__":
    main()
