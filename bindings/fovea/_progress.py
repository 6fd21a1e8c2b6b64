"""A tqdm bar for `progress=True`."""

from __future__ import annotations

import importlib


class Bar:
    """Called with (done, total); total 0 where it is not known."""

    def __init__(self, unit: str) -> None:
        try:
            tqdm = importlib.import_module("tqdm.auto").tqdm
        except ImportError:
            raise ModuleNotFoundError(
                "progress=True needs tqdm: `pip install tqdm`, or give a function of (done, total)") from None
        self._bar = tqdm(unit=f" {unit}")

    def __call__(self, done: int, total: int) -> None:
        self._bar.total = total or None
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        self._bar.close()
