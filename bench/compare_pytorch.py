#!/usr/bin/env python3
"""Compares Fovea with PyTorch on one checkpoint: encoder, decoder with one and many answers at once, memory.

    python bench/random_checkpoint.py FOLDER --shards 8
    cmake -S . -B build -G Ninja -DFOVEA_BUILD_BENCH=ON && cmake --build build
    python bench/compare_pytorch.py FOLDER --program build/model_rates --device cpu

Needs torch, transformers and safetensors. Both get the same pages and prompts, each in processes of its own, in
turns; of the turns the best counts for either. PyTorch has the encoder of pytorch_encoder.py and transformers'
blocks. Also says how far the answers agree: bfloat16 rounds differently in either, so not in all digits.
"""

from __future__ import annotations

import argparse
import array
import json
import math
import pathlib
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).parent
RATES = ["encode", "prefill", "decode"]


class GpuMemory:
    """The most that the whole GPU holds while a program runs, beyond what it held before."""

    def __init__(self, device: str):
        self.most = 0
        self.stop = threading.Event()
        self.device = device if device.startswith("cuda") else ""

    def used(self) -> int:
        import torch
        free, total = torch.cuda.mem_get_info(self.device)
        return total - free

    def watch(self, before: int) -> None:
        while not self.stop.wait(0.05):
            self.most = max(self.most, self.used() - before)

    def __enter__(self) -> GpuMemory:
        if self.device:
            self.thread = threading.Thread(target=self.watch, args=(self.used(),))
            self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        if self.device:
            self.thread.join()


def run(command: list[str], checkpoint: pathlib.Path, given: dict) -> dict:
    with GpuMemory(given["device"]) as memory:
        done = subprocess.run([*command, checkpoint, json.dumps(given)], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stderr[-3000:]}")
    return json.loads(done.stdout.splitlines()[-1]) | {"gpu_bytes": memory.most}


def best(runs: list[dict]) -> dict:
    result = dict(runs[-1])
    for name in RATES:
        result[name + "_seconds"] = min(run[name + "_seconds"] for run in runs)
    return result


def compare(options: argparse.Namespace, given: dict, turns: int) -> tuple[dict, dict, str]:
    """Fovea's rates, PyTorch's, and how far they agree."""
    commands = [[options.program], [sys.executable, HERE / "pytorch_rates.py"]]
    found: list[list[dict]] = [[], []]
    with tempfile.TemporaryDirectory() as folder:
        files = [pathlib.Path(folder) / name for name in ("fovea", "pytorch")]
        for _ in range(turns):
            for command, file, runs in zip(commands, files, found):
                extra = {"weights": options.weights} if command == commands[0] else {}
                runs.append(run(command, options.checkpoint, given | extra | {"features": str(file)}))
        ours, theirs = (array.array("f", file.read_bytes()) for file in files)
    difference = math.sqrt(sum((a - b) ** 2 for a, b in zip(ours, theirs)) / sum(b * b for b in theirs))
    a, b = found[0][-1]["ids"], found[1][-1]["ids"]
    agree = f"vision tokens differ by {difference:.1%} of their size; "
    agree += f"{sum(x == y for x, y in zip(a, b))} of {len(b)} answer tokens equal"
    return best(found[0]), best(found[1]), agree


def line(what: str, ours: float, theirs: float, unit: str, less_is_better: bool = False) -> str:
    ratio = theirs / ours if less_is_better else ours / theirs
    return f"{what:<34}{ours:>12.2f}{theirs:>12.2f} {unit:<10}{ratio:>7.2f}x"


def table(given: dict, ours: dict, theirs: dict) -> list[str]:
    pages, sequences = given["pages"], given["sequences"]
    prompt = sequences * given["prompt_tokens"]
    gpu = given["device"].startswith("cuda")
    memory = "gpu_bytes" if gpu else "peak_resident_bytes"
    rows = [line(f"encoder, {given['level']}, {pages} at once", pages / ours["encode_seconds"],
                 pages / theirs["encode_seconds"], "pages/s"),
            line(f"decoder, {sequences} prompt{'s' * (sequences > 1)}", prompt / ours["prefill_seconds"],
                 prompt / theirs["prefill_seconds"], "tokens/s"),
            line(f"decoder, {sequences} answer{'s' * (sequences > 1)}", sequences / ours["decode_seconds"],
                 sequences / theirs["decode_seconds"], "tokens/s"),
            line("memory of the GPU" if gpu else "resident memory, mapped files too", ours[memory] / 1e9,
                 theirs[memory] / 1e9, "GB", less_is_better=True)]
    if not gpu:
        rows.append(line("memory that no file backs", ours["peak_anonymous_bytes"] / 1e9,
                         theirs["peak_anonymous_bytes"] / 1e9, "GB", less_is_better=True))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkpoint", type=pathlib.Path)
    parser.add_argument("--program", type=pathlib.Path, default="build/model_rates")
    parser.add_argument("--device", default="cpu", help="cpu, cuda or cuda:N")
    parser.add_argument("--weights", default="stored", help="Fovea's: stored or int8; PyTorch has them as stored")
    parser.add_argument("--level", default="base")
    parser.add_argument("--prompt", type=int, default=300, help="tokens of a prompt")
    parser.add_argument("--tokens", type=int, default=32, help="of an answer")
    parser.add_argument("--at-once", default="1:1,4:16", help="pages:answers, several with commas")
    parser.add_argument("--turns", type=int, default=2)
    options = parser.parse_args()
    for pair in options.at_once.split(","):
        pages, sequences = map(int, pair.split(":"))
        given = {"device": options.device, "level": options.level, "pages": pages, "sequences": sequences,
                 "prompt_tokens": options.prompt, "new_tokens": options.tokens}
        start = time.perf_counter()
        ours, theirs, agree = compare(options, given, options.turns)
        print(f"{'':<34}{'Fovea':>12}{'PyTorch':>12}  {'':<9}   ratio")
        print("\n".join(table(given, ours, theirs)))
        print(f"{agree}; PyTorch's experts: {theirs['experts']}; {time.perf_counter() - start:.0f} s\n", flush=True)


if __name__ == "__main__":
    main()
