"""Trains a codec.

    python -m fovea.training train --corpus corpus --atlas atlas --out run --minutes 22
    python -m fovea.training train --corpus corpus --out run --resume

One process a GPU: with several, `torchrun --nproc_per_node N -m fovea.training train ...`.
A run that starts from a checkpoint (`--from DIR`) adds to it. The checkpoint and the training state
are written while it goes on; Ctrl-C and SIGTERM save both, and `--resume` goes on from there.
"""

from __future__ import annotations

import argparse
import collections
import dataclasses
import json
import math
import os
import shlex
import shutil
import signal
import sys
import time
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist

from ..measure.report import measure_all
from ..network import checkpoint
from ..network.alphabet import Alphabet
from ..network.model import CodecModel, initialise
from ..network.token_code import add_codes, sizes_of_codes
from ..text import tokenizer as bpe
from ..text.corpus import Corpus
from . import config, state
from .clock import Clock, Stop
from .code_pages import count_tables
from .curriculum import Curriculum
from .feed import Feed
from .optim import Optimiser
from .pages import Batch, BatchMaker
from .stages import freeze, stage_at, stages_of
from .trainer import FIGURES, Trainer

def average(values: torch.Tensor) -> None:
    """The mean over all ranks, in place."""
    if dist.get_backend() == "nccl":
        dist.all_reduce(values, op=dist.ReduceOp.AVG)
    else:  # gloo only sums
        dist.all_reduce(values)
        values.div_(dist.get_world_size())


def schedule(done: float, step: int, cfg: dict) -> float:
    """Share of the full learning rate: warm-up, constant, cosine to the floor.

    `done` and `step` count from the start of the stage.
    """
    warm = min(1.0, (step + 1) / max(1, cfg["warmup"]))
    fall = max(0.0, (done - cfg["constant"]) / max(1e-9, 1 - cfg["constant"]))
    return warm * (cfg["floor"] + (1 - cfg["floor"]) * 0.5 * (1 + math.cos(math.pi * min(1.0, fall))))


