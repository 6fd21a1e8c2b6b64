"""Where checkpoints are."""

from __future__ import annotations

import os
import pathlib
import sys

from fovea.errors import NotFound

SHIPPED = "fovea-nano"


def checkpoint(model: str | None) -> str:
    """The folder of a checkpoint: the one named, otherwise $FOVEA_MODEL, otherwise the shipped one.

    The shipped one stands in the package or, where that was built without it, beside an installed
    fovea. Raises KeyError naming the places looked at.
    """
    named = model or os.environ.get("FOVEA_MODEL")
    if named:
        return named
    places = [pathlib.Path(__file__).parent / "models" / SHIPPED]
    places += [pathlib.Path(prefix) / "share" / "fovea" / "models" / SHIPPED
               for prefix in dict.fromkeys((sys.prefix, "/usr/local", "/usr"))]
    for place in places:
        if (place / "config.json").exists():
            return str(place)
    raise NotFound(f"no checkpoint at {', '.join(map(str, places))}; name its folder with model= or FOVEA_MODEL")
