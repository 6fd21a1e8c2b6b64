"""The processes of a run, one for each GPU, and what they tell each other."""

from __future__ import annotations

import os
from dataclasses import dataclass

import torch
import torch.distributed as dist


@dataclass(frozen=True)
class Ranks:
    """Which process of how many this one is."""

    rank: int
    count: int

    @classmethod
    def of_environment(cls) -> Ranks:
        """As torchrun tells them; without it, one process alone."""
        return cls(int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1)))

    @property
    def first(self) -> bool:
        """Whether this one writes the run's files."""
        return self.rank == 0

    def join(self, cpu: bool) -> str:
        """Takes a GPU, if there is one and `cpu` does not forbid it, and meets the others. Returns the device."""
        device = "cpu"
        if torch.cuda.is_available() and not cpu:
            local = int(os.environ.get("LOCAL_RANK", 0))
            torch.cuda.set_device(local)
            device = f"cuda:{local}"
            torch.backends.cuda.matmul.allow_tf32 = True
        if self.count > 1:
            dist.init_process_group("gloo" if device == "cpu" else "nccl")
        return device

    def average(self, values: torch.Tensor) -> None:
        """The mean over all ranks, in place."""
        if self.count == 1:
            return
        if dist.get_backend() == "nccl":
            dist.all_reduce(values, op=dist.ReduceOp.AVG)
        else:  # gloo only sums
            dist.all_reduce(values)
            values.div_(self.count)

    def leave(self) -> None:
        if self.count > 1:
            dist.destroy_process_group()
