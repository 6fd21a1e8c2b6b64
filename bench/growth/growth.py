"""How time and memory grow with the pages that a store holds, without a checkpoint.

Makes one store of made-up pages, which grows from size to size, and measures each operation at each size in a process
of its own (growth_bench). Times are the processor's, medians; memory is the peak above what the process had before.
The exponent between neighbours is log(cost ratio) / log(size ratio): 0 stays the same, 1 grows with the store. Also
what adding a page costs by level and by density, and what several processes do at once.

Usage: python bench/growth/growth.py --build build --folder DIR [--pages 100 1000 10000 100000] [--out PREFIX]
Prints Markdown; with --out, writes PREFIX.json, PREFIX.md and, where matplotlib is installed, PREFIX.png.
"""

from __future__ import annotations

import argparse
import json
import math
import pathlib
import subprocess

OPERATIONS = ["open", "add a page", "erase a page", "recall a page", "search: words", "search: vectors", "context",
              "stats", "age: plan", "verify"]  # fmt: skip
LEVELS = ["large", "base", "small", "tiny", "faint", "trace"]
WORDS = {64: 330, 80: 510, 106: 900, 128: 1310, 160: 2050}  # of a page at that density
CONTENDING = {"search: words": [1, 2, 4, 8], "add a page, each to a scope of its own": [1, 2, 4, 8]}


def bench(build: pathlib.Path, *arguments: object) -> dict:
    command = [str(build / "growth_bench"), *map(str, arguments)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout) if done.stdout else {}


def by_size(options: argparse.Namespace, store: pathlib.Path) -> list[dict]:
    rows = []
    for pages in options.pages:
        bench(options.build, "fill", store, pages)
        row = {"pages": pages, "file_bytes": store.stat().st_size}
        for operation in OPERATIONS:
            if operation not in options.without:
                row[operation] = bench(options.build, store, operation, options.model)
        rows.append(row)
        print(f"{pages} pages done", flush=True)
    return rows


def by_page(options: argparse.Namespace, store: pathlib.Path) -> dict:
    """What a page of each level, and of each density, takes to add."""

    def add(level: str, words: int) -> float:
        return bench(options.build, store, "add a page", options.model, level, words)["seconds"]

    return {
        "level": {level: add(level, WORDS[106]) for level in LEVELS},
        "density": {str(density): add("tiny", words) for density, words in WORDS.items()},
    }


def at_once(options: argparse.Namespace, store: pathlib.Path) -> dict:
    """Processes that do the same at the same time: the median of the processor time of a call, in each of them."""
    found = {}
    for operation, counts in CONTENDING.items():
        found[operation] = {}
        for count in counts:
            command = [str(options.build / "growth_bench"), str(store), operation, options.model]
            running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(count)]
            results = [json.loads(process.communicate()[0]) for process in running]
            found[operation][str(count)] = sorted(result["seconds"] for result in results)[count // 2]
    return found


def short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def cells(pages: list[int], costs: list[float | None]) -> list[str]:
    """Each cost, with its exponent since the size before."""
    written = []
    for at, cost in enumerate(costs):
        written.append("" if cost is None else short(cost))
        before = costs[at - 1] if at > 0 else None
        if cost and before:
            written[-1] += f" ({math.log(cost / before) / math.log(pages[at] / pages[at - 1]):.2f})"
    return written


def table(rows: list[dict], unit: str, cost, names: list[str]) -> str:
    pages = [row["pages"] for row in rows]
    lines = [f"| {unit} | " + " | ".join(f"{count:,}" for count in pages) + " |", "|---" * (len(rows) + 1) + "|"]
    for name in names:
        costs = [cost(row[name]) if name in row else None for row in rows]
        lines.append(f"| {name} | " + " | ".join(cells(pages, costs)) + " |")
    return "\n".join(lines)


def markdown(found: dict) -> str:
    rows = found["sizes"]
    parts = [
        table(rows, "ms a call", lambda found: 1000 * found["seconds"], OPERATIONS),
        table(rows, "ms, the first call of a process", lambda found: 1000 * found["first"], OPERATIONS),
        table(rows, "MB at most", lambda found: found["bytes"] / 1e6, OPERATIONS),
    ]
    for name, costs in {**found.get("page", {}), **found.get("processes", {})}.items():
        parts.append(f"| {name} | " + " | ".join(costs) + " |\n" + "|---" * (len(costs) + 1) + "|\n| ms a call | "
                     + " | ".join(short(1000 * cost) for cost in costs.values()) + " |")  # fmt: skip
    return "\n\n".join(parts) + "\n"


def plot(found: dict, file: pathlib.Path) -> None:
    try:
        from matplotlib import pyplot
    except ImportError:
        return print("no matplotlib: no plot")
    figure, axes = pyplot.subplots(1, 2, figsize=(11, 4.5))
    for axis, key, label in zip(axes, ("seconds", "bytes"), ("processor seconds a call", "bytes at most")):
        for name, marker in zip(OPERATIONS, "osv^Dxp*+<"):  # told apart without colours too
            rows = [row for row in found["sizes"] if name in row]
            if rows:
                axis.loglog([row["pages"] for row in rows], [row[name][key] or math.nan for row in rows],
                            marker=marker, label=name)  # fmt: skip
        axis.set_xlabel("pages in the store")
        axis.set_ylabel(label)
    axes[0].legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(file, dpi=100)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build"))
    parser.add_argument("--model", default="models/fovea-nano")
    parser.add_argument("--folder", type=pathlib.Path, required=True, help="on the disk that is to be measured")
    parser.add_argument("--pages", type=int, nargs="+", default=[100, 1000, 10_000, 100_000])
    parser.add_argument("--without", nargs="*", default=[], metavar="OPERATION", help="verify takes hours for a million")
    parser.add_argument("--out", type=pathlib.Path)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    store = options.folder / "growth.db"
    found = {"sizes": by_size(options, store), "page": by_page(options, store), "processes": at_once(options, store)}
    text = markdown(found)
    print(text)
    if options.out:
        options.out.with_suffix(".json").write_text(json.dumps(found, indent=1) + "\n")
        options.out.with_suffix(".md").write_text(text)
        plot(found, options.out.with_suffix(".png"))


if __name__ == "__main__":
    main()
