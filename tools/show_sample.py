#!/usr/bin/env python3
"""Compacts the sample history with memctl, reads it back from its vision tokens, lets it fade, and
shows what came out. Standard library only: all the work is done by memctl.

    python3 tools/show_sample.py --memctl build/memctl
"""

from __future__ import annotations

import argparse
import difflib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[1]
BOLD, FAINT, PLAIN = ("\033[1m", "\033[2m", "\033[0m") if sys.stdout.isatty() else ("", "", "")


class Memctl:
    """One store, spoken to through the command line."""

    def __init__(self, program: str, store: pathlib.Path, model: str | None) -> None:
        self._command = [program, "--json", "--store", str(store)] + (["--model", model] if model else [])

    def __call__(self, *arguments: str) -> dict:
        done = subprocess.run([*self._command, *arguments], stdout=subprocess.PIPE, check=False)
        if done.returncode:
            sys.exit(f"memctl {' '.join(arguments[:4])}: exit code {done.returncode}")
        return json.loads(done.stdout)


def edit_distance(a: str, b: str) -> int:
    """Levenshtein's, a column of the table at a time as the bits of one long number (Hyyrö 2001)."""
    if not a or not b:
        return len(a) + len(b)
    full, last = (1 << len(a)) - 1, 1 << (len(a) - 1)
    places: dict[str, int] = {}
    for i, character in enumerate(a):
        places[character] = places.get(character, 0) | 1 << i
    up, down, distance = full, 0, len(a)
    for character in b:
        here = places.get(character, 0)
        sideways = (((here & up) + up) ^ up) | here
        rise, fall = (down | ~(sideways | up)) & full, up & sideways
        distance += bool(rise & last) - bool(fall & last)
        rise, fall = (rise << 1 | 1) & full, fall << 1 & full
        steady = here | down
        up, down = (fall | ~(steady | rise)) & full, rise & steady
    return distance


def accuracy(exact: str, read: str) -> float:
    return max(0.0, 1 - edit_distance(exact, read) / max(1, len(exact)))


def heading(text: str) -> None:
    print(f"\n{BOLD}{text}{PLAIN}\n{'-' * len(text)}")


def size(count: int) -> str:
    return f"{count / 1e6:.2f} MB" if count >= 1e6 else f"{count / 1e3:.0f} kB"


def table(rows: list[list[str]]) -> None:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for n, row in enumerate(rows):
        print("  " + row[0].ljust(widths[0]) + "".join("  " + cell.rjust(w) for cell, w in zip(row[1:], widths[1:])))
        if n == 0:
            print("  " + "  ".join("-" * w for w in widths))


def zstd_bytes(texts: list[str]) -> int:
    """What zstd -19 makes of each text by itself, together; 0 where there is no zstd."""
    program = shutil.which("zstd")
    return sum(len(subprocess.run([program, "-19", "-q", "-c"], input=text.encode("utf-8", "surrogatepass"),
                                  stdout=subprocess.PIPE, check=True).stdout) for text in texts) if program else 0


def choose(ids: list[int], count: int) -> list[int]:
    """`count` of the ids, evenly spread."""
    if count <= 0 or count >= len(ids):
        return ids
    return [ids[round(i * (len(ids) - 1) / (count - 1))] for i in range(count)] if count > 1 else ids[:1]


def matching_line(lines: list[str], number: int, wanted: str) -> str:
    """The line of a reading that stands for line `number` of the exact text."""
    near = range(max(0, number - 6), min(len(lines), number + 7))
    best = max(near, default=None, key=lambda i: (
        difflib.SequenceMatcher(None, wanted, lines[i], autojunk=False).ratio(), -abs(i - number)))
    return "" if best is None else lines[best]


def marks(exact: str, read: str) -> str:
    """A caret under each character of `read` that is not as in `exact`."""
    under = [" "] * (len(read) + 1)
    for kind, _, _, begin, end in difflib.SequenceMatcher(None, exact, read, autojunk=False).get_opcodes():
        if kind != "equal":
            under[begin:max(end, begin + 1)] = "^" * max(end - begin, 1)
    return "".join(under).rstrip()


