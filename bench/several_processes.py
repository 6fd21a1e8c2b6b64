"""Writers and readers of one store in processes of their own, for a while: no error, nothing lost, nothing twice.

    python bench/several_processes.py --build build --seconds 60
    tests/with_postgres.sh python bench/several_processes.py --build build --server --writers 16 --readers 16

Prints what was written and read, how many rounds a second and how long they took, with --server in a file and then on
the server; the exit code is 1 when something was lost. A round of writing is a message in a scope that all share and in
one of the writer's own, with the pages they fill; one of reading searches by words and by vectors, and reads a page.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import kill_postgres


def run_all(worker: pathlib.Path, store: pathlib.Path | str, writers: int, readers: int, seconds: float) -> dict:
    def start(*arguments: str) -> subprocess.Popen:
        return subprocess.Popen([worker, arguments[0], store, *arguments[1:]], stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True)

    writing = [start("write", f"w{i}", str(seconds)) for i in range(writers)]
    reading = [start("read", str(seconds)) for _ in range(readers)]
    errors: list[str] = []
    results: dict[str, list[float]] = {"write": [], "read": []}  # ms of each round
    for kind, processes in (("write", writing), ("read", reading)):
        for process in processes:
            out, err = process.communicate()
            if process.returncode != 0:
                errors.append(err.strip() or f"exit code {process.returncode}")
            else:
                results[kind] += json.loads(out)["rounds"]
    checked = subprocess.run([worker, "check", store], capture_output=True, text=True)
    found = json.loads(checked.stdout)
    return {
        "writers": writers, "readers": readers, "seconds": seconds, "errors": errors,
        "messages_written": len(results["write"]), "messages_found": found["messages"],
        "doubled": found["doubled"], "findings": found["findings"], "pages": found["pages"],
        **{kind: told(rounds, seconds) for kind, rounds in results.items()},
    }


def told(rounds: list[float], seconds: float) -> dict[str, float]:
    """Rounds a second, and ms that one takes: the median, the 95th percentile, the most."""
    rounds = sorted(rounds) or [0.0]
    return {"a_second": round(len(rounds) / seconds, 1), "median": rounds[len(rounds) // 2],
            "p95": rounds[int(.95 * len(rounds))], "longest": rounds[-1]}


def is_sound(result: dict) -> bool:
    return (not result["errors"] and result["messages_written"] == result["messages_found"] > 0
            and result["doubled"] == 0 and result["findings"] == 0)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default="build", help="folder with fovea_store_worker")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--readers", type=int, default=8)
    parser.add_argument("--server", action="store_true",
                        help="then the same in a database of the server that tests/with_postgres.sh starts")
    options = parser.parse_args()
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        stores: dict[str, pathlib.Path | str] = {"file": pathlib.Path(folder, "store.db")}
        if options.server:
            stores["server"] = kill_postgres.Server().make("shared")
        for kind, store in stores.items():
            results[kind] = run_all(options.build / "fovea_store_worker", store, options.writers, options.readers,
                                    options.seconds)
    print(json.dumps(results, indent=1))
    return 0 if all(map(is_sound, results.values())) else 1


if __name__ == "__main__":
    sys.exit(main())
