"""Trains a codec.

    python -m fovea.training train --corpus corpus --atlas atlas --out run --minutes 22
    python -m fovea.training train --corpus corpus --out run --resume

One process a GPU: with several, `torchrun --nproc_per_node N -m fovea.training train ...`.
A run that starts from a checkpoint (`--from DIR`) adds to it. The checkpoint and the training state
are written while it goes on; Ctrl-C and SIGTERM save both, and `--resume` goes on from there.
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys

from ..measure.report import some_of
from ..network.geometry import GRIDS
from . import config, state
from .loop import Run
from .setup import setup


def parser() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser(prog="python -m fovea.training train", description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--config", help="JSON file; without it configs/nano.json, or what a resumed run had")
    p.add_argument("--corpus", required=True, help="folder made by `gather`")
    p.add_argument("--atlas", help="folder with atlas.png and atlas.json (made by fovea_atlas)")
    p.add_argument("--from", dest="source", help="checkpoint folder to start from, instead of --atlas")
    p.add_argument("--tokenizer", help="tokenizer.json to use; without it one is trained")
    p.add_argument("--out", required=True, help="folder of the run")
    p.add_argument("--resume", action="store_true", help="resume the run in --out, or start one if there is none")
    p.add_argument("--minutes", type=float, help="minutes of training, including earlier calls (default 10)")
    p.add_argument("--steps", type=int, help="stop after this many steps, whatever the time")
    p.add_argument("--free-steps", type=int, default=30,
                   help="steps of each call before the clock starts (compiling)")
    p.add_argument("--save-every", type=float, default=150, help="seconds; 0: only at the end")
    p.add_argument("--no-state", action="store_true", help="save checkpoints only; the run cannot be resumed")
    p.add_argument("--workers", type=int, default=0, help="processes that make batches")
    p.add_argument("--max-characters", type=int, help="read no more of each kind of text, for a quick start")
    p.add_argument("--evaluate", type=some_of(list(GRIDS), or_none=True), default=[106],
                   help='densities to evaluate at the end, default 106; "" for none')
    p.add_argument("--pages", type=int, default=4, help="pages per kind of text to evaluate at the end")
    p.add_argument("--cpu", action="store_true")
    return p


def command_to_go_on(argv: list[str]) -> str:
    words = argv if "--resume" in argv else [*argv, "--resume"]
    ranks = os.environ.get("WORLD_SIZE", "1")
    start = ["python"] if ranks == "1" else ["torchrun", "--nproc_per_node", ranks]
    return shlex.join([*start, "-m", "fovea.training", "train", *words])


def set_end(args, facts: dict) -> None:
    """Minutes and steps: those given, or what the state has."""
    until = facts.get("until", {"minutes": 10.0, "steps": 0})
    if args.minutes is None and args.steps is None:
        args.steps = until["steps"]
    args.minutes = until["minutes"] if args.minutes is None else args.minutes
    args.steps = args.steps or 0


def main(argv=None) -> None:
    argv = sys.argv[1:] if argv is None else list(argv)
    p = parser()
    args = p.parse_args(argv)
    there = state.exists(args.out)
    if there and not args.resume:
        p.error(f"{args.out} already holds a run; --resume goes on with it, another --out starts a new one")
    if not there and not args.source and not args.atlas:
        p.error(f"{args.out} holds no run yet: give --atlas DIR for a new codec, "
                "or --from DIR to start from a checkpoint")
    try:
        facts = state.facts_of(args.out) if there else {}
        before = facts.get("config", {})
        cfg = config.checked(before) if facts and not args.config else config.load(args.config or config.DEFAULT)
        set_end(args, facts)
        run = Run(args, cfg, facts, setup(args, cfg, facts), command_to_go_on(argv))
    except (config.ConfigError, state.StateError, FileNotFoundError) as error:
        p.error(str(error))
    changed = [key for key in cfg if before and cfg[key] != before.get(key)]
    if changed:
        run.log("the configuration changed since the state was saved:", ", ".join(changed))
    run.train()
