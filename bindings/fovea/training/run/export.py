"""Writes a checkpoint folder from a training state.

    python -m fovea.training export --run run --out my-codec

A run writes its own `checkpoint` while it trains; this is for one that was killed between the two, or
for another name in config.json.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from ..network import checkpoint
from ..network.model import CodecModel
from ..network.token_code import add_codes
from . import config, state


def export(run, out, name: str = "fovea-nano") -> int:
    """Returns the step that the weights are of. Raises state.StateError."""
    run = Path(run)
    facts = state.facts_of(run)
    tensors = state.tensors_of(run, facts)
    model = CodecModel(checkpoint.sizes_of(facts["sizes"]))
    add_codes(model, facts.get("codes", {}))
    model.load_state_dict(state.below(tensors, "weights.model."))
    levels, densities = config.trained_on(facts["config"])
    checkpoint.save(out, model, run / "tokenizer.json", run / "atlas", tensors["token_frequency"],
                    levels=levels, densities=densities, name=name)
    return facts["step"]


def main(argv=None) -> None:
    p = argparse.ArgumentParser(prog="python -m fovea.training export", description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--run", required=True, help="folder of a run, with state.json in it")
    p.add_argument("--out", required=True, help="checkpoint folder to write")
    p.add_argument("--name", default="fovea-nano", help="name of the codec, for config.json")
    args = p.parse_args(argv)
    try:
        step = export(args.run, args.out, args.name)
    except state.StateError as error:
        p.error(str(error))
    size = sum(f.stat().st_size for f in Path(args.out).iterdir() if f.is_file())
    print(f"{args.out}: weights of step {step}, {size / 1e6:.1f} MB")
