"""Everything to make a codec: text, training, evaluation, export.

    python -m fovea.training gather --out corpus --books books.txt.xz
    python -m fovea.training train --corpus corpus --atlas atlas --out run --minutes 22
    python -m fovea.training train --corpus corpus --out run --resume
    python -m fovea.training curves run
    python -m fovea.training evaluate --checkpoint run --corpus corpus
    python -m fovea.training export --run run --out my-codec
    python -m fovea.training held-out --corpus corpus --out held-out
    python -m fovea.training grow --from my-codec --atlas atlas --text more.txt.xz --vocab 8448 --out grown
    python -m fovea.training code --from my-codec --corpus corpus --out coded
    python -m fovea.training calibrate --rows measured/rows.csv --checkpoint my-codec

`python -m fovea.training COMMAND --help` shows the options of each.
"""

from __future__ import annotations

import argparse
import importlib
import sys

COMMANDS = {
    "train": ("run.train", "train a codec, from nothing, from a checkpoint, or go on with a run"),
    "evaluate": ("measure.report", "read held-out pages with a checkpoint"),
    "export": ("run.export", "write a checkpoint folder from a training state"),
    "curves": ("measure.curves", "draw pictures from a run's log"),
    "code": ("run.code_pages", "give a checkpoint a code for its vision tokens, or count its tables again"),
    "grow": ("run.grow", "give a checkpoint more characters and tokens"),
    "calibrate": ("measure.calibrate", "fit the confidence of rows to what `memctl experiment` measured"),
    "gather": ("text.gather.command", "collect text to train on from this machine"),
    "held-out": ("measure.held_out", "write held-out text files to measure on"),
}


def main(argv=None) -> int:
    p = argparse.ArgumentParser(prog="python -m fovea.training", description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    names = p.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (_, what) in COMMANDS.items():
        # Options, --help too, are the module's own: everything after the name goes there.
        names.add_parser(name, help=what, add_help=False)
    argv = sys.argv[1:] if argv is None else list(argv)
    args, _ = p.parse_known_args(argv[:1])
    return importlib.import_module(f"fovea.training.{COMMANDS[args.command][0]}").main(argv[1:]) or 0


if __name__ == "__main__":
    sys.exit(main())