class Run:
    """One training run: processes, batches, clock, checkpoints."""

    def __init__(self, args, cfg: dict, facts: dict | None, go_on: str = ""):
        """`facts`: state.json of the run to go on with. `go_on`: the command that would."""
        self.args, self.cfg, self.out, self.go_on = args, cfg, Path(args.out), go_on
        self.facts = facts or {}
        self.start = time.time() - self.facts.get("wall", 0.0)
        self.rank, self.ranks = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
        self.out.mkdir(parents=True, exist_ok=True)
        self.until = {"minutes": args.minutes, "steps": args.steps}
        self._alphabet()
        self._tokenizer()
        self._workers()
        self._device()
        self._model()
        self._position()

    def log(self, *words) -> None:
        if self.rank == 0:
            line = f"[{time.time() - self.start:7.1f}] " + " ".join(map(str, words))
            print(line, flush=True)
            with open(self.out / "train.log", "a") as f:
                f.write(line + "\n")

    def _alphabet(self) -> None:
        """The run's folder keeps the atlas and the tokenizer: going on and exporting need no others."""
        self.atlas_folder = self.out / "atlas" if self.facts else Path(self.args.source or self.args.atlas)
        self.alphabet = Alphabet.load(self.atlas_folder)
        if self.facts:
            self.sizes = checkpoint.sizes_of(self.facts["sizes"])
        elif self.args.source:
            self.sizes = checkpoint.config_of(self.args.source)
        else:
            self.sizes = checkpoint.sizes_of({"characters": self.alphabet.classes, "groups": self.alphabet.groups,
                                              **self.cfg["model"]})
        if not self.facts and self.rank == 0:
            (self.out / "atlas").mkdir(exist_ok=True)
            (self.out / "atlas" / "atlas.json").write_text(json.dumps(self.alphabet.description) + "\n")
            shutil.copyfile(self.atlas_folder / "atlas.png", self.out / "atlas" / "atlas.png")

    def _tokenizer(self) -> None:
        from tokenizers import Tokenizer

        self.corpus = Corpus(self.args.corpus, alphabet=self.alphabet.narrow[2:] + self.alphabet.wide,
                             max_characters=self.args.max_characters)
        given = self.args.tokenizer or (Path(self.args.source) / "tokenizer.json" if self.args.source else None)
        self.tokenizer_file = self.out / "tokenizer.json"
        if not self.facts and self.rank == 0:
            part = self.tokenizer_file.with_suffix(".part")
            if given:
                shutil.copyfile(given, part)
            else:
                rng = np.random.default_rng(self.cfg["seed"])
                texts = (self.corpus.sample(rng, domain, 4000)
                         for domain, n in self.cfg["tokenizer"]["characters"].items() for _ in range(n // 4000))
                bpe.train(texts, self.sizes.first_position).save(str(part))
            part.replace(self.tokenizer_file)
        while not self.tokenizer_file.exists():
            time.sleep(0.5)
        self.tokenizer = Tokenizer.from_file(str(given if given and not self.facts else self.tokenizer_file))
        self.log("tokenizer", self.tokenizer.get_vocab_size())

    def _workers(self) -> None:
        c = self.sizes
        if self.tokenizer.get_vocab_size() > c.first_position:
            raise SystemExit(f"the tokenizer has {self.tokenizer.get_vocab_size()} tokens, "
                             f"the model room for {c.first_position}")
        maker = BatchMaker(self.corpus, self.tokenizer, self.alphabet, c.first_position, c.eos)
        self.feed = Feed(maker, self.args.workers, self.rank, self.ranks)

    def _device(self) -> None:
        if torch.cuda.is_available() and not self.args.cpu:
            local = int(os.environ.get("LOCAL_RANK", 0))
            torch.cuda.set_device(local)
            self.device = f"cuda:{local}"
            torch.backends.cuda.matmul.allow_tf32 = True
        else:
            self.device = "cpu"
        if self.ranks > 1:
            dist.init_process_group("nccl" if self.device != "cpu" else "gloo")

    def _model(self) -> None:
        torch.manual_seed(self.cfg["seed"])
        if self.args.source and not self.facts:
            model = checkpoint.load(self.args.source)
        else:
            model = CodecModel(self.sizes)
            initialise(model)
            add_codes(model, self.facts.get("codes", {}))
        self.code = self.cfg["token_code"]
        if model.token_code and not self.code:
            self.log("the token code of the checkpoint is left out, as its weights will change; "
                     "`python -m fovea.training code` makes one of the result")
            model.token_code.clear()
        missing = [level for level in self.code.get("bits", {}) if level not in model.token_code]
        if missing:
            raise SystemExit(f"the configuration steers a token code, but level {missing[0]} has none; "
                             "`python -m fovea.training code` gives a checkpoint one")
        self.trainer = Trainer(model, self.alphabet, self.cfg, self.device).to(self.device)
        size = sum(p.numel() for p in model.parameters())
        self.log(f"parameters {size / 1e6:.2f} M, {self.ranks} rank(s), {self.device}")
        if self.cfg["compile"] and self.device != "cpu":
            self.trainer.compile()

    def _position(self) -> None:
        """Where the run stands: at its start, or where the training state says."""
        f = self.facts
        self.stages = stages_of(self.cfg)
        self.step, self.bad = f.get("step", 0), f.get("bad", 0)
        self.clock = Clock(f.get("seconds", 0.0), self.args.free_steps)
        self.done = f["done"] if f and f["until"] == self.until else self._share_done()
        self.stage_step = f.get("stage_step", 0)
        self.bits: dict[str, float] = {}  # a token, of each level's last batches
        self.measured: dict[tuple[str, int], list[torch.Tensor]] = {}
        self.recent: dict[str, collections.deque] = {}  # glyphs of each level's last batches
        self.frequency = self.optimiser = None
        first = stages_of(f["config"])[f["stage"]] if f else None
        self.stage = stage_at(self.stages, self.done) if not f else min(f["stage"], len(self.stages) - 1)
        self.curriculum = Curriculum(self.stages[self.stage].cfg, start_open=bool(self.args.source))
        if not f:
            return self._enter(self.stage)
        tensors = state.tensors_of(self.out, f)
        self.trainer.load_state_dict(state.below(tensors, "weights."))
        self.frequency = tensors["token_frequency"].numpy()
        self.curriculum.load_state(f["curriculum"])
        self._enter(self.stage, tensors, new=first.name != self.stages[self.stage].name)
        for level, columns, stage in f["pending"]:
            self._ask((level, columns, min(stage, len(self.stages) - 1)))
        for level, columns, *values in f["measured"]:
            self.measured.setdefault((level, columns), []).append(torch.tensor(values, device=self.device))
        self.log(f"resumed at step {self.step}, done {self.done:.3f}")
        if f["ranks"] != self.ranks:
            self.log(f"there were {f['ranks']} ranks before and are {self.ranks} now: other pages follow")

    def _enter(self, index: int, moments: dict | None = None, new: bool = True) -> None:
        """Starts or goes on with a stage. Moments of parameters that go on learning are kept."""
        if self.optimiser:
            moments = self.optimiser.state()
        self.stage = index
        stage = self.stages[index]
        if new:
            self.stage_step = self.step
        freeze(self.trainer, stage)
        self.trainer.weights = stage.cfg["weights"]
        self.optimiser = Optimiser(self.trainer.named_parameters(), stage.cfg["adamw_lr"], stage.cfg["muon_lr"])
        self.optimiser.load_state(moments or {})
        self.curriculum.enter(stage.cfg)
        if new:
            size = len(self.optimiser.gradient)
            self.log(f"stage {stage.name}: {size / 1e6:.2f} M parameters learn ({', '.join(stage.parts)})")

    @property
    def rate(self) -> float:
        stage = self.stages[self.stage]
        return schedule(stage.within(self.done), self.step - self.stage_step, stage.cfg)

    def _ask(self, request) -> None:
        self.feed.ask(self.step + len(self.feed.pending), request, self.stages[request[2]].cfg)

    def _next(self) -> Batch:
        while len(self.feed.pending) < self.feed.ahead:
            self._ask((*self.curriculum.pick(self.step + len(self.feed.pending)), self.stage))
        return self.feed.next()

    def train(self) -> None:
        """Until the time or the steps are used up, or a signal comes (then SystemExit, 128 + its number)."""
        stop = Stop(self.ranks)
        self.saved, self.reported, self.stopped = time.time(), (self.step, time.time()), 0
        self.logged = self.reported
        try:
            while self.done < 1 and not self.stopped:
                self._step()
                self._after_step(stop)
            self._finish()
        finally:
            stop.release()
            self.feed.close()
            if self.ranks > 1:
                dist.destroy_process_group()
        if self.stopped:
            raise SystemExit(128 + self.stopped)

    def _step(self) -> None:
        batch = self._next()
        # The cells that the glyph readers are asked for follow from the step's number too.
        torch.manual_seed(self.cfg["seed"] * 1_000_003 + self.step)
        self.optimiser.zero()
        loss, figures = self.trainer(batch)
        loss.backward()
        if self.ranks > 1:
            average(self.optimiser.gradient)
        level = batch.job.level
        self.bad += not self.optimiser.step(self.rate, level=level, code_lr=self.code.get("lr", 0.0))
        self.step += 1
        if level in self.trainer.model.token_code and batch.job.columns == self.code.get("density"):
            self.recent.setdefault(level, collections.deque(maxlen=4)).append(batch.glyphs)
        self.measured.setdefault((batch.job.level, batch.job.columns), []).append(figures)
        self.clock.tick()

    def _after_step(self, stop: Stop) -> None:
        if self.step % 10 == 0 or self.step == self.args.steps:
            any_stop = self._exchange(stop.signal)
            if any_stop and self.ranks > 1:
                self.stopped = stop.signal or signal.SIGTERM
            if self.step % 100 == 0:
                self._report()
            if self.done < 1:
                index = max(self.stage, stage_at(self.stages, self.done))  # more time does not lead back
                if index != self.stage:
                    self._enter(index)
                if self.args.save_every and time.time() - self.saved > self.args.save_every and self.rank == 0:
                    self.save()
        if self.ranks == 1 and stop.signal:
            self.stopped = stop.signal

    def _finish(self) -> None:
        if self.rank:
            return
        if self.stopped:
            self.save()
            kept = "" if self.args.no_state else f"; the state is saved. To go on: {self.go_on}"
            name = signal.Signals(self.stopped).name
            self.log(f"stopped by {name} at step {self.step}, {100 * self.done:.0f} % of the run{kept}")
            return
        if self.step == self.facts.get("step"):
            self.log("the run is over; give it more --minutes or --steps to go on")
            return
        self.save()
        self.log("saved")
        self.evaluate()

    def _share_done(self) -> float:
        if self.args.steps:
            return min(1.0, self.step / self.args.steps)
        return min(1.0, self.clock.seconds / (self.args.minutes * 60))

    def _exchange(self, stop: int) -> bool:
        """Averages the last steps' figures over the ranks. Returns whether any rank was told to stop."""
        pairs = list(self.measured)
        table = torch.cat([torch.stack([torch.stack(self.measured[p]).mean(0) for p in pairs]).flatten().float(),
                           torch.tensor([self._share_done(), float(stop > 0)], device=self.device)])
        if self.ranks > 1:
            average(table)
        values = table.tolist()
        for i, p in enumerate(pairs):
            self.curriculum.learn(p, values[FIGURES * i : FIGURES * i + 4])
        self.done = self.curriculum.done = values[-2]
        self._steer({p[0]: values[FIGURES * i + 4 : FIGURES * i + 6] for i, p in enumerate(pairs)
                     if p[1] == self.code.get("density")})
        self._metrics({p: (len(self.measured[p]), values[FIGURES * i]) for i, p in enumerate(pairs)})
        self.measured = {}
        return values[-1] > 0

    def _steer(self, costs: dict[str, list[float]]) -> None:
        """Moves the steps of the levels' codes; costs: bits of the last batches' tokens and how many these were."""
        for level, (bits, tokens) in costs.items():
            want = self.code["bits"].get(level)
            if want and tokens:
                self.bits[level] = bits / tokens
                ramp = min(1.0, self.done / max(1e-9, self.code["ramp"]))
                self.trainer.model.token_code[level].steer(bits / tokens, want, ramp)

    def _metrics(self, last: dict[tuple[str, int], tuple[int, float]]) -> None:
        """One line of metrics.jsonl; `last`: steps and mean loss of each pair drawn since the one before."""
        if self.rank:
            return
        steps, now = sum(n for n, _ in last.values()), time.time()
        names = ("loss", "tokens", "glyphs", "patches")
        skill = self.curriculum.skill
        line = {
            "step": self.step,
            "seconds": round(now - self.start, 2),
            "done": self.done,
            "stage": self.stages[self.stage].name,
            "rate": self.rate,
            "bad": self.bad,
            "steps_per_second": round((self.step - self.logged[0]) / (now - self.logged[1]), 3),
            "loss": sum(n * loss for n, loss in last.values()) / steps,
            "pairs": {f"{p[0]}{p[1]}": {"steps": n, **dict(zip(names, skill[p]))} for p, (n, _) in last.items()},
        }
        if self.bits:
            line["bits"] = {level: round(bits, 1) for level, bits in self.bits.items()}
            line["steps"] = {level: round(float(code.log_step.exp()), 4)
                             for level, code in self.trainer.model.token_code.items()}
        self.logged = (self.step, now)
        with open(self.out / "metrics.jsonl", "a") as f:
            f.write(json.dumps(line) + "\n")

    def _report(self) -> None:
        speed = (self.step - self.reported[0]) / (time.time() - self.reported[1])
        self.reported = (self.step, time.time())
        self.log(f"step {self.step} done {self.done:.3f} rate {self.rate:.3f} bad {self.bad} {speed:.2f} steps/s",
                 self.curriculum.summary(), " ".join(f"{level}@{bits:.0f}" for level, bits in self.bits.items()))

    def save(self) -> None:
        """The checkpoint, then the state."""
        begin = self.saved = time.time()
        model = self.trainer.model
        if self.frequency is None:
            self.frequency = token_frequency(self.corpus, self.tokenizer, model.config.vocab, self.cfg["mix"])
        levels, densities = config.trained_on(self.cfg)
        for level, glyphs in self.recent.items():
            count_tables(model, self.trainer.drawer, list(glyphs), self.code["density"], level)
        checkpoint.save(self.out / "checkpoint", model, self.tokenizer_file, self.atlas_folder, self.frequency,
                        levels=levels, densities=densities)
        if not self.args.no_state:
            self._save_state()
        self.log(f"saving took {time.time() - begin:.1f} s")

    def _save_state(self) -> None:
        tensors = {f"weights.{name}": t for name, t in self.trainer.state_dict().items()}
        tensors.update(self.optimiser.state())
        tensors["token_frequency"] = torch.as_tensor(self.frequency, dtype=torch.float32)
        state.save(self.out, tensors, {
            "step": self.step,
            "done": self.done,
            "bad": self.bad,
            "seconds": self.clock.seconds,
            "wall": time.time() - self.start,
            "until": self.until,
            "stage": self.stage,
            "stage_step": self.stage_step,
            "ranks": self.ranks,
            "pending": self.feed.requests(),
            "measured": [[*pair, *figures.tolist()] for pair, rows in self.measured.items() for figures in rows],
            "curriculum": self.curriculum.state(),
            "sizes": dataclasses.asdict(self.sizes),
            "config": self.cfg,
            "codes": sizes_of_codes(self.trainer.model),
        })

    def evaluate(self) -> None:
        """Reads held-out pages with the weights as they were saved."""
        model = checkpoint.load(self.out / "checkpoint", self.device).eval()
        held_out = Corpus(self.args.corpus, split="validation", alphabet=self.alphabet.narrow[2:])
        levels, _ = config.trained_on(self.cfg)
        for row in measure_all(model, self.tokenizer, self.alphabet, self.device, held_out, levels=levels,
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


def parser() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser(prog="python -m fovea.training train", description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--config", help="JSON file; without it configs/nano.json, or what a resumed run had")
    p.add_argument("--corpus", required=True, help="folder made by `gather`")
    p.add_argument("--atlas", help="folder with atlas.png and atlas.json (made by fovea_atlas)")
    p.add_argument("--from", dest="source", help="checkpoint folder to start from, instead of --atlas")
    p.add_argument("--tokenizer", help="tokenizer.json to use; without it one is trained")
    p.add_argument("--out", required=True, help="folder of the run")
    p.add_argument("--resume", action="store_true", help="go on with the run in --out; starts one where there is none")
    p.add_argument("--minutes", type=float, help="of training, earlier calls' among them (default 10)")
    p.add_argument("--steps", type=int, help="stop after this many steps, whatever the time")
    p.add_argument("--free-steps", type=int, default=30,
                   help="steps of each call before the clock starts (compiling)")
    p.add_argument("--save-every", type=float, default=150, help="seconds; 0: only at the end")
    p.add_argument("--no-state", action="store_true", help="save checkpoints only; the run cannot be resumed")
    p.add_argument("--workers", type=int, default=0, help="processes that make batches")
    p.add_argument("--max-characters", type=int, help="read no more of each kind of text, for a quick start")
    p.add_argument("--evaluate", type=lambda s: [int(x) for x in s.split(",") if x], default=[106],
                   help="densities to evaluate at the end")
    p.add_argument("--pages", type=int, default=4, help="pages a kind of text at the end")
    p.add_argument("--cpu", action="store_true")
    return p


def main(argv=None) -> None:
    argv = sys.argv[1:] if argv is None else list(argv)
    p = parser()
    args = p.parse_args(argv)
    there = state.exists(args.out)
    if there and not args.resume:
        p.error(f"{args.out} already holds a run; --resume goes on with it, another --out starts a new one")
    facts = None
    try:
        if there:
            facts = state.facts_of(args.out)
        elif not args.source and not args.atlas:
            p.error(f"{args.out} holds no run yet: give --atlas DIR for a new codec, "
                    "or --from DIR to start from a checkpoint")
        before = facts["config"] if facts else None
        cfg = config.load(args.config or config.DEFAULT) if args.config or not facts else config.checked(before)
        until = facts["until"] if facts else {"minutes": 10.0, "steps": 0}
        if args.minutes is None and args.steps is None:
            args.minutes, args.steps = until["minutes"], until["steps"]
        args.minutes = until["minutes"] if args.minutes is None else args.minutes
        args.steps = args.steps or 0
        words = argv if "--resume" in argv else [*argv, "--resume"]
        ranks = os.environ.get("WORLD_SIZE", "1")
        start = ["python"] if ranks == "1" else ["torchrun", "--nproc_per_node", ranks]
        run = Run(args, cfg, facts, shlex.join([*start, "-m", "fovea.training", "train", *words]))
    except (config.ConfigError, state.StateError, FileNotFoundError) as error:
        p.error(str(error))
    changed = [key for key in cfg if before and cfg[key] != before.get(key)]
    if changed:
        run.log("the configuration changed since the state was saved:", ", ".join(changed))
    run.train()
