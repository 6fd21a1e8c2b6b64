#!/usr/bin/env python3
"""Fovea beside PyTorch 2, ONNX Runtime and OpenVINO: encoding and reading pages with fovea-nano's weights on a CPU.

    cmake -S . -B build -G Ninja -DFOVEA_BUILD_PYTHON=ON -DFOVEA_BUILD_BENCH=ON && cmake --build build
    python3 -m venv ENV && ENV/bin/pip install -r bench/engines/requirements.txt
    PYTHONPATH=build/python ENV/bin/python bench/engines/compare.py --threads 2 --levels tiny --pages 1

First every engine must compute the same: vision tokens within a tolerance of Fovea's in float32, and the text that
Fovea reads greedily without drafts. Then they are timed in turns. Prints Markdown: Fovea's seconds a page, and how many
times as long the others take, as the median of the rounds' ratios and their quartiles.
"""

from __future__ import annotations

import argparse
import difflib
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field

import numpy as np

import fovea

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# Of vision tokens: the root mean square of the difference to Fovea's in float32, as a share of that of the tokens.
TOLERANCE = {"fp32": 1e-4, "bf16": 0.03}
# Of the rows, how many must be read as Fovea reads them without drafts: nearly even choices may fall either way.
ROWS_EQUAL = 0.97
# Of page 1's characters, how many fewer may be right in bfloat16 or with drafts, where more choices fall another way.
LOSS = 0.02


@dataclass
class Variant:
    """An engine with a precision, as a column of the tables."""

    title: str
    engine: str
    precision: str
    encode: dict | None = field(default_factory=dict)  # what a request says beside the page; None: not asked for
    read: dict | None = field(default_factory=dict)


FOVEA = Variant("Fovea", "fovea", "auto", {}, {"draft": True})
EXACT = Variant("Fovea, float32", "fovea", "fp32", {}, {"draft": False})
VARIANTS = [
    FOVEA,
    Variant("and packed for the store", "fovea", "auto", {"packed": True}, None),
    Variant("without drafts", "fovea", "auto", None, {"draft": False}),
    Variant("Fovea, float32", "fovea", "fp32", {}, None),
    Variant("PyTorch", "torch", "fp32"),
    Variant("PyTorch, bfloat16", "torch", "bf16"),
    Variant("torch.compile", "compile", "fp32"),
    Variant("torch.compile, bfloat16", "compile", "bf16"),
    Variant("ONNX Runtime", "onnxruntime", "fp32"),
    Variant("OpenVINO", "openvino", "fp32"),
    Variant("OpenVINO, bfloat16", "openvino", "bf16"),
]


class Engine:
    """A process that answers requests, see worker.py."""

    def __init__(self, engine: str, precision: str, threads: int, options: argparse.Namespace):
        command = [sys.executable, str(HERE / "worker.py"), engine, str(options.model), str(threads), precision,
                   str(options.graphs)]
        if engine == "fovea":
            command = [str(options.program), str(options.model), str(threads), precision]
        setting = os.environ | {"OMP_NUM_THREADS": str(threads), "OMP_WAIT_POLICY": "passive"}
        self.name = f"{engine} {precision}"
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=setting)
        self.answer()

    def answer(self) -> dict:
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"{self.name} ended, exit status {self.process.wait()}; its message is above")
        return json.loads(line)

    def ask(self, request: dict) -> dict:
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return self.answer()

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()


@dataclass
class Case:
    """Pages of one level, written to files."""

    level: str
    pages: int
    row_lengths: list[list[int]]
    text: list[str]
    pixels: pathlib.Path
    vectors: pathlib.Path

    def request(self, do: str, more: dict) -> dict:
        return {"do": do, "level": self.level, "pages": self.pages, "row_lengths": self.row_lengths,
                "pixels": str(self.pixels), "vectors": str(self.vectors)} | more


def history(file: pathlib.Path) -> str:
    """What the messages of a chat in JSON lines say, one after another."""
    return "\n".join(json.loads(line)["content"] or "" for line in file.read_text().splitlines())


