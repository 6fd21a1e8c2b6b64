"""What a memory asks of the embedder that it was given: its name, and the vectors of texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

import fovea


def name_of(embedder: Any) -> str:
    """Its `name` or `model_name`, or that of its function or class. Raises TypeError for what is no embedder."""
    _call_of(embedder)
    for attribute in ("name", "model_name"):
        name = getattr(embedder, attribute, None)
        if isinstance(name, str) and name:
            return name
    named = embedder if hasattr(embedder, "__qualname__") else type(embedder)
    return f"{named.__module__}.{named.__qualname__}"


def rows_of(embedder: Any, texts: list[str]) -> npt.NDArray[np.float32]:
    """One row a text. Raises fovea.InvalidArgument for another shape, and for what are no real numbers."""
    given: Any = _call_of(embedder)(texts)
    if hasattr(given, "__iter__") and not hasattr(given, "__len__"):
        given = list(given)  # what it raises is the embedder's own
    try:
        numbers = np.asarray(given)
        if np.iscomplexobj(numbers):  # NumPy would drop the imaginary parts
            raise TypeError("complex numbers")
        rows = np.ascontiguousarray(numbers, dtype=np.float32)
        got = f"one of shape {list(rows.shape)}" if hasattr(given, "__len__") else type(given).__name__
    except (TypeError, ValueError) as error:
        raise fovea.InvalidArgument(f"{_expected(embedder, texts)}, got {type(given).__name__}: {error}") from error
    if rows.ndim != 2 or len(rows) != len(texts):
        raise fovea.InvalidArgument(f"{_expected(embedder, texts)}, got {got}")
    return rows


def _expected(embedder: Any, texts: list[str]) -> str:
    return f"embedder {name_of(embedder)}: expected an array [{len(texts)}, dimensions] of numbers"


def _call_of(embedder: Any) -> Callable[[list[str]], Sequence[Any]]:
    call: Any = embedder if callable(embedder) else getattr(embedder, "embed", None)
    if not callable(call):
        raise TypeError("embedder: expected a function of list[str], or an object with a method embed, that gives "
                        f"an array [texts, dimensions], got {type(embedder).__name__}")
    return call  # type: ignore[no-any-return]