def show_lines(exact: str, readings: dict[str, str], wanted: int) -> None:
    """Half of the lines are the first that some level got wrong, the others evenly spread."""
    lines = exact.split("\n")
    good = [n for n, line in enumerate(lines) if 40 <= len(line) <= 110]
    read = {level: text.split("\n") for level, text in readings.items()}
    wrong = [n for n in good if any(lines[n] not in text for text in read.values())][:wanted // 2]
    rest = choose([n for n in good if n not in wrong], wanted - len(wrong))
    for number in sorted(wrong + rest):
        print(f"\n  {'original':<9}{lines[number]}")
        for level, text in read.items():
            line = matching_line(text, number, lines[number])
            print(f"  {level:<9}{line if line != lines[number] else FAINT + line + PLAIN}")
            if line != lines[number]:
                print(f"  {'':<9}{marks(lines[number], line)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--memctl", default="build/memctl")
    parser.add_argument("--model", help="checkpoint folder; the shipped one when absent")
    parser.add_argument("--history", type=pathlib.Path, default=REPOSITORY / "examples/sample_day.jsonl")
    parser.add_argument("--pages", type=int, default=0, help="read back this many pages a level; 0: all")
    parser.add_argument("--json", type=pathlib.Path, help="write the figures to this file too")
    options = parser.parse_args()
    sys.stdout.reconfigure(line_buffering=True)
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="fovea-sample-") as folder:
        memctl = Memctl(options.memctl, pathlib.Path(folder) / "sample.db", options.model)
        figures = run(memctl, options)
    figures["seconds"] = round(time.monotonic() - begin, 1)
    print(f"\nAll of this took {figures['seconds']:.0f} s on {os.cpu_count()} cores.")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


def run(memctl: Memctl, options: argparse.Namespace) -> dict:
    raw = options.history.stat().st_size
    heading(f"1. Compacting {os.path.relpath(options.history)} ({size(raw)})")
    # Nothing is measured while writing: everything is read back and compared below.
    compact = memctl("compact", str(options.history), "--level", "base", "--measure", "0", "--finish")
    print(f"  {compact['messages']} messages, {compact['characters']:,} characters on {compact['pages']} pages "
          f"in {compact['seconds']:.1f} s")
    print(f"  as text:  about {compact['text_tokens']:,} tokens in a model's context")
    print(f"  as pages: {compact['vision_tokens']:,} vision tokens, {compact['compression']:.1f} times fewer")

    exact = {item["id"]: item["text"] for item in memctl("recall", "--all", "--source", "archive")["items"] if item["id"]}
    shown = choose(sorted(exact), options.pages)
    heading("2. Reading it back from the vision tokens alone, then letting it fade")
    readings, rows, levels = {}, [["level", "vision tokens", "compression", "accuracy", "pages exact", "read at"]], {}
    for level in ("base", "small", "tiny"):
        if level != "base":
            memctl("age", "--to", level)
        stats = memctl("stats")
        started = time.monotonic()
        items = memctl("recall", *map(str, shown), "--source", "tokens")["items"]
        seconds = time.monotonic() - started
        readings[level] = {item["id"]: item["text"] for item in items}
        share = [accuracy(exact[i], readings[level][i]) for i in shown]
        perfect = sum(exact[i] == readings[level][i] for i in shown)
        tokens = sum(entry["vision_tokens"] for entry in stats["levels"].values())
        levels[level] = {"vision_tokens": tokens, "compression": compact["text_tokens"] / tokens,
                         "accuracy": sum(share) / len(share), "worst_page": min(share), "pages_read": len(shown),
                         "exact_pages": perfect, "pages_a_second": len(shown) / seconds,
                         "token_bytes": stats["token_bytes"], "archive_bytes": stats["archive_bytes"]}
        rows.append([level, f"{tokens:,}", f"{levels[level]['compression']:.1f}x", f"{levels[level]['accuracy']:.2%}",
                     f"{perfect} of {len(shown)}", f"{len(shown) / seconds:.2f} pages/s"])
        print(f"  {level}: read {len(shown)} pages in {seconds:.0f} s", flush=True)
    print()
    table(rows)
    print("  accuracy = 1 - edit distance / length, over the characters of the pages read")

    heading("3. What it costs to hold")
    text_bytes = sum(len(text.encode("utf-8", "surrogatepass")) for text in exact.values())
    squeezed = zstd_bytes(list(exact.values()))
    holds = [["", "bytes", "a page"], ["the text as it is", size(text_bytes), size(text_bytes // len(exact))],
             ["the text, zstd (the archive)", size(levels["base"]["archive_bytes"]), size(levels["base"]["archive_bytes"] // len(exact))]]
    if squeezed:
        holds.append(["each page's text, zstd -19", size(squeezed), size(squeezed // len(exact))])
    holds += [[f"vision tokens at {level}", size(entry["token_bytes"]), size(entry["token_bytes"] // len(exact))]
              for level, entry in levels.items()]
    table(holds)
    if not squeezed:
        print("  zstd -19 was not tried: there is no program zstd.")

    heading("4. A few lines of one page, beside what was read back (misread ones included)")
    middle = shown[len(shown) // 2]
    show_lines(exact[middle], {level: texts[middle] for level, texts in readings.items()}, 4)
    return {"history_bytes": raw, "text_bytes": text_bytes, "zstd_bytes": squeezed, "levels": levels,
            **{key: compact[key] for key in ("messages", "pages", "characters", "text_tokens")}}


if __name__ == "__main__":
    main()