def drawn_cases(options: argparse.Namespace, folder: pathlib.Path) -> list[Case]:
    renderer, codec, most = fovea.Renderer(options.model), fovea.Codec(options.model, device="cpu"), max(options.pages)
    text, cases = history(options.text), []
    for level in options.levels:
        pages = [page for page in renderer.render(text[: 12000 * (most + 1)], level=level) if page.full][:most]
        pixels, vectors = folder / f"{level}.pixels", folder / f"{level}.vectors"
        np.stack([page.pixels for page in pages]).tofile(pixels)
        np.stack([codec.vectors(tokens) for tokens in codec.encode(pages)]).tofile(vectors)
        for count in options.pages:
            some = pages[:count]
            lengths = [list(page.row_lengths) for page in some]
            cases.append(Case(level, count, lengths, [page.text for page in some], pixels, vectors))
    return cases


def same_rows(texts: list[list[str]], others: list[list[str]]) -> float:
    pairs = [(a, b) for page, other in zip(texts, others) for a, b in zip(page, other) if a or b]
    return sum(a == b for a, b in pairs) / len(pairs)


def read_share(text: str, wanted: str) -> float:
    matcher = difflib.SequenceMatcher(None, wanted, text, autojunk=False)
    return sum(block.size for block in matcher.get_matching_blocks()) / max(1, len(wanted))


class Comparison:
    def __init__(self, options: argparse.Namespace, threads: int, folder: pathlib.Path):
        self.options, self.threads, self.folder = options, threads, folder
        self.variants = [v for v in VARIANTS if v.engine in options.engines]
        kinds = dict.fromkeys([(v.engine, v.precision) for v in [*self.variants, EXACT]])
        self.engines = {kind: Engine(*kind, threads, options) for kind in kinds}

    def ask(self, variant: Variant, case: Case, do: str, **more: str) -> dict:
        return self.engines[variant.engine, variant.precision].ask(case.request(do, getattr(variant, do) | more))

    def features(self, variant: Variant, case: Case) -> np.ndarray:
        file = self.folder / "features"
        self.ask(variant, case, "encode", features=str(file))
        return np.fromfile(file, np.float32)

    def check(self, case: Case) -> None:
        """Ends the program if an engine computes something else; warms all of them up."""
        wanted, failed = self.features(EXACT, case), []
        read = self.ask(EXACT, case, "read")["texts"] if "read" in self.options.do else [[""]]
        exact = read_share("".join(read[0]), case.text[0])
        for v in self.variants:
            kind = "fp32" if v.precision == "fp32" else "bf16"
            said = []
            if v.encode == {} and "encode" in self.options.do:
                found = self.features(v, case)
                off = float(np.linalg.norm(found - wanted) / np.linalg.norm(wanted))
                said.append(f"vision tokens {off:.1e} off")
                failed += [v.title] * (off > TOLERANCE[kind])
            if v.read is not None and "read" in self.options.do:
                texts = self.ask(v, case, "read")["texts"]
                same, right = same_rows(texts, read), read_share("".join(texts[0]), case.text[0])
                said.append(f"{same:.1%} of the rows the same, {right:.2%} of page 1 right")
                guesses = v.precision == "bf16" or v.read.get("draft", False)
                failed += [v.title] * (right < exact - LOSS if guesses else same < ROWS_EQUAL)
            if said:
                print(f"{case.level}, {case.pages}: {v.title}: {'; '.join(said)}", file=sys.stderr, flush=True)
        if failed:
            sys.exit(f"computes something else than Fovea: {', '.join(failed)}")

    def times(self, case: Case, do: str) -> dict[str, list[tuple[float, float]]]:
        """By variant, of each round the seconds and processor seconds of a page."""
        asked = [v for v in self.variants if getattr(v, do) is not None]
        found: dict[str, list[tuple[float, float]]] = {v.title: [] for v in asked}
        for turn in range(self.options.rounds):
            shift = turn % len(asked)
            for v in asked[shift:] + asked[:shift]:
                time.sleep(0.02)  # until the threads of the engine before sleep
                answer = self.ask(v, case, do)
                found[v.title].append((answer["seconds"] / case.pages, answer["processor_seconds"] / case.pages))
        return found

    def close(self) -> None:
        for engine in self.engines.values():
            engine.close()


