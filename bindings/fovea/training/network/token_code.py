"""What vision tokens are stored as: a learned transform, rounded, for a static entropy coder.

A level's code is  t = x - mean,  r = rms(t),  q = round((analysis t / r + bias) / s),  e = round(32 log2(r / size));
back = 2^(e / 32) synthesis (s gain q) + offset. The integers are q and, last, e. The readers and the decoder see `back` alone. A page's rate
says which s of `RATES` its tokens are rounded to: the first is the coarsest, and each has tables and gains of its own:
most values that a coarse step rounds to +-1 are smaller than it. Training keeps the
analysis at a fixed norm and divides by a step, which is steered to a wanted number of bits a token: coarser bit by bit, from where the code begins.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import nn

LARGEST = 127  # of the integers
TOTAL_BITS = 14  # a table of frequencies sums to 2^14
RAW_BITS = 8  # after the escape symbol
MOST_RANGE = 31
OCTAVE = 32  # steps of a token's length
RATES = (1.0, 0.7, 0.5, 0.35, 0.25)  # what a page's rate makes of the step


class LevelCode(nn.Module):
    """The code of one level: tokens of width d to k integers and one for their length, and back."""

    def __init__(self, width: int, dimensions: int, reach: int):
        """`reach`: the table of a dimension knows -reach..reach; what lies beyond is escaped."""
        super().__init__()
        self.reach = reach
        self.analysis = nn.Parameter(torch.eye(dimensions, width))
        self.bias = nn.Parameter(torch.zeros(dimensions))  # in units of u
        self.synthesis = nn.Parameter(torch.eye(width, dimensions))  # of tokens divided by `size`
        self.offset = nn.Parameter(torch.zeros(width))
        self.spread = nn.Parameter(torch.zeros(dimensions))  # log of the prior's width; for the rate's gradient
        self.register_buffer("mean", torch.zeros(width))
        self.register_buffer("size", torch.ones(()))
        self.register_buffer("log_step", torch.zeros(()))
        self.register_buffer("first_bits", torch.zeros(()))  # a token, where steering began; 0: not begun
        flat = integer_tables(torch.from_numpy(np.ones((dimensions + 1, 2 * reach + 1))))
        self.register_buffer("frequencies", flat.repeat(len(RATES), 1, 1))  # [rates, k + 1, 2 reach + 2]
        self.register_buffer("gain", torch.ones(len(RATES), dimensions))
        self.register_buffer("rates", torch.tensor(RATES), persistent=False)
        self.agreement = [0.0] * len(RATES)  # of the glyph reader, that a page needs at a rate; 0: none

    @property
    def dimensions(self) -> int:
        return self.analysis.shape[0]

    def _values(self, tokens):
        """-> values [..., k] before rounding, the token's length [..., 1] in 1/32 octaves above the usual one."""
        t = tokens.float() - self.mean
        length = (t.pow(2).mean(-1, keepdim=True) + 1e-6).sqrt()
        # A fixed norm, or training makes values large to outgrow the step.
        values = (t / length) @ (self.analysis * (math.sqrt(self.dimensions) / self.analysis.norm())).T + self.bias
        return values, (OCTAVE * torch.log2(length / self.size)).clamp(-LARGEST, LARGEST)

    def _back(self, values, octaves, rate):
        gain = self.gain[rate][:, None] if torch.is_tensor(rate) else self.gain[rate]
        return torch.exp2(octaves / OCTAVE) * ((values * gain) @ self.synthesis.T * self.size) + self.offset

    def _step(self, rate):
        """The step at a rate, or those [B, 1, 1] at the rates [B] of pages."""
        return self.log_step.exp() * (self.rates[rate][:, None, None] if torch.is_tensor(rate) else self.rates[rate])

    def forward(self, tokens, rate=0):
        """tokens [..., d] at a rate, or [B, n, d] at one a page [B] -> as they come back from the store, float32; integers [..., k + 1]."""
        with torch.autocast(tokens.device.type, enabled=False):
            step = self._step(rate)
            values, octaves = self._values(tokens)
            q, e = torch.round(values / step).clamp(-LARGEST, LARGEST), torch.round(octaves)
            return self._back(q * step, e, rate), torch.cat([q, e], -1)

    def learn(self, tokens, rate=0):
        """As `forward`, with gradients -> tokens, bits [...] of each by the prior (its length, a few bits, not among them).

        Rounding passes gradients on. The bits are those of the rounded values, with the gradient of noisy ones,
        which alone would overstate what values that round to 0 cost.
        """
        with torch.autocast(tokens.device.type, enabled=False):
            step = self._step(rate)
            y, octaves = self._values(tokens)
            rounded = torch.round(y / step).clamp(-LARGEST, LARGEST) * step
            noisy = self._prior_bits(y + (torch.rand_like(y) - 0.5) * step, step).sum(-1)
            bits = self._prior_bits(rounded.detach(), step).sum(-1)
            e = octaves + (torch.round(octaves) - octaves).detach()
            return self._back(y + (rounded - y).detach(), e, rate), noisy + (bits - noisy).detach()

    def _prior_bits(self, values, step):
        width = self.spread.clamp(-5, 3).exp()
        u = -values.abs()
        p = torch.sigmoid((u + step / 2) / width) - torch.sigmoid((u - step / 2) / width)
        return -torch.log2(p.clamp(min=1e-9))

    @torch.no_grad()
    def steer(self, bits: float, want: float, ramp: float) -> None:
        """Moves the step towards the wanted bits a token; `ramp` 0..1 leads there from where it began."""
        if float(self.first_bits) == 0:
            self.first_bits.fill_(max(bits, want))
        now = float(self.first_bits) ** (1 - ramp) * want**ramp
        self.log_step += max(-0.1, min(0.1, 0.3 * math.log(bits / now)))

    @torch.no_grad()
    def begin(self, tokens, step: float) -> None:
        """Principal components of tokens [n, d], rounded to `step` times their root mean square."""
        t = tokens.double()
        mean = t.mean(0)
        t = t - mean
        length = (t.pow(2).mean(1, keepdim=True) + 1e-6).sqrt()
        size, u = length.log().mean().exp(), t / length
        variance, axes = torch.linalg.eigh(u.T @ u / len(u))
        variance, axes = variance.flip(0)[: self.dimensions], axes.flip(1)[:, : self.dimensions]
        self.mean.copy_(mean)
        self.size.copy_(size)
        self.offset.copy_(mean)
        self.analysis.copy_(axes.T)
        self.synthesis.copy_(axes)
        self.bias.zero_()
        self.spread.copy_((variance.clamp(min=1e-8).sqrt() * 0.5513).log().clamp(min=-4))  # a logistic's of that variance
        self.log_step.fill_(math.log(step))
        self.first_bits.zero_()
        self.gain.fill_(1)

    @torch.no_grad()
    def fit_gain(self, tokens, q, rate: int, ridge: float = 1e-3) -> None:
        """The gains of a rate with which tokens [n, d] come back from their integers with the least square error."""
        # Of blank parts of a page, with one value that is cut off: a larger gain would make up for it.
        whole = q[:, :-1].abs().amax(1) < LARGEST
        tokens, q = tokens[whole], q[whole]
        values = q[:, :-1].double() * float(self._step(rate))
        length = torch.exp2(q[:, -1:].double() / OCTAVE) * self.size.double()
        wanted, synthesis = (tokens.double() - self.offset) / length, self.synthesis.double()
        normal = (synthesis.T @ synthesis) * (values.T @ values)
        # A dimension whose values are nearly all rounded to 0 keeps a gain near 1.
        eye = torch.eye(len(normal), dtype=normal.dtype, device=normal.device) * ridge * normal.diagonal().mean().clamp(min=1e-9)
        right = ((wanted @ synthesis) * values).sum(0) + eye.diagonal()
        self.gain[rate].copy_(torch.linalg.solve(normal + eye, right).clamp(0.3, 1.0))

    @torch.no_grad()
    def count(self, q, rate: int) -> None:
        """Sets the entropy coder's tables of a rate from integers [..., k + 1]."""
        numbers = self.dimensions + 1
        flat = q.reshape(-1, numbers).long()
        wide = 2 * self.reach + 2
        symbol = torch.where(flat.abs() > self.reach, wide - 1, flat + self.reach)
        index = symbol + wide * torch.arange(numbers, device=flat.device)
        counts = torch.bincount(index.flatten(), minlength=wide * numbers).view(numbers, wide)
        away = torch.arange(-self.reach, self.reach + 1, device=flat.device).abs().double()
        counts = counts.double()
        counts[:, :-1] += 0.3 * 0.5**away  # what was not met may come
        counts[:, -1] += 0.01
        self.frequencies[rate].copy_(integer_tables(counts, escape=True))

    @torch.no_grad()
    def coded_bits(self, q, rate: int):
        """What the tables of a rate make of integers [..., k + 1] -> bits [...] of each token."""
        numbers = self.dimensions + 1
        flat = q.reshape(-1, numbers).long()
        beyond = flat.abs() > self.reach
        wide = 2 * self.reach + 2
        symbol = torch.where(beyond, wide - 1, flat + self.reach)
        cost = TOTAL_BITS - self.frequencies[rate].float().log2()
        bits = cost.flatten()[symbol + wide * torch.arange(numbers, device=flat.device)]
        return (bits + RAW_BITS * beyond).sum(-1).view(q.shape[:-1])

    def described(self) -> dict:
        """What a checkpoint's config.json says of it."""
        rates = [{"step": step, "agreement": need} for step, need in zip(RATES, self.agreement)]
        return {"k": self.dimensions, "range": self.reach, "rates": rates}

    def stored(self) -> dict[str, torch.Tensor]:
        """The tensors of a checkpoint, before its 8 bits a weight: step, norm and size are folded in."""
        step = float(self.log_step.exp())
        analysis = self.analysis.detach() * (math.sqrt(self.dimensions) / self.analysis.detach().norm()) / step
        return {
            "mean": self.mean.float(),
            "size": self.size.float().view(1),
            "analysis.weight": analysis,
            "analysis.bias": (self.bias.detach() / step).float(),
            "synthesis.weight": self.synthesis.detach() * self.size * step,
            "synthesis.bias": self.offset.detach().float(),
            "gain": self.gain.float(),
            "frequencies": self.frequencies.to(torch.int16),
        }

    @classmethod
    def restored(cls, tensors: dict[str, torch.Tensor], described: dict) -> LevelCode:
        """From what `stored` and `described` gave. ValueError for other rates than this package has."""
        steps = tuple(rate["step"] for rate in described["rates"])
        if steps != RATES:
            raise ValueError(f"the token code has rates of steps {steps}; this package trains those of {RATES}")
        analysis, synthesis = tensors["analysis.weight"].float(), tensors["synthesis.weight"].float()
        dimensions, width = analysis.shape
        code = cls(width, dimensions, (tensors["frequencies"].shape[2] - 2) // 2)
        code.agreement = [rate["agreement"] for rate in described["rates"]]
        step = math.sqrt(dimensions) / float(analysis.norm())
        size = float(tensors["size"])
        with torch.no_grad():
            code.mean.copy_(tensors["mean"])
            code.log_step.fill_(math.log(step))
            code.size.fill_(size)
            code.analysis.copy_(analysis * step)
            code.bias.copy_(tensors["analysis.bias"] * step)
            code.synthesis.copy_(synthesis / (step * size))
            code.offset.copy_(tensors["synthesis.bias"])
            code.frequencies.copy_(tensors["frequencies"])
            if "gain" in tensors:
                code.gain.copy_(tensors["gain"])
            p = code.frequencies[0, :-1, :-1].double()
            value = torch.arange(-code.reach, code.reach + 1).double()
            variance = (p * value**2).sum(1) / p.sum(1) + 1e-3
            code.spread.copy_((variance.sqrt() * step * 0.5513).log().clamp(min=-4))
        return code


def integer_tables(counts: torch.Tensor, escape: bool = False) -> torch.Tensor:
    """Counts [k, symbols] (the escape the last of them, or added) -> int32 frequencies >= 1, each row summing to 2^14."""
    if not escape:
        counts = torch.cat([counts, counts.new_full((len(counts), 1), 1e-3)], 1)
    n, total = counts.shape[1], 1 << TOTAL_BITS
    share = counts / counts.sum(1, keepdim=True) * (total - n)
    out = share.floor().long() + 1
    missing = total - out.sum(1)
    # What is left goes to the largest remainders; there are fewer than symbols.
    order = (share - share.floor()).argsort(dim=1, descending=True, stable=True)
    rank = torch.empty_like(order).scatter_(1, order, torch.arange(n, device=order.device).expand_as(order).contiguous())
    return (out + (rank < missing[:, None])).to(torch.int32)


def sizes_of_codes(model) -> dict[str, list[int]]:
    """For JSON: dimensions and range of each level's code."""
    return {level: [code.dimensions, code.reach] for level, code in model.token_code.items()}


def add_codes(model, sizes: dict[str, list[int]]) -> None:
    """Room for codes, as `sizes_of_codes` names them, before a state is loaded."""
    for level, (dimensions, reach) in sizes.items():
        model.token_code[level] = LevelCode(model.config.width, dimensions, reach)
