"""The operations that bench/encoders has by formula, counted in a run of the encoder that trains fovea-nano."""

from __future__ import annotations

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from fovea.training.network.encoder import ClipModel, Projector, SamModel
from fovea.training.network.model_config import ModelConfig


class CountedProducts(TorchDispatchMode):
    """Multiplications of all matrix products and convolutions."""

    def __init__(self):
        super().__init__()
        self.multiplications = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        out = function(*args, **(kwargs or {}))
        name = function.overloadpacket.__name__
        if name == "addmm":
            self.multiplications += args[1].numel() * args[2].shape[1]
        elif name in ("mm", "bmm"):
            self.multiplications += args[0].numel() * args[1].shape[-1]
        elif name in ("convolution", "_convolution"):
            self.multiplications += out.numel() * args[1][0].numel()
        elif "scaled_dot_product" in name:  # newer PyTorch: scores, then weighted sums
            self.multiplications += 2 * args[0].numel() * args[1].shape[-2]
        return out


@torch.no_grad()
def operations(side: int) -> int:
    config = ModelConfig()
    sam, clip = SamModel(config), ClipModel(config)
    projector = Projector(2 * config.downsample[1], config.width)
    with CountedProducts() as counted:
        image, _ = sam(torch.zeros(1, 1, side, side))
        projector.layers(torch.cat([clip(image), image.flatten(2).transpose(1, 2)], -1))
    return 2 * counted.multiplications


def test_the_counted_operations_are_those_that_the_formula_has():
    """The same numbers stand in tests/bench/encoder_designs_test.cpp."""
    assert operations(512) == 21_662_275_584
    assert operations(640) == 36_218_099_712
