"""Kills the clients of a store on a PostgreSQL server, and stops the server, at random moments.

    tests/with_postgres.sh python bench/kill_postgres.py --build build --times 100 --stops 20

Clients are killed (SIGKILL) as bench/kill.py kills those of a file. Then the server is stopped (`pg_ctl stop -m
immediate`) and started again while one compacts. After each the store is verified, the same command is run to its end,
and what it should have done is checked.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import kill


class Server:
    """The server of tests/with_postgres.sh."""

    def __init__(self) -> None:
        self.url = os.environ["FOVEA_TEST_POSTGRES"]
        self.control = os.environ["FOVEA_TEST_PG_CTL"].split()

    def database(self, name: str) -> str:
        return self.url.replace("/postgres?", f"/{name}?")

    def run(self, sql: str) -> None:
        subprocess.run(["psql", "-q", "-v", "ON_ERROR_STOP=1", "-c", sql, self.url], check=True, capture_output=True)

    def make(self, name: str, template: str | None = None) -> str:
        self.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        self.run(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))
        return self.database(name)

    def stop_at_once(self) -> None:
        subprocess.run([*self.control, "stop", "-m", "immediate"], check=True, stdout=subprocess.DEVNULL, cwd="/")

    def start(self) -> None:
        subprocess.run([*self.control, "start"], check=True, stdout=subprocess.DEVNULL, cwd="/")


class ServerKiller(kill.Killer):
    """A store is a database; one to start from is copied as a template."""

    def __init__(self, server: Server, worker: pathlib.Path, folder: pathlib.Path, seed: int):
        self.server = server
        server.make("whole")
        super().__init__(worker, folder, seed, full=server.database("whole"))

    def store_for(self, work: str) -> str:
        return self.server.make("killed", None if work == "compact" else "whole")

    def stop_server(self) -> bool:
        """True when the process was not done before the server was stopped."""
        store = self.store_for("compact")
        process = subprocess.Popen(self.command("compact", store), stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        try:
            process.wait(self.random.uniform(0, self.takes["compact"]))
        except subprocess.TimeoutExpired:
            pass
        stopped = process.poll() is None
        self.server.stop_at_once()
        self.server.start()
        process.wait()
        self.check(store)
        self.call("compact", store)
        if not self.is_done("compact", found := self.check(store)):
            raise SystemExit(f"compact was not completed: {found}")
        return stopped


def kill_often(worker: pathlib.Path, times: int, stops: int, seed: int) -> dict:
    with tempfile.TemporaryDirectory() as folder:
        killer = ServerKiller(Server(), worker, pathlib.Path(folder), seed)
        killed = sum(killer.once(kill.WORK[i % len(kill.WORK)]) for i in range(times))
        stopped = sum(killer.stop_server() for _ in range(stops))
    return {"times": times, "killed": killed, "stops": stops, "stopped_while_it_worked": stopped, "lost": 0}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default="build", help="folder with fovea_store_worker")
    parser.add_argument("--times", type=int, default=100, help="clients to kill")
    parser.add_argument("--stops", type=int, default=20, help="times to stop the server")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    worker = options.build / "fovea_store_worker"
    print(json.dumps(kill_often(worker, options.times, options.stops, options.seed), indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
