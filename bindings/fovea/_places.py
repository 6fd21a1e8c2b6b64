"""Where programs of the package keep what is remembered, and how they end when they cannot."""

from __future__ import annotations

import argparse
import os
import pathlib
import sys

import fovea

# As memctl: what a script can tell errors apart by.
_EXIT_CODES = {"invalid_argument": 2, "not_found": 3, "corruption": 4}


def add_options(parser: argparse.ArgumentParser) -> None:
    """--store, --scope, --key-file and --embedder, with the defaults that all programs share."""
    add_store(parser)
    parser.add_argument("--scope", default=os.environ.get("FOVEA_SCOPE", "default"),
                        help="whose memory, user/agent/session (default: $FOVEA_SCOPE or default)")
    parser.add_argument("--key-file", metavar="FILE",
                        help="file with the key of an encrypted store (default: the key itself in $FOVEA_KEY)")
    parser.add_argument("--embedder", metavar="URL#MODEL", default=os.environ.get("FOVEA_EMBEDDER"),
                        help="search by meaning too: an OpenAI-compatible endpoint and its model (default: "
                             "$FOVEA_EMBEDDER); its key is $FOVEA_EMBEDDER_KEY")


def add_store(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--store", default=os.environ.get("FOVEA_STORE"),
                        help="the file, or postgresql://USER@HOST/DATABASE (default: $FOVEA_STORE or "
                             "~/.local/share/fovea/memory.db)")


def add_keep_secrets(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--keep-secrets", action="store_true",
                        help="keep keys, tokens and text in <private> tags; otherwise a mark replaces them")


def secrets_told(secrets: dict[str, int]) -> str:
    """What a mark stands for, by kind; empty: nothing."""
    return ", ".join(f"{count} {kind}" for kind, count in secrets.items())


def keep_files_private() -> None:
    """What this process makes from now on is its owner's alone."""
    os.umask(os.umask(0o077) | 0o077)


def store_of(options: argparse.Namespace) -> str:
    """The store; its folder is made where it is the default one. Raises fovea.Error where it cannot be."""
    if options.store:
        return str(options.store)
    try:
        data = pathlib.Path(os.environ.get("XDG_DATA_HOME") or pathlib.Path.home() / ".local" / "share")
        (data / "fovea").mkdir(mode=0o700, parents=True, exist_ok=True)
    except (OSError, RuntimeError) as error:  # RuntimeError: there is no home
        raise fovea.IOFailure(f"the folder of the default store cannot be made ({error}); name a store with --store "
                              "or FOVEA_STORE") from error
    return str(data / "fovea" / "memory.db")


def key_of(options: argparse.Namespace) -> bytes | None:
    """None: the store is not encrypted. Raises fovea.Error for a key that cannot be had."""
    if options.key_file:
        return fovea.key_from_file(options.key_file)
    return fovea.key_from_environment("FOVEA_KEY") if os.environ.get("FOVEA_KEY") else None


def embedder_of(options: argparse.Namespace) -> fovea.OpenAIEmbedder | None:
    """None: search goes by words alone. Raises fovea.Error for what is no URL#MODEL."""
    if not options.embedder:
        return None
    url, _, model = options.embedder.rpartition("#")
    return fovea.OpenAIEmbedder(url, model, os.environ.get("FOVEA_EMBEDDER_KEY"))


def ended(program: str, error: fovea.Error) -> int:
    """Says why a program ends, and returns its exit code."""
    print(f"{program}: {error}", file=sys.stderr)
    return _EXIT_CODES.get(error.code, 1)