def ratio(ours: list[float], theirs: list[float]) -> str:
    """The median of the rounds' ratios and their quartiles."""
    low, middle, high = np.quantile([b / a for a, b in zip(ours, theirs)], [0.25, 0.5, 0.75])
    return f"{middle:.2f} ({low:.2f}–{high:.2f})"


def table_row(threads: int, case: Case, found: dict[str, list[tuple[float, float]]], of: int) -> str:
    ours = [times[of] for times in found[FOVEA.title]]
    cells = [f"{threads}, {case.level}, {case.pages}", f"{statistics.median(ours):.3f} s"]
    cells += [ratio(ours, [times[of] for times in all_times])
              for title, all_times in found.items() if title != FOVEA.title]
    return f"| {' | '.join(cells)} |"


def print_tables(rows: dict[str, list[str]], titles: dict[str, list[str]]) -> None:
    for do, lines in rows.items():
        print(f"\n| {do}: threads, level, pages | {' | '.join(titles[do])} |\n|{'---|' * (len(titles[do]) + 1)}")
        print("\n".join(lines))


def versions() -> str:
    import importlib.metadata
    model = next((line.split(": ")[1] for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), "unknown processor")
    packages = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("torch", "onnxruntime", "openvino"))
    return f"{model}; {packages}; load {os.getloadavg()[0]:.1f}"


def main() -> None:
    def listed(text: str) -> list[str]:
        return text.split(",")

    def numbers(text: str) -> list[int]:
        return [int(part) for part in text.split(",")]

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=pathlib.Path, default=ROOT / "models/fovea-nano")
    parser.add_argument("--text", type=pathlib.Path, default=ROOT / "examples/sample_day.jsonl", help="a chat")
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build/fovea_engine")
    parser.add_argument("--graphs", type=pathlib.Path, help="folder that keeps exported graphs; otherwise they go")
    parser.add_argument("--threads", type=numbers, default=[1, 2], help="several with commas, like the rest")
    parser.add_argument("--levels", type=listed, default=["base", "tiny", "trace"])
    parser.add_argument("--pages", type=numbers, default=[1, 8], help="of a batch")
    parser.add_argument("--do", type=listed, default=["encode", "read"])
    parser.add_argument("--engines", type=listed, default=["fovea", "torch", "compile", "onnxruntime", "openvino"])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=pathlib.Path, help="file for all times")
    options = parser.parse_args()
    if not options.program.exists():
        parser.error(f"{options.program} does not exist; build it with -DFOVEA_BUILD_BENCH=ON or name it by --program")
    if FOVEA.engine not in options.engines:
        parser.error("--engines: fovea must be among them, since the others are compared with it")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        options.graphs = options.graphs or folder
        options.graphs.mkdir(exist_ok=True)
        cases = drawn_cases(options, folder)
        kinds = [f"{do}, {of}" for do in options.do for of in ("seconds", "processor seconds")]
        rows: dict[str, list[str]] = {kind: [] for kind in kinds}
        titles: dict[str, list[str]] = {}
        all_times = []
        print(versions())
        for threads in options.threads:
            comparison = Comparison(options, threads, folder)
            for case in cases:
                comparison.check(case)
                for do in options.do:
                    found = comparison.times(case, do)
                    all_times.append({"threads": threads, "level": case.level, "pages": case.pages, "do": do,
                                      "times": found})
                    for of, unit in enumerate(("seconds", "processor seconds")):
                        titles[f"{do}, {unit}"] = list(found)
                        rows[f"{do}, {unit}"].append(table_row(threads, case, found, of))
            comparison.close()
        print_tables(rows, titles)
        if options.json:
            options.json.write_text(json.dumps(all_times))


if __name__ == "__main__":
    main()
