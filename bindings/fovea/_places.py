"""Where programs of the package keep what is remembered."""

from __future__ import annotations

import argparse
import os
import pathlib


def add_options(parser: argparse.ArgumentParser) -> None:
    """--store and --scope, with the defaults that all programs share."""
    parser.add_argument("--store", default=os.environ.get("FOVEA_STORE"),
                        help="the file (default: $FOVEA_STORE or ~/.local/share/fovea/memory.db)")
    parser.add_argument("--scope", default=os.environ.get("FOVEA_SCOPE", "default"),
                        help="whose memory, user/agent/session (default: $FOVEA_SCOPE or default)")


def store_of(options: argparse.Namespace) -> str:
    """The store file; its folder is made where it is the default one."""
    if options.store:
        return str(options.store)
    data = pathlib.Path(os.environ.get("XDG_DATA_HOME") or pathlib.Path.home() / ".local" / "share")
    (data / "fovea").mkdir(parents=True, exist_ok=True)
    return str(data / "fovea" / "memory.db")
