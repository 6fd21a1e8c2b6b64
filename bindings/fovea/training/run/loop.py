"""The loop of a run: steps, what the ranks tell each other, stages, saving."""

from __future__ import annotations

import dataclasses
import json
import signal
import time

import numpy as np
import torch

from ..measure.report import measure_all
from ..network import checkpoint
from ..network.token_code import sizes_of_codes
from . import config, state
from .clock import Clock, Stop
from .code_pages import count_tables
from .curriculum import Curriculum, Pair
from .feed import Request
from .optim import Optimiser
from .pages import Batch
from .run_state import RunState
from .setup import Parts, held_out_corpus
from .stages import Stage, freeze, part_of, schedule, stage_at, stages_of
from .trainer import FIGURES


class Run:
    """One training run, new or gone on with."""

    def __init__(self, args, cfg: dict, facts: dict, parts: Parts, go_on: str = ""):
        """`facts`: state.json of the run to go on with, or empty. `go_on`: the command that would."""
        self.args, self.cfg, self.parts, self.go_on = args, cfg, parts, go_on
        self.log, self.ranks, self.trainer, self.feed = parts.log, parts.ranks, parts.trainer, parts.feed
        self.code = cfg["token_code"]
        self.until = {"minutes": args.minutes, "steps": args.steps}
        self.stages = stages_of(cfg)
        self.clock = Clock(facts.get("seconds", 0.0), args.free_steps)
        self.state = RunState.of(facts)
        if not facts or facts["until"] != self.until:
            self.state.done = self._share_done()
        first = facts["stage"] if facts else stage_at(self.stages, self.state.done)
        self.state.stage = min(first, len(self.stages) - 1)
        self.curriculum = Curriculum(self.stage.cfg, start_open=parts.reads)
        new = not facts or stages_of(facts["config"])[facts["stage"]].name != self.stage.name
        self.optimiser = self._enter(self._load(facts) if facts else {}, new)
        if facts:
            self._ask_again(facts)
        self.begun_at = facts.get("step")
        self.stopped = 0  # the signal that ended it
        self.saved = time.time()
        self.reported = self.logged = (self.state.step, time.time())

    @property
    def stage(self) -> Stage:
        return self.stages[self.state.stage]

    @property
    def rate(self) -> float:
        """Share of the full learning rate."""
        s = self.state
        return schedule(self.stage.within(s.done), s.step - s.stage_step, self.stage.cfg)

    def _load(self, facts: dict) -> dict[str, torch.Tensor]:
        """Weights and curriculum of a training state; returns its tensors, which have the moments."""
        tensors = state.tensors_of(self.parts.out, facts)
        self.trainer.load_state_dict(state.below(tensors, "weights."))
        self.state.frequency = tensors["token_frequency"].numpy()
        self.curriculum.load_state(facts["curriculum"])
        return tensors

    def _ask_again(self, facts: dict) -> None:
        """For the batches that the run was going to use; what it measured last counts, too."""
        for level, columns, stage in facts["pending"]:
            self._ask((level, columns, min(stage, len(self.stages) - 1)))
        for level, columns, *values in facts["measured"]:
            self.state.add((level, columns), torch.tensor(values, device=self.parts.device))
        self.log(f"resumed at step {self.state.step}, done {self.state.done:.3f}")
        if facts["ranks"] != self.ranks.count:
            self.log(f"there were {facts['ranks']} ranks before and {self.ranks.count} now, so the pages will differ")

    def _enter(self, moments: dict[str, torch.Tensor], new: bool) -> Optimiser:
        """Starts or goes on with the stage. Moments of parameters that go on learning are kept."""
        if new:
            self.state.stage_step = self.state.step
        freeze(self.trainer, self.stage)
        cfg = self.stage.cfg
        self.trainer.weights = cfg["weights"]
        optimiser = Optimiser(self.trainer.named_parameters(), cfg["adamw_lr"], cfg["muon_lr"])
        optimiser.load_state(moments)
        self.curriculum.enter(cfg)
        if new:
            learning = {part_of(name) for name, p in self.trainer.named_parameters() if p.requires_grad}
            parts = ", ".join(part for part in self.stage.parts if part in learning)
            self.log(f"stage {self.stage.name}: {len(optimiser.gradient) / 1e6:.2f} M parameters learn ({parts})")
        return optimiser

    def _ask(self, request: Request) -> None:
        self.feed.ask(self.state.step + len(self.feed.pending), request, self.stages[request[2]].cfg)

    def _next(self) -> Batch:
        while len(self.feed.pending) < self.feed.ahead:
            number = self.state.step + len(self.feed.pending)
            self._ask((*self.curriculum.pick(number), self.state.stage))
        return self.feed.next()

    def train(self) -> None:
        """Until the time or the steps are used up, or a signal comes (then SystemExit, 128 + its number)."""
        stop = Stop(self.ranks.count)
        try:
            while self.state.done < 1 and not self.stopped:
                self._step()
                self._after_step(stop)
            if self.ranks.first:
                self._finish()
        finally:
            stop.release()
            self.feed.close()
            self.ranks.leave()
        if self.stopped:
            raise SystemExit(128 + self.stopped)

    def _step(self) -> None:
        batch, s = self._next(), self.state
        # The cells that the glyph readers are asked for follow from the step's number too.
        torch.manual_seed(self.cfg["seed"] * 1_000_003 + s.step)
        self.optimiser.zero()
        loss, figures = self.trainer(batch)
        loss.backward()
        self.ranks.average(self.optimiser.gradient)
        level, columns = batch.job.level, batch.job.columns
        s.bad += not self.optimiser.step(self.rate, level=level, code_lr=self.code.get("lr", 0.0))
        s.step += 1
        if level in self.trainer.model.token_code and columns == self.code.get("density"):
            s.remember(level, batch.glyphs)
        s.add((level, columns), figures)
        self.clock.tick()

    def _after_step(self, stop: Stop) -> None:
        s = self.state
        if s.step % 10 == 0 or s.step == self.args.steps:
            any_stop = self._exchange(stop.signal)
            if any_stop and self.ranks.count > 1:
                self.stopped = stop.signal or signal.SIGTERM
            if s.step % 100 == 0:
                self._report()
            if s.done < 1:
                self._next_stage()
                if self.args.save_every and time.time() - self.saved > self.args.save_every and self.ranks.first:
                    self.save()
        if self.ranks.count == 1 and stop.signal:
            self.stopped = stop.signal

    def _next_stage(self) -> None:
        index = max(self.state.stage, stage_at(self.stages, self.state.done))  # more time does not lead back
        if index != self.state.stage:
            self.state.stage = index
            self.optimiser = self._enter(self.optimiser.state(), new=True)

    def _finish(self) -> None:
        s = self.state
        if self.stopped:
            self.save()
            kept = "" if self.args.no_state else f"; the state is saved. To go on: {self.go_on}"
            name = signal.Signals(self.stopped).name
            self.log(f"stopped by {name} at step {s.step}, {100 * s.done:.0f} % of the run{kept}")
        elif s.step == self.begun_at:
            self.log("the run is over; give more --minutes or --steps to continue")
        else:
            self.save()
            self.log("saved")
            self.evaluate()

    def _share_done(self) -> float:
        if self.args.steps:
            return min(1.0, self.state.step / self.args.steps)
        return min(1.0, self.clock.seconds / (self.args.minutes * 60))

    def _exchange(self, stop: int) -> bool:
        """Averages the last steps' figures over the ranks. Returns whether any rank was told to stop."""
        measured = self.state.measured
        pairs = list(measured)
        means = torch.stack([torch.stack(measured[p]).mean(0) for p in pairs]).flatten().float()
        ends = torch.tensor([self._share_done(), float(stop > 0)], device=self.parts.device)
        table = torch.cat([means, ends])
        self.ranks.average(table)
        values = table.tolist()
        of_pair = {p: values[FIGURES * i : FIGURES * (i + 1)] for i, p in enumerate(pairs)}
        for p, figures in of_pair.items():
            self.curriculum.learn(p, figures[:4])
        self.state.done = self.curriculum.done = values[-2]
        self._steer({p[0]: figures[4:6] for p, figures in of_pair.items() if p[1] == self.code.get("density")})
        self._metrics({p: (len(measured[p]), figures[0]) for p, figures in of_pair.items()})
        self.state.measured = {}
        return values[-1] > 0

    def _steer(self, costs: dict[str, list[float]]) -> None:
        """Moves the steps of the levels' codes; costs: bits of the last batches' tokens and how many these were."""
        for level, (bits, tokens) in costs.items():
            want = self.code["bits"].get(level)
            if want and tokens:
                self.state.bits[level] = bits / tokens
                ramp = min(1.0, self.state.done / max(1e-9, self.code["ramp"]))
                self.trainer.model.token_code[level].steer(bits / tokens, want, ramp)

    def _metrics(self, last: dict[Pair, tuple[int, float]]) -> None:
        """A line for programs; `last`: steps and mean loss of each pair drawn since the one before."""
        s, now = self.state, time.time()
        steps = sum(n for n, _ in last.values())
        names = ("loss", "tokens", "glyphs", "patches")
        skill = self.curriculum.skill
        line = {
            "step": s.step,
            "seconds": round(self.log.seconds, 2),
            "done": s.done,
            "stage": self.stage.name,
            "rate": self.rate,
            "bad": s.bad,
            "steps_per_second": round((s.step - self.logged[0]) / (now - self.logged[1]), 3),
            "loss": sum(n * loss for n, loss in last.values()) / steps,
            "pairs": {f"{p[0]}{p[1]}": {"steps": n, **dict(zip(names, skill[p]))} for p, (n, _) in last.items()},
        }
        if s.bits:
            codes = self.trainer.model.token_code.items()
            line["bits"] = {level: round(bits, 1) for level, bits in s.bits.items()}
            line["steps"] = {level: round(float(code.log_step.exp()), 4) for level, code in codes}
        self.logged = (s.step, now)
        self.log.metrics(line)

    def _report(self) -> None:
        s = self.state
        speed = (s.step - self.reported[0]) / (time.time() - self.reported[1])
        self.reported = (s.step, time.time())
        bits = " ".join(f"{level}@{bits:.0f}" for level, bits in s.bits.items())
        self.log(f"step {s.step} done {s.done:.3f} rate {self.rate:.3f} bad {s.bad} {speed:.2f} steps/s",
                 self.curriculum.summary(), bits)

    def save(self) -> None:
        """The checkpoint, then the state."""
        begin = self.saved = time.time()
        parts, model, s = self.parts, self.trainer.model, self.state
        if s.frequency is None:
            s.frequency = token_frequency(parts.corpus, parts.tokenizer, model.config.vocab, self.cfg["mix"])
        levels, densities = config.trained_on(self.cfg)
        for level, glyphs in s.recent.items():
            count_tables(model, self.trainer.drawer, list(glyphs), self.code["density"], level)
        checkpoint.save(parts.out / "checkpoint", model, parts.tokenizer_file, parts.atlas, s.frequency,
                        levels=levels, densities=densities)
        if not self.args.no_state:
            self._save_state()
        self.log(f"saving took {time.time() - begin:.1f} s")

    def _save_state(self) -> None:
        tensors = {f"weights.{name}": t for name, t in self.trainer.state_dict().items()}
        tensors.update(self.optimiser.state())
        tensors["token_frequency"] = torch.as_tensor(self.state.frequency, dtype=torch.float32)
        state.save(self.parts.out, tensors, {
            **self.state.facts(),
            "seconds": self.clock.seconds,
            "wall": self.log.seconds,
            "until": self.until,
            "ranks": self.ranks.count,
            "pending": self.feed.requests(),
            "curriculum": self.curriculum.state(),
            "sizes": dataclasses.asdict(self.parts.sizes),
            "config": self.cfg,
            "codes": sizes_of_codes(self.trainer.model),
        })

    def evaluate(self) -> None:
        """Reads held-out pages with the weights as they were saved."""
        parts = self.parts
        model = checkpoint.load(parts.out / "checkpoint", parts.device).eval()
        held_out = held_out_corpus(self.args, parts.alphabet)
        levels, _ = config.trained_on(self.cfg)
        for row in measure_all(model, parts.tokenizer, parts.alphabet, parts.device, held_out, levels=levels,
                               densities=self.args.evaluate, pages=self.args.pages):
            self.log("evaluation", row["level"], row["density"], json.dumps(row["kinds"]))


def token_frequency(corpus, tokenizer, vocab: int, mix: dict) -> np.ndarray:
    """Share of each token in a sample of the training text."""
    rng = np.random.default_rng(0)
    counts = np.zeros(vocab)
    for domain, share in mix.items():
        for _ in range(max(1, int(200 * share))):
            ids = tokenizer.encode(corpus.sample(rng, domain, 4000)).ids
            counts += np.bincount(ids, minlength=vocab)
    return counts / counts.sum()
