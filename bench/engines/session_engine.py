"""ONNX Runtime and OpenVINO, which run the same exported graphs."""

from __future__ import annotations

import pathlib

import numpy as np
import torch
from network import Encoder, Layers, Start, Step
from reading import ROOM_STEP, moved


def exported(part: torch.nn.Module, example: tuple, file: pathlib.Path, names: list[str], dynamic=None) -> pathlib.Path:
    """The ONNX file of a part, made unless it is there already."""
    if not file.exists():
        program = torch.onnx.export(part.eval().requires_grad_(False), example, dynamo=True, dynamic_shapes=dynamic,
                                    input_names=names, optimize=True, verbose=False)
        program.save(str(file))
    return file


class OnnxSession:
    def __init__(self, file: pathlib.Path, threads: int, precision: str):
        import onnxruntime
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        # As OMP_WAIT_POLICY=passive for the others: waiting threads leave the processor to who works.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self.session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
        self.names = [given.name for given in self.session.get_inputs()]

    def __call__(self, *given: np.ndarray) -> list[np.ndarray]:
        return self.session.run(None, dict(zip(self.names, given)))


class OpenVinoSession:
    def __init__(self, file: pathlib.Path, threads: int, precision: str):
        import openvino
        kind = openvino.Type.bf16 if precision == "bf16" else openvino.Type.f32
        hints = {"INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": kind, "PERFORMANCE_HINT": "LATENCY"}
        self.request = openvino.Core().compile_model(str(file), "CPU", hints).create_infer_request()
        self.outputs = len(self.request.model_outputs)

    def __call__(self, *given: np.ndarray) -> list[np.ndarray]:
        self.request.infer(list(given), share_inputs=True)
        # Copied: the request writes into the same memory the next time.
        return [np.array(self.request.get_output_tensor(i).data) for i in range(self.outputs)]


class SessionEngine:
    """`session`: one of the classes above; `folder`: for the exported graphs."""

    def __init__(self, model, token_cells: list[int], threads: int, precision: str, session, folder: pathlib.Path):
        torch.set_num_threads(threads)
        self.model, self.token_cells, self.folder = model, token_cells, folder
        self.open = lambda file: session(file, threads, precision)
        self.sessions: dict[str, object] = {}

    def part(self, name: str, make, example: tuple, names: list[str], dynamic=None):
        if name not in self.sessions:
            self.sessions[name] = self.open(exported(make(), example, self.folder / f"{name}.onnx", names, dynamic))
        return self.sessions[name]

    def encode(self, level: str, pictures: np.ndarray) -> np.ndarray:
        run = self.part(f"encoder-{level}-{len(pictures)}", lambda: Encoder(self.model, level),
                        (torch.from_numpy(pictures),), ["pictures"])
        return run(pictures)[0]

    def level(self, level: str) -> SessionEngine:
        self.now = level
        self.layers = Layers(self.model)
        return self

    def start(self, vectors: np.ndarray) -> None:
        run = self.part(f"start-{self.now}-{len(vectors)}", lambda: Start(self.model, self.layers, self.now),
                        (torch.from_numpy(vectors),), ["vectors"])
        self.features, *self.before = run(vectors)
        self.next = self.step_of(len(vectors))
        self.own: list[np.ndarray] = []

    def step_of(self, pages: int):
        """The graph of a step: rows and room for their tokens may vary."""
        n = len(self.before) // 2
        own = self.buffers(4, ROOM_STEP)
        given = [torch.ones(pages, 4, dtype=torch.long) for _ in range(4)]
        example = (*given, torch.tensor(3), torch.from_numpy(self.features), [torch.from_numpy(x) for x in self.before],
                   [torch.from_numpy(x) for x in own])
        rows, room = torch.export.Dim("rows", min=1, max=512), torch.export.Dim("room", min=2, max=1024)
        dynamic = ({1: rows}, {1: rows}, {1: rows}, {1: rows}, None, None, [None] * 2 * n, [{1: rows, 3: room}] * 2 * n)
        names = ["ids", "rows", "cells", "room", "step", "features",
                 *(f"{of}_{i}" for of in ("start", "own") for i in range(2 * n))]
        return self.part(f"step-{self.now}-{pages}",
                         lambda: Step(self.model, self.layers, self.token_cells, self.before[0].shape[2]),
                         example, names, dynamic)

    def buffers(self, rows: int, room: int) -> list[np.ndarray]:
        b, heads, _, e = self.before[0].shape
        return [np.zeros((b, rows, heads, room, e), np.float32) for _ in self.before]

    def step(self, ids, rows, cells, room, step: int) -> np.ndarray:
        if step % ROOM_STEP == 0:
            self.own = moved(self.own, self.buffers(ids.shape[1], step + ROOM_STEP), step)
        chosen, *new = self.next(ids, rows, cells, room, np.array(step), self.features, *self.before, *self.own)
        for own, one in zip(self.own, new):
            own[..., step, :] = one
        return chosen

    def keep(self, stay: np.ndarray) -> None:
        page = np.arange(len(stay))[:, None]
        self.own = [x[page, stay] for x in self.own]
