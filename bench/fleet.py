#!/usr/bin/env python3
"""What bulk compaction costs, part by part, and what that comes to for a fleet of a given size.

    PYTHONPATH=build/python python3 bench/fleet.py pages                                # in a file
    PYTHONPATH=build/python tests/with_postgres.sh python3 bench/fleet.py pages --server  # and on a server
    PYTHONPATH=build/python python3 bench/fleet.py files --counts 1000,10000,100000      # what Ray and the journal add
    python3 bench/fleet.py plan --a-day 1e7 --held 1e9                                   # the formula, from the last run

`pages` fills scopes with pages of text that differs and counts the seconds of one core that each part takes (other work on
the machine changes them less than the time); writing is what is left of the whole. What the server's own processes take
stands beside it. `files` sends files without content through the whole machinery, to a worker that does
nothing. Both add their figures to --figures, which `plan` reads.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import pathlib
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import Any

DAY = 86_400
SCOPE_PAGES = 30  # of the scopes that are filled


def text_of(seed: int, pages: int) -> str:
    """Prose of made-up words, no two pages alike, some of which come often: an index of it has the usual form."""
    chance = random.Random(seed)
    words = ["".join(chance.choice("bcdfgklmnprstv") + chance.choice("aeiou") for _ in range(chance.randint(1, 4)))
             for _ in range(4000)]
    lines = []
    for _ in range(pages * 62):
        lines.append(" ".join(words[int(4000 * chance.random() ** 3)] for _ in range(15))[:92])
    return "\n".join(lines) + "\n"


def timed(work: Callable[..., Any], *arguments: Any, **options: Any) -> tuple[float, Any]:
    """Seconds of one core, and what came out."""
    begun = time.process_time()
    made = work(*arguments, **options)
    return time.process_time() - begun, made


def cpu_of_server(folder: pathlib.Path) -> float:
    """Of all processes that the PostgreSQL server of a data folder has and had."""
    first = int((folder / "postmaster.pid").read_text().splitlines()[0])
    ticks = 0
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            fields = path.read_text().rpartition(")")[2].split()
            own = int(path.parent.name) == first
            if own or int(fields[1]) == first:
                ticks += sum(map(int, fields[11:15] if own else fields[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


# Pages


def measure_pages(scopes: int, level: str, server: bool) -> dict[str, Any]:
    import fovea

    renderer, codec = fovea.Renderer(), fovea.Codec(threads=1)
    texts = [text_of(seed, SCOPE_PAGES) for seed in range(scopes)]
    codec.decode(codec.encode(renderer.render(texts[0][:500], level=level)))  # loads what is loaded once
    draw, drawn = timed(renderer.render, texts[0], level=level)
    encode, tokens = timed(codec.encode, drawn[:4])
    found: dict[str, Any] = {"level": level, "draw": draw / len(drawn), "encode": encode / 4,
                             "measure": timed(codec.decode, tokens[:2])[0] / 2}
    with tempfile.TemporaryDirectory() as folder:
        found["file"] = measure_store(texts, level, lambda scope: str(pathlib.Path(folder, f"{scope}.db")))
        size = sum(path.stat().st_size for path in pathlib.Path(folder).glob("*.db"))
        found["file"]["bytes"] = size / found["file"]["pages"]
    if server:
        found["server"] = measure_server(texts, level)
    return found


def measure_store(texts: list[str], level: str, place: Callable[[int], str], first: int = 0) -> dict[str, Any]:
    import fovea

    seconds, pages = 0.0, 0
    for number, text in enumerate(texts, first):
        with fovea.Memory(place(number), scope=f"user{number}", level=level, threads=1, measured_pages=0) as memory:
            memory.add("first")  # opens the store
            took, made = timed(memory.add_many, [text])
            seconds += took
            pages += made.pages
    return {"pages": pages, "whole": seconds / pages}


def measure_server(texts: list[str], level: str) -> dict[str, Any]:
    """Sizes are differences, since every table and index has some pages from the beginning."""
    from kill_postgres import Server

    served = Server()
    url = served.make("costs")
    data = pathlib.Path(served.control[served.control.index("-D") + 1])
    measure_store(texts[:1], level, lambda scope: url)
    before, used = server_sizes(url), cpu_of_server(data)
    found = measure_store(texts[1:], level, lambda scope: url, first=1)
    pages = found["pages"]
    found["of_server"] = (cpu_of_server(data) - used) / pages
    grown = {name: (size - before[name]) / pages for name, size in server_sizes(url).items()}
    found["word_index_bytes"] = grown.pop("word index")
    return {**found, "bytes": sum(grown.values()), "tables": {name: round(size) for name, size in grown.items() if size > 100}}


def server_sizes(url: str) -> dict[str, int]:
    """Of tables with their indexes; the index of words also by itself."""
    sql = ("SELECT relname, pg_total_relation_size(c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace "
           "WHERE nspname = 'fovea' AND relkind = 'r' UNION SELECT 'word index', pg_relation_size('fovea.piece_words_words')")
    rows = subprocess.run(["psql", "-At", "-c", sql, url], check=True, text=True, capture_output=True).stdout.splitlines()
    return {name: int(size) for name, _, size in (row.partition("|") for row in rows)}


# Files


class Idle:
    """A worker that finds everything done."""

    def work(self, text: str) -> Iterator[Any]:
        from fovea.fleet.journal import ScopeJob
        from fovea.fleet.results import FileDone

        job = ScopeJob.from_json(text)
        for file in job.files:
            yield FileDone(job.scope, vars(file), content=file.name, name=file.name)


def send_files(count: int) -> dict[str, Any]:
    """Ten files a scope, listed, sent to two idle workers, noted; seconds of the driver's core a file."""
    from fovea.fleet import engine
    from fovea.fleet.engine import Job, Jobs, Pool
    from fovea.fleet.journal import Journal
    from fovea.fleet.results import FileDone
    from fovea.fleet.sources import Found

    def listed() -> Iterator[tuple[str, Found]]:
        for number in range(count):
            name = f"/var/log/agents/user{number // 10}/coder/session-{number}.jsonl"
            yield f"user{number // 10}/coder/session", Found("/var/log/agents", name, name, name, 20_000, 1 + number)

    before = peak_bytes()
    with tempfile.TemporaryDirectory() as folder, engine.connected(Pool(workers=2)):
        journal = Journal(pathlib.Path(folder, "journal.db"), "store", "options")
        listing, _ = timed(journal.list, listed())
        pending = journal.pending()
        jobs = Jobs((Job(job.to_json(), len(job.files)) for job in journal.jobs()), pending.scopes, pending.files)
        begun, first, cpu, done = time.perf_counter(), 0.0, 0.0, 0
        for result in engine.run(Idle, (), jobs, Pool(workers=2)):
            if isinstance(result, FileDone):
                if not done:
                    first, cpu = time.perf_counter(), time.process_time()
                journal.note_done(result)
                done += 1
        ended, used = time.perf_counter(), time.process_time() - cpu
        journal.close()
    assert done == count
    return {"files": count, "list": listing / count, "send": used / count, "send_wall": (ended - first) / count, "start": first - begun,
            "grown_bytes": peak_bytes() - before}


def peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def measure_files(counts: list[int]) -> list[dict[str, Any]]:
    """Each in a process of its own, so that its peak is its own."""
    return [json.loads(subprocess.run([sys.executable, __file__, "send", str(count)], check=True, text=True,
                                      stdout=subprocess.PIPE).stdout) for count in counts]


# The plan


def plan(figures: dict[str, Any], a_day: float, held: float, busy: float) -> dict[str, Any]:
    """By formula: everything is so much a page. `busy`: share of a day that the machines work."""
    pages, store = figures["pages"], figures["pages"].get("server") or figures["pages"]["file"]
    second = a_day / (DAY * busy)  # pages a second
    encode = pages["draw"] + pages["encode"]
    write = max(store["whole"] - encode, 0)
    found = {
        "pages_a_second": second,
        "worker_cores": second * store["whole"],
        "of_these_to_draw": second * pages["draw"], "of_these_to_encode": second * pages["encode"],
        "of_these_to_write": second * write,
        "server_cores": second * store.get("of_server", 0),
        "cores_more_if_all_is_read_back": second * pages["measure"],
        "terabytes_held": held * store["bytes"] / 1e12, "gigabytes_more_a_day": a_day * store["bytes"] / 1e9,
        "days_until_held": held / a_day,
    }
    if "word_index_bytes" in store:
        found["terabytes_of_word_index"] = held * store["word_index_bytes"] / 1e12
    if figures.get("files"):
        last = figures["files"][-1]
        found["driver_hours_a_day_at_10_pages_a_file"] = a_day / 10 * (last["list"] + last["send"]) / 3600
        found["driver_bytes_a_file"] = last["grown_bytes"] / last["files"]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["pages", "files", "send", "plan"])
    parser.add_argument("number", nargs="?", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--server", action="store_true", help="also on the server that tests/with_postgres.sh starts")
    parser.add_argument("--scopes", type=int, default=4)
    parser.add_argument("--level", default="tiny")
    parser.add_argument("--counts", default="1000,10000,100000")
    parser.add_argument("--a-day", type=float, default=1e7)
    parser.add_argument("--held", type=float, default=1e9)
    parser.add_argument("--busy", type=float, default=0.5, help="share of a day that the machines work (default: %(default)g)")
    parser.add_argument("--figures", type=pathlib.Path, default="fleet_figures.json")
    options = parser.parse_args()
    if options.what == "send":
        print(json.dumps(send_files(options.number)))
        return
    figures = json.loads(options.figures.read_text()) if options.figures.exists() else {}
    if options.what == "plan":
        if "pages" not in figures:
            parser.error(f"{options.figures} has no costs of pages; measure them first: bench/fleet.py pages")
        print(json.dumps(plan(figures, options.a_day, options.held, options.busy), indent=1))
        return
    figures[options.what] = (measure_pages(options.scopes, options.level, options.server) if options.what == "pages"
                             else measure_files([int(count) for count in options.counts.split(",")]))
    options.figures.write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps(figures[options.what], indent=1))


if __name__ == "__main__":
    os.environ.update(RAY_USAGE_STATS_ENABLED="0", OMP_NUM_THREADS="1")
    main()
