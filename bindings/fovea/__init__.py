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

from fovea.errors import (
    Corruption as Corruption,
    Error as Error,
    Incomplete as Incomplete,
    InvalidArgument as InvalidArgument,
    IOFailure as IOFailure,
    NotFound as NotFound,
    Unsupported as Unsupported,
)

if TYPE_CHECKING:
    from fovea._async import AsyncMemory as AsyncMemory
    from fovea._core import (
        AgeBand as AgeBand,
        AgeResult as AgeResult,
        Archive as Archive,
        Cell as Cell,
        Codec as Codec,
        CompactResult as CompactResult,
        Context as Context,
        ContextFormat as ContextFormat,
        ContextPart as ContextPart,
        Density as Density,
        DocumentRenderer as DocumentRenderer,
        DocumentSetting as DocumentSetting,
        EraseReceipt as EraseReceipt,
        Event as Event,
        ForgettingPlan as ForgettingPlan,
        Grid as Grid,
        Hit as Hit,
        Layout as Layout,
        Level as Level,
        LevelSummary as LevelSummary,
        Measurement as Measurement,
        Memory as Memory,
        Message as Message,
        MigrateResult as MigrateResult,
        Ocr as Ocr,
        OcrEnd as OcrEnd,
        OcrMode as OcrMode,
        OcrPage as OcrPage,
        Page as Page,
        PageInfo as PageInfo,
        PageReport as PageReport,
        PageState as PageState,
        PictureFile as PictureFile,
        Place as Place,
        PlainText as PlainText,
        Policy as Policy,
        ReadPage as ReadPage,
        ReadRow as ReadRow,
        Recalled as Recalled,
        RecalledSpan as RecalledSpan,
        Refusal as Refusal,
        Region as Region,
        Renderer as Renderer,
        RowEvidence as RowEvidence,
        Scope as Scope,
        SearchResult as SearchResult,
        Source as Source,
        Stats as Stats,
        Step as Step,
        TextBudget as TextBudget,
        VisionTokens as VisionTokens,
        accuracy as accuracy,
        count_text_tokens as count_text_tokens,
        expected_fidelity as expected_fidelity,
        expected_level as expected_level,
        grid_of as grid_of,
        key_from_environment as key_from_environment,
        key_from_file as key_from_file,
        key_from_text as key_from_text,
        new_key_text as new_key_text,
        plan as plan,
        read_tokens as read_tokens,
        sequence_length as sequence_length,
        shrink as shrink,
        side_of as side_of,
        text_capacity as text_capacity,
        token_count as token_count,
        write_boxes_png as write_boxes_png,
        write_tokens as write_tokens,
    )

    __version__: str


# What `__getattr__` answers for. Tools that search every loaded module for a name (pickle does) must
# not load the library for that.
__all__ = (
    "accuracy", "AgeBand", "AgeResult", "Archive", "AsyncMemory", "Cell", "Codec", "CompactResult", "Context",
    "ContextFormat", "ContextPart", "Corruption", "count_text_tokens", "Density", "EraseReceipt", "Error",
    "ForgettingPlan", "Grid", "grid_of", "Hit", "Incomplete", "InvalidArgument", "IOFailure", "Level",
    "LevelSummary", "Measurement", "Memory", "Message", "NotFound", "Page", "PageInfo", "PageReport",
    "PageState", "plan", "Policy", "read_tokens", "ReadPage", "ReadRow", "Recalled", "RecalledSpan", "Refusal",
    "Renderer", "Scope", "sequence_length", "shrink", "side_of", "Source", "Stats", "Step", "token_count",
    "Unsupported", "VisionTokens", "write_tokens",
)


def __getattr__(name: str) -> Any:
    """Loads what stands above at its first use, and keeps it here."""
    value: Any
    if name == "__version__":
        value = importlib.import_module("fovea._build").VERSION
    elif name == "AsyncMemory":
        value = importlib.import_module("fovea._async").AsyncMemory
    elif name in __all__:
        value = getattr(importlib.import_module("fovea._loading").core(), name)
    else:
        raise AttributeError(f"module 'fovea' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, "__version__"})
