"""Names the character of a cell from its features: all classes at once, or few candidates first.

With groups, the classes before the first group are weighed together with a gate for each group:
p(class) = p(gate of its group) p(class | group). Tens of thousands of characters then cost little: training
weighs those of a group only at some of the cells that show one of them, reading only where the gate leaves
room for something better.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

BLANK_WEIGHT = 0.1  # of a blank cell in the loss
GROUP_SHARE = 8  # a group is learned at this part of the cells at most


class GlyphHead(nn.Sequential):
    """`groups`: classes that begin one, rising. The last layer's rows are the classes, then the gates."""

    def __init__(self, features: int, hidden: int, classes: int, groups: tuple[int, ...] = ()):
        super().__init__(nn.Linear(features, hidden), nn.GELU(), nn.Linear(hidden, classes + len(groups)))
        self.classes, self.groups = classes, tuple(groups)
        self.register_buffer("begins", torch.tensor(self.groups, dtype=torch.long), persistent=False)

    def forward(self, features):
        """features [..., e] -> logits [..., classes]."""
        scores = super().forward(features)
        if not self.groups:
            return scores
        parts = [scores[..., : self.groups[0]]]
        for k, (begin, end) in enumerate(self._ranges()):
            gate = scores[..., self.classes + k, None].float()
            parts.append(gate + torch.log_softmax(scores[..., begin:end].float(), -1))
        return torch.cat([p.float() for p in parts], -1)

    def best(self, features, at_once: int = 1024):
        """features [..., e] -> the likeliest class [...]."""
        parts = features.flatten(0, -2).split(at_once)
        return torch.cat([self(part).argmax(-1) for part in parts]).view(features.shape[:-1])

    def loss(self, features, classes):
        """features [n, e], classes [n]. -> loss, share of the cells right that are not blank."""
        if not self.groups:
            return self._weighed(super().forward(features), classes)
        hidden = self[1](self[0](features))
        first, gates = self.groups[0], len(self.groups)
        group = (classes[:, None] >= self.begins).sum(-1) - 1  # -1: a class before the first group
        seen = F.linear(hidden, *self._rows((0, first), (self.classes, self.classes + gates)))
        target = torch.where(group < 0, classes, first + group)
        weight = torch.where(classes == 0, BLANK_WEIGHT, 1.0)
        total = (F.cross_entropy(seen.float(), target, reduction="none") * weight).sum()
        gated = seen.argmax(-1) == target
        right = (gated & (group < 0) & (classes > 0)).sum().float()
        most = max(1, len(classes) // GROUP_SHARE)
        for k, (begin, end) in enumerate(self._ranges()):
            some, there, count = self._some(group == k, most)
            scores = F.linear(hidden[some], *self._rows((begin, end))).float()
            wanted = (classes[some] - begin).clamp(0, end - begin - 1)
            share = count / there.sum().clamp(min=1)  # of all cells of the group, to those looked at
            total = total + (F.cross_entropy(scores, wanted, reduction="none") * there).sum() * share
            right = right + ((scores.argmax(-1) == wanted) & gated[some] & (there > 0)).sum() * share
        return total / weight.sum(), right / (classes > 0).sum().clamp(min=1)

    @staticmethod
    def _weighed(logits, classes):
        weight = torch.where(classes == 0, BLANK_WEIGHT, 1.0)
        loss = F.cross_entropy(logits.float(), classes, reduction="none")
        right = ((logits.argmax(-1) == classes) & (classes > 0)).sum() / (classes > 0).sum().clamp(min=1)
        return (loss * weight).sum() / weight.sum(), right

    @staticmethod
    def _some(mask, most: int):
        """The first `most` places of a mask [n], 0 where it has fewer; 1.0 for those that are there; how many
        it has in all. Of fixed size, so that it compiles."""
        place = torch.cumsum(mask, 0) - 1
        slot = torch.where(mask & (place < most), place, most)
        some = torch.zeros(most + 1, dtype=torch.long, device=mask.device)
        some = some.scatter(0, slot, torch.arange(len(mask), device=mask.device))[:most]
        count = mask.sum()
        return some, (torch.arange(most, device=mask.device) < count).float(), count

    def _ranges(self):
        return list(zip(self.groups, (*self.groups[1:], self.classes)))

    def _rows(self, *ranges):
        """Weight and bias of some rows of the last layer, above each other."""
        weight, bias = self[2].weight, self[2].bias
        return torch.cat([weight[a:b] for a, b in ranges]), torch.cat([bias[a:b] for a, b in ranges])
