#!/usr/bin/env python3
"""What rounding the inputs of int8 products costs and saves when pages are read back.

    cmake -S . -B build -DFOVEA_BUILD_PYTHON=ON && cmake --build build
    PYTHONPATH=build/python python3 bench/reading_precision.py book.txt code.txt --pages 20

`precision="auto"` rounds an input to 15 bits of the largest one of its row, "fp32" to 23. Pages are spread over each
text and encoded once; then each is read both ways, by turns, in processor time.
"""

from __future__ import annotations

import argparse
import pathlib
import statistics
import time

import fovea

WAYS = ("fp32", "auto")


def choose(pages: list[fovea.Page], count: int) -> list[fovea.Page]:
    """Evenly spread."""
    return [pages[i * len(pages) // count] for i in range(min(count, len(pages)))]


class Compared:
    """Readings of the same pages, as sums."""

    def __init__(self) -> None:
        self.ratios: list[float] = []
        self.rows = self.differing = 0
        self.surest = 0.0
        self.confidences: list[float] = []
        self.accuracy: dict[str, list[float]] = {way: [] for way in WAYS}

    def add(self, exact: str, read: dict[str, fovea.ReadPage], seconds: dict[str, float]) -> None:
        self.ratios.append(seconds["auto"] / seconds["fp32"])
        for way in WAYS:
            self.accuracy[way].append(fovea.accuracy(exact, read[way].text))
        for fine, coarse in zip(read["fp32"].rows, read["auto"].rows):
            self.rows += 1
            self.confidences.append(abs(fine.confidence - coarse.confidence))
            if fine.text != coarse.text:
                self.differing += 1
                self.surest = max(self.surest, fine.confidence, coarse.confidence)

    def line(self, level: str) -> str:
        fine, coarse = (f"{statistics.mean(self.accuracy[way]):.3%}" for way in WAYS)
        surest = f"{self.surest:.2f}" if self.differing else ""
        return (f"| {level} | {self.rows:,} | {self.differing} | {surest} | {statistics.mean(self.confidences):.4f} | "
                f"{fine} | {coarse} | {statistics.median(self.ratios):.2f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", type=pathlib.Path, nargs="+", metavar="TEXT", help="UTF-8 text")
    parser.add_argument("--pages", type=int, default=20, help="of each text")
    parser.add_argument("--levels", default="base,small,tiny,faint,trace")
    args = parser.parse_args()

    codecs = {way: fovea.Codec(precision=way) for way in WAYS}
    print("| level | rows | differ | surest of these | confidences differ by | accuracy, fp32 | auto | time |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for level in args.levels.split(","):
        compared = Compared()
        for text in args.texts:
            pages = choose(fovea.Renderer().render(text.read_text(errors="replace"), level=level), args.pages)
            for number, page in enumerate(pages):
                tokens = codecs["auto"].encode([page])
                read, seconds = {}, {}
                for way in WAYS if number % 2 else reversed(WAYS):
                    begun = time.process_time()
                    read[way] = codecs[way].decode(tokens)[0]
                    seconds[way] = time.process_time() - begun
                compared.add(page.text, read, seconds)
        print(compared.line(level), flush=True)


if __name__ == "__main__":
    main()
