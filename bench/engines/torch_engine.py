"""PyTorch 2, eager or compiled, in float32 or bfloat16."""

from __future__ import annotations

import numpy as np
import torch
from network import Encoder, Layers, Start, Step
from reading import ROOM_STEP, moved


class TorchEngine:
    """`compiled`: torch.compile with frozen weights, which PyTorch's documentation advises for CPUs."""

    def __init__(self, model, token_cells: list[int], threads: int, precision: str, compiled: bool):
        torch.set_num_threads(threads)
        self.model, self.token_cells, self.compiled = model, token_cells, compiled
        self.kind = torch.bfloat16 if precision == "bf16" else torch.float32
        self.encoders: dict[str, torch.nn.Module] = {}
        self.readers: dict[str, tuple[torch.nn.Module, torch.nn.Module]] = {}

    def made(self, part: torch.nn.Module, dynamic: bool):
        part = part.to(self.kind).eval().requires_grad_(False)
        return torch.compile(part, dynamic=dynamic, options={"freezing": True}) if self.compiled else part

    @torch.no_grad()
    def encode(self, level: str, pictures: np.ndarray) -> np.ndarray:
        if level not in self.encoders:
            self.encoders[level] = self.made(Encoder(self.model, level), dynamic=False)
        return self.encoders[level](torch.from_numpy(pictures)).numpy()

    @torch.no_grad()
    def level(self, level: str) -> TorchEngine:
        """Makes the parts that read pages of a level ready."""
        if level not in self.readers:
            layers = Layers(self.model)
            start = Start(self.model, layers, level)
            step = Step(self.model, layers, self.token_cells, len(start.cos))
            self.readers[level] = self.made(start, dynamic=False), self.made(step, dynamic=True)
        self.first, self.next = self.readers[level]
        return self

    @torch.no_grad()
    def start(self, vectors: np.ndarray) -> None:
        self.features, *self.before = self.first(torch.from_numpy(vectors))
        self.own: list[torch.Tensor] = []

    def buffers(self, rows: int, room: int) -> list[torch.Tensor]:
        b, heads, _, e = self.before[0].shape
        return [torch.zeros(b, rows, heads, room, e, dtype=self.kind) for _ in self.before]

    @torch.no_grad()
    def step(self, ids, rows, cells, room, step: int) -> np.ndarray:
        if step % ROOM_STEP == 0:
            self.own = moved(self.own, self.buffers(ids.shape[1], step + ROOM_STEP), step)
        given = [torch.from_numpy(x) for x in (ids, rows, cells, room)]
        chosen, *new = self.next(*given, torch.tensor(step), self.features, self.before, self.own)
        for own, one in zip(self.own, new):
            own[..., step, :] = one
        return chosen.numpy()

    def keep(self, stay: np.ndarray) -> None:
        """The rows of each page that go on, [B, R]."""
        page, stay = torch.arange(len(stay))[:, None], torch.from_numpy(stay)
        self.own = [x[page, stay] for x in self.own]
