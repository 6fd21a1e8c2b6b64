"""What tells how alike the meanings of texts are, for `fovea.Memory(..., embedder=...)`.

    fovea.Memory("agent.db", embedder=fovea.embedders.OpenAIEmbedder("http://localhost:11434/v1", "all-minilm"))
    fovea.Memory("agent.db", embedder=fovea.embedders.LocalEmbedder())       # pip install "fovea[embed]"
    fovea.Memory("agent.db", embedder=fovea.embedders.Embedder("my-model", my_function))

Any function from `list[str]` to an array [texts, dimensions] will do; its name is stored with the vectors, and
vectors of different names are never compared. See doc/search.md.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from fovea.errors import InvalidArgument, IOFailure

if TYPE_CHECKING:
    from fovea._core import OpenAIEmbedder

MINILM = "sentence-transformers/all-MiniLM-L6-v2"

__all__ = ("Embedder", "LocalEmbedder", "MINILM", "OpenAIEmbedder")


def __getattr__(name: str) -> Any:
    if name == "OpenAIEmbedder":  # of the library, which is loaded at the first need of it
        import fovea

        return fovea.OpenAIEmbedder
    raise AttributeError(f"module 'fovea.embedders' has no attribute {name!r}")


class Embedder:
    """A function with a name of its own, which identifies the model."""

    def __init__(self, name: str, embed: Callable[[list[str]], Any]) -> None:
        if not name:
            raise InvalidArgument("embedder: its name is empty; the name identifies the model")
        self.name = name
        self._embed = embed

    def __call__(self, texts: list[str]) -> Any:
        return self._embed(texts)

    def __repr__(self) -> str:
        return f"Embedder({self.name!r})"


class LocalEmbedder:
    """A sentence model in this process, without PyTorch: fastembed (`pip install "fovea[embed]"`).

    model: one of `fastembed.TextEmbedding.list_supported_models()`. It is fetched from Hugging Face once, unless
    `folder` has it: model.onnx with tokenizer.json, tokenizer_config.json, special_tokens_map.json and config.json.
    threads: of the processor; None: all.
    """

    def __init__(self, model: str = MINILM, *, folder: str | os.PathLike[str] | None = None,
                 threads: int | None = None) -> None:
        try:
            fastembed = importlib.import_module("fastembed")
        except ImportError as error:
            raise ModuleNotFoundError(f"LocalEmbedder needs {error.name}: pip install 'fovea[embed]'",
                                      name=error.name) from error
        self.name = model
        place = {} if folder is None else {"specific_model_path": os.fspath(folder)}
        if all(known["model"] != model for known in fastembed.TextEmbedding.list_supported_models()):
            raise InvalidArgument(f"embedder {model}: fastembed has no such model; "
                                  "fastembed.TextEmbedding.list_supported_models() lists them")
        try:
            self._model: Any = fastembed.TextEmbedding(model, threads=threads, **place)
        except Exception as error:
            raise IOFailure(f"embedder {model}: cannot be loaded ({error}); if Hugging Face cannot be reached, give "
                            "folder= with its files") from error

    def __call__(self, texts: Iterable[str]) -> npt.NDArray[np.float32]:
        return np.asarray(list(self._model.embed(list(texts))), dtype=np.float32)

    def __repr__(self) -> str:
        return f"LocalEmbedder({self.name!r})"
