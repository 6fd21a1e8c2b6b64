"""Memory for language-model agents: long text kept as vision tokens.

    import fovea

    with fovea.Memory("agent.db", scope="ann/coder") as memory:
        memory.add_many(messages)                 # full pages become vision tokens
        memory.search("failing test")             # which pages speak of it
        memory.context(4000, query="the test")    # what to put into the next prompt

Importing costs next to nothing: the C++ library (with libtorch) is loaded when the first of its names
is used, a checkpoint when the first page is drawn or read. See doc/python.md.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from fovea.errors import Corruption, Error, Incomplete, InvalidArgument, IOFailure, NotFound, Unsupported

if TYPE_CHECKING:
    from fovea import embedders as embedders
    from fovea._async import AsyncMemory
    from fovea._core import *

    __version__: str


# What `__getattr__` answers for. Tools that search every loaded module for a name (pickle does) must
# not load the library for that.
__all__ = (
    "accuracy", "Access", "AgeBand", "AgeResult", "Archive", "AsyncMemory", "Cell", "Codec", "CompactResult", "Context",
    "ContextFormat", "ContextPart", "Corruption", "count_text_tokens", "Density", "DocumentRenderer",
    "DocumentSetting", "EmbedResult", "EraseReceipt", "Error", "Event", "expected_fidelity", "expected_level",
    "ForgettingPlan", "Grid", "grid_of", "HistoryEntry", "Hit", "Incomplete", "InvalidArgument", "IOFailure",
    "is_server_url", "key_from_environment", "key_from_file", "key_from_text", "Layout", "Level", "LevelSummary",
    "Measurement", "Memory", "Message", "MessageInfo", "MigrateResult", "new_key_text", "NotFound", "Ocr", "OcrEnd",
    "OcrMode", "OcrPage", "OpenAIEmbedder", "Page", "PageInfo", "PageReport", "PageState", "PictureFile", "Place",
    "PlainText", "plan", "Policy", "read_tokens", "ReadPage", "ReadRow", "Recalled", "RecalledMessage", "RecalledPiece",
    "RecalledSpan", "Refusal", "Region", "Renderer", "RowEvidence", "Scope", "ScopeInfo", "SearchResult",
    "sequence_length", "shown_store", "shrink",
    "side_of", "Source", "Stats", "Step", "text_capacity", "TextBudget", "token_count", "Unsupported", "VisionTokens",
    "write_boxes_png", "write_tokens",
)


def __getattr__(name: str) -> Any:
    """Loads what stands above at its first use, and keeps it here."""
    value: Any
    if name == "__version__":
        value = importlib.import_module("fovea._build").VERSION
    elif name == "AsyncMemory":
        value = importlib.import_module("fovea._async").AsyncMemory
    elif name == "embedders":
        value = importlib.import_module("fovea.embedders")
    elif name in __all__:
        value = getattr(importlib.import_module("fovea._loading").core(), name)
    else:
        raise AttributeError(f"module 'fovea' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, "__version__"})
