#!/usr/bin/env python3
"""One engine in a process of its own, with the requests and answers of fovea_engine.cpp. `compare.py` starts it."""

from __future__ import annotations

import json
import os
import pathlib
import sys
import time

import numpy as np
import torch
from network import COLUMNS, NEVER
from reading import CellCounts, read
from session_engine import OnnxSession, OpenVinoSession, SessionEngine
from tokenizers import Tokenizer
from torch_engine import TorchEngine

from fovea.training.network import checkpoint
from fovea.training.network.alphabet import Alphabet
from fovea.training.network.geometry import GRIDS, SIDES
from fovea.training.text.tokenizer import token_bytes


class Worker:
    def __init__(self, name: str, folder: str, threads: int, precision: str, graphs: str):
        with torch.no_grad():
            model = checkpoint.load(folder).eval().requires_grad_(False)
        self.bytes = token_bytes(Tokenizer.from_file(str(pathlib.Path(folder) / "tokenizer.json")))
        self.counts = CellCounts(self.bytes, Alphabet.load(folder).width_of)
        grid = GRIDS[COLUMNS]
        self.first_ids = model.position_token(torch.arange(grid.rows), COLUMNS).numpy()
        cells = [int(n) if text else NEVER for n, text in zip(self.counts.cells, self.bytes)]
        if name in ("torch", "compile"):
            self.engine = TorchEngine(model, cells, threads, precision, compiled=name == "compile")
        else:
            session = {"onnxruntime": OnnxSession, "openvino": OpenVinoSession}[name]
            self.engine = SessionEngine(model, cells, threads, precision, session, pathlib.Path(graphs))
        self.files: dict[str, np.ndarray] = {}

    def file(self, path: str, kind, *shape: int) -> np.ndarray:
        if path not in self.files:
            self.files[path] = np.fromfile(path, kind).reshape(-1, *shape)
        return self.files[path]

    def answer(self, request: dict) -> dict:
        level, pages = request["level"], request["pages"]
        if request["do"] == "encode":
            pictures = self.file(request["pixels"], np.uint8, SIDES[level], SIDES[level])[:pages]
            seconds, features = timed(lambda: self.engine.encode(level, pictures))
            if "features" in request:
                features.astype(np.float32).tofile(request["features"])
            return seconds
        vectors = self.file(request["vectors"], np.float32, (SIDES[level] // 64) ** 2, self.width)[:pages]
        engine = self.engine.level(level)
        lengths = request["row_lengths"][:pages]
        seconds, texts = timed(lambda: read(engine, vectors, lengths, self.first_ids, self.counts))
        return seconds | {"texts": texts}

    @property
    def width(self) -> int:
        return self.engine.model.config.width


def timed(work) -> tuple[dict, object]:
    before, start = time.process_time(), time.perf_counter()
    result = work()
    return {"seconds": time.perf_counter() - start, "processor_seconds": time.process_time() - before}, result


def main() -> None:
    name, folder, threads, precision, graphs = sys.argv[1:]
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what engines print is not an answer
    worker = Worker(name, folder, int(threads), precision, graphs)
    print(json.dumps({"ready": name}), file=answers, flush=True)
    for line in sys.stdin:
        print(json.dumps(worker.answer(json.loads(line))), file=answers, flush=True)


if __name__ == "__main__":
    main()
