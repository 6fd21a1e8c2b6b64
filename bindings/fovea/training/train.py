"""Trains a codec: `python -m fovea.training.train --config FILE --corpus DIR --atlas DIR --out DIR --minutes M`.

One process a GPU: with several, start it with `torchrun --nproc_per_node N -m fovea.training.train ...`.
A run that starts from a checkpoint (`--from DIR`) adds to it. Checkpoints are written while it
goes on, so that what was learned survives an early end.
"""

from __future__ import annotations

import argparse
import collections
import json
import math
import multiprocessing
import os
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
import torch.nn.functional as F

from . import checkpoint, tokenizer as bpe
from .alphabet import Alphabet, PageDrawer
from .corpus import Corpus
from .curriculum import Curriculum
from .evaluate import Evaluator
from .geometry import GRIDS, SIDES
from .model import CodecModel, GlyphReader, ModelConfig, initialise
from .optim import Optimiser
from .pages import Batch, BatchMaker, Job
from .reading import RowTokens, row_states

_maker: BatchMaker | None = None  # of a worker process


def _make(job: Job) -> Batch:
    return _maker(job)


class Trainer(torch.nn.Module):
    """The model with what only training needs, and its loss."""

    def __init__(self, model: CodecModel, alphabet: Alphabet, cfg: dict, device):
        super().__init__()
        self.model, self.weights, self.device = model, cfg["weights"], device
        self.reader_cells = cfg["reader_cells"]
        # A second glyph reader on the first tower's patches: it makes that tower learn early.
        self.patch_reader = GlyphReader(model.config.sam_width, 12, model.config)
        for p in self.patch_reader.parameters():
            if p.dim() >= 2:
                torch.nn.init.normal_(p, std=0.02)
        self.drawer = PageDrawer(alphabet, device)
        self.register_buffer("class_of", torch.from_numpy(alphabet.class_of_glyph()), persistent=False)

    def compile(self) -> None:
        """Compiles what runs on flat tokens; lengths are the same for all levels, so once each."""
        torch._dynamo.config.recompile_limit = 64
        for block in self.model.sam_model.blocks:
            block.before = torch.compile(block.before, dynamic=False)
            block.after = torch.compile(block.after, dynamic=False)
        for layer in self.model.layers:
            layer.before = torch.compile(layer.before, dynamic=False)
            layer.after = torch.compile(layer.after, dynamic=False)
        self.token_loss = torch.compile(self.token_loss, dynamic=False)
        self.reader_loss = torch.compile(self.reader_loss, dynamic=False)

    def token_loss(self, states, targets):
        """-> cross-entropy and the share of tokens right."""
        logits = F.linear(states, self.model.embed_tokens.weight.to(states.dtype)).float()
        loss = F.cross_entropy(logits, targets, ignore_index=-100)
        here = targets >= 0
        right = ((logits.argmax(-1) == targets) & here).sum() / here.sum()
        return loss, right

    def reader_loss(self, features, classes):
        return self.character_loss(self.model.glyph_reader.head(features), classes)

    @staticmethod
    def character_loss(logits, classes):
        """logits [n, characters], classes [n]. Blank cells weigh a tenth. -> loss, share of the others right."""
        weight = torch.where(classes == 0, 0.1, 1.0)
        loss = F.cross_entropy(logits.float(), classes, reduction="none")
        right = ((logits.argmax(-1) == classes) & (classes > 0)).sum() / (classes > 0).sum().clamp(min=1)
        return (loss * weight).sum() / weight.sum(), right

    def forward(self, batch: Batch):
        """-> loss, [loss, token accuracy, glyph reader's, patch reader's accuracy]."""
        columns, model = batch.job.columns, self.model
        to = lambda a: torch.from_numpy(np.ascontiguousarray(a)).to(self.device, torch.long)
        glyphs = to(batch.glyphs.astype(np.int32))
        text = RowTokens(to(batch.inputs), to(batch.targets), to(batch.row), to(batch.step), to(batch.cells),
                         to(batch.rows), batch.longest)
        classes = self.class_of[glyphs]
        kind = torch.device(self.device).type
        with torch.autocast(kind, torch.bfloat16, enabled=kind == "cuda"):
            tokens, patches = model.encode(self.drawer.draw(glyphs, columns, SIDES[batch.job.level]))
            features = model.glyph_reader.features(tokens, columns)[:, text.rows]
            # A fixed number of cells: one compilation, and the many characters cost memory.
            some = torch.randint(0, features.shape[:-1].numel(), (self.reader_cells,), device=self.device)
            reader_loss, reader_right = self.reader_loss(features.flatten(0, 2)[some], classes[:, text.rows].flatten()[some])
            patch_loss, patch_right = self._patch_loss(patches, classes, columns, SIDES[batch.job.level] // 16)
            additions = model.row_inputs(features, text.rows, columns)
            states, balance = row_states(model, tokens, additions, text)
            targets = torch.cat([text.targets.new_full((len(states) - len(text.targets),), -100), text.targets])
            token_loss, right = self.token_loss(states, targets)
        w = self.weights
        loss = token_loss + w["glyph_reader"] * reader_loss + w["patch_reader"] * patch_loss + w["balance"] * balance
        return loss, torch.stack([token_loss.detach(), right, reader_right, patch_right])

    def _patch_loss(self, patches, classes, columns: int, side: int):
        """The patch reader at 256 random cells of each page."""
        b, grid, window = classes.shape[0], GRIDS[columns], self.model.config.window
        row = torch.randint(0, grid.rows, (b, 256), device=self.device)
        column = torch.randint(0, columns, (b, 256), device=self.device)
        x = (grid.margin_x + (column + 0.5) * grid.cell_width) / 1280 * side
        y = (grid.margin_y + (row + 0.5) * grid.cell_height) / 1280 * side
        px, py = x.long(), y.long()
        across = side // window
        index = ((py // window) * across + px // window) * window**2 + py % window * window + px % window
        logits = self.patch_reader.at(patches.view(b, side * side, -1), index, torch.stack([x - px, y - py], -1))
        target = classes[torch.arange(b, device=self.device)[:, None], row, column]
        return self.character_loss(logits.flatten(0, 1), target.flatten())


def schedule(done: float, step: int, cfg: dict) -> float:
    """Share of the full learning rate: warm-up, constant, cosine to the floor."""
    warm = min(1.0, (step + 1) / cfg["warmup"])
    fall = max(0.0, (done - cfg["constant"]) / (1 - cfg["constant"]))
    return warm * (cfg["floor"] + (1 - cfg["floor"]) * 0.5 * (1 + math.cos(math.pi * min(1.0, fall))))


class Run:
    """One training run: processes, batches, clock, checkpoints."""

    def __init__(self, args, cfg: dict):
        self.args, self.cfg, self.out = args, cfg, Path(args.out)
        self.start = time.time()
        self.rank, self.ranks = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
        self.out.mkdir(parents=True, exist_ok=True)
        self.alphabet = Alphabet.load(args.source or args.atlas)
        self.atlas_folder = args.source or args.atlas
        self.sizes = checkpoint.config_of(args.source) if args.source else \
            ModelConfig(characters=self.alphabet.classes, **cfg["model"])
        self._tokenizer()
        self._workers()
        self._device()
        self._model()

    def log(self, *words) -> None:
        if self.rank == 0:
            line = f"[{time.time() - self.start:7.1f}] " + " ".join(map(str, words))
            print(line, flush=True)
            with open(self.out / "train.log", "a") as f:
                f.write(line + "\n")

    def _tokenizer(self) -> None:
        from tokenizers import Tokenizer

        self.corpus = Corpus(self.args.corpus, alphabet=self.alphabet.narrow[2:] + self.alphabet.wide,
                             max_characters=self.args.max_characters)
        given = self.args.tokenizer or (Path(self.args.source) / "tokenizer.json" if self.args.source else None)
        self.tokenizer_file = Path(given) if given else self.out / "tokenizer.json"
        if not given and self.rank == 0:
            rng = np.random.default_rng(self.cfg["seed"])
            texts = (self.corpus.sample(rng, domain, 4000)
                     for domain, n in self.cfg["tokenizer"]["characters"].items() for _ in range(n // 4000))
            part = self.tokenizer_file.with_suffix(".part")
            bpe.train(texts, self.sizes.first_position).save(str(part))
            part.replace(self.tokenizer_file)
        while not self.tokenizer_file.exists():
            time.sleep(0.5)
        self.tokenizer = Tokenizer.from_file(str(self.tokenizer_file))
        self.log("tokenizer", self.tokenizer.get_vocab_size())

    def _workers(self) -> None:
        """Forked before the GPU is touched, so that they share the corpus's memory."""
        global _maker
        c = self.sizes
        if self.tokenizer.get_vocab_size() > c.first_position:
            raise SystemExit(f"the tokenizer has {self.tokenizer.get_vocab_size()} tokens, the model room for {c.first_position}")
        _maker = BatchMaker(self.corpus, self.tokenizer, self.alphabet, c.first_position, c.eos)
        os.environ["TOKENIZERS_PARALLELISM"] = "false"
        count = self.args.workers or max(1, min(14, (os.cpu_count() or 2) // self.ranks - 2))
        self.pool = ProcessPoolExecutor(count, multiprocessing.get_context("fork"))
        list(self.pool.map(len, ["start"] * count))
        self.ahead = 2 * count

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
        if self.args.source:
            model = checkpoint.load(self.args.source)
        else:
            model = CodecModel(self.sizes)
            initialise(model)
        self.trainer = Trainer(model, self.alphabet, self.cfg, self.device).to(self.device)
        self.optimiser = Optimiser(self.trainer.named_parameters(), self.cfg["adamw_lr"], self.cfg["muon_lr"])
        self.curriculum = Curriculum(self.cfg, start_open=bool(self.args.source))
        self.log(f"parameters {sum(p.numel() for p in model.parameters()) / 1e6:.2f} M, {self.ranks} rank(s), {self.device}")
        if self.cfg["compile"] and self.device != "cpu":
            self.trainer.compile()

    def _job(self, number: int) -> Job:
        """The batch of step `number`: the same pair on all ranks, different pages."""
        level, columns = self.curriculum.pick(number)
        side = SIDES[level] // 16
        pages = max(1, self.cfg["patches"] // side**2)
        prefix = pages * ((side // 4) * (side // 4 + 1) + 2)
        return Job(number * self.ranks + self.rank + 1_000_003 * self.cfg["seed"], columns, level, pages,
                   max(64, self.cfg["tokens"] - prefix), self.cfg["mix"])

    def train(self) -> None:
        args, queue, asked = self.args, collections.deque(), 0
        begin, step, done, bad, report = None, 0, 0.0, 0, time.time()
        saved = time.time()
        stats = {}
        while True:
            while len(queue) < self.ahead:
                queue.append(self.pool.submit(_make, self._job(asked)))
                asked += 1
            batch = queue.popleft().result()
            self.optimiser.zero()
            loss, measured = self.trainer(batch)
            loss.backward()
            if self.ranks > 1:
                dist.all_reduce(self.optimiser.gradient, op=dist.ReduceOp.AVG)
            bad += not self.optimiser.step(schedule(done, step, self.cfg))
            step += 1
            stats.setdefault((batch.job.level, batch.job.columns), []).append(measured)
            if begin is None or (begin < 0 and step >= args.free_steps):
                # The clock starts when compiling is over.
                begin = time.time() if step >= args.free_steps else -1.0
            if step % 10 == 0:
                done = self._share(stats, begin, step)
                stats = {}
                if step % 100 == 0:
                    rate = 100 / (time.time() - report)
                    report = time.time()
                    self.log(f"step {step} done {done:.3f} rate {schedule(done, step, self.cfg):.3f} bad {bad} {rate:.2f} steps/s",
                             self.curriculum.summary())
                if done >= 1:
                    break
                if self.rank == 0 and time.time() - saved > args.save_every:
                    saved = time.time()
                    self.save()
        if self.rank == 0:
            self.save()
            self.log("saved")
            self.evaluate()
        for f in queue:
            f.cancel()
        self.pool.shutdown(wait=False, cancel_futures=True)
        if self.ranks > 1:
            dist.destroy_process_group()

    def _share(self, stats, begin: float, step: int) -> float:
        """Averages the last steps' figures over the ranks; returns how much of the run is over."""
        pairs = list(stats)
        over = min(1.0, (time.time() - begin) / (self.args.minutes * 60)) if begin and begin > 0 else 0.0
        if self.args.steps:
            over = step / self.args.steps
        table = torch.cat([torch.stack([torch.stack(stats[p]).mean(0) for p in pairs]).flatten(),
                           torch.tensor([over], device=self.device)])
        if self.ranks > 1:
            dist.all_reduce(table, op=dist.ReduceOp.AVG)
        values = table.tolist()
        for i, p in enumerate(pairs):
            self.curriculum.learn(p, values[4 * i : 4 * i + 4])
        self.curriculum.done = values[-1]
        return values[-1]

    def save(self) -> None:
        model = self.trainer.model
        if not hasattr(self, "frequency"):
            self.frequency = token_frequency(self.corpus, self.tokenizer, model.config.vocab, self.cfg["mix"])
        checkpoint.save(self.out / "checkpoint", model, self.tokenizer_file, self.atlas_folder, self.frequency,
                        levels=[x for x in SIDES if x in self.cfg["levels"]],
                        densities=[c for c in GRIDS if c > 32 and str(c) in self.cfg["densities"]])

    def evaluate(self) -> None:
        """Reads held-out pages with the weights as they were saved."""
        model = checkpoint.load(self.out / "checkpoint", self.device).eval()
        held_out = Corpus(self.args.corpus, split="validation", alphabet=self.alphabet.narrow[2:])
        evaluator = Evaluator(model, self.tokenizer, self.alphabet, self.device)
        for columns in self.args.evaluate:
            for level in self.cfg["levels"]:
                row = {}
                for domain in ("prose", "code", "docs", "agent", "synthetic", "chinese"):
                    rng = np.random.default_rng(5)
                    texts = [held_out.sample(rng, domain, columns * GRIDS[columns].rows + 200) for _ in range(self.args.pages)]
                    row[domain] = evaluator.measure(texts, columns, level)
                self.log("evaluation", level, columns, json.dumps(row))


def token_frequency(corpus, tokenizer, vocab: int, mix: dict) -> np.ndarray:
    """Share of each token in a sample of the training text."""
    rng = np.random.default_rng(0)
    counts = np.zeros(vocab)
    for domain, share in mix.items():
        for _ in range(max(1, int(200 * share))):
            ids = tokenizer.encode(corpus.sample(rng, domain, 4000)).ids
            counts += np.bincount(ids, minlength=vocab)
    return counts / counts.sum()


def main(argv=None) -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--config", default=str(Path(__file__).parent / "configs" / "nano.json"))
    p.add_argument("--corpus", required=True, help="folder made by fovea.training.gather")
    p.add_argument("--atlas", help="folder with atlas.png and atlas.json (made by fovea_atlas)")
    p.add_argument("--from", dest="source", help="checkpoint folder to go on from")
    p.add_argument("--tokenizer", help="tokenizer.json to use; without it one is trained")
    p.add_argument("--out", required=True)
    p.add_argument("--minutes", type=float, default=10)
    p.add_argument("--steps", type=int, default=0, help="stop after this many steps, whatever the time")
    p.add_argument("--free-steps", type=int, default=30, help="steps before the clock starts (compiling)")
    p.add_argument("--save-every", type=float, default=150, help="seconds")
    p.add_argument("--workers", type=int, default=0)
    p.add_argument("--max-characters", type=int)
    p.add_argument("--evaluate", type=lambda s: [int(x) for x in s.split(",") if x], default=[106],
                   help="densities to evaluate at the end")
    p.add_argument("--pages", type=int, default=4, help="pages a kind of text at the end")
    p.add_argument("--cpu", action="store_true")
    args = p.parse_args(argv)
    if not args.source and not args.atlas:
        p.error("give --atlas DIR for a new codec, or --from DIR to go on")
    Run(args, json.loads(Path(args.config).read_text())).train()


if __name__ == "__main__":
    main()
