"""The server's log: a line of JSON an event. No text of memories, queries or tokens gets into it."""

from __future__ import annotations

import datetime
import json
import logging
import re
import sys
import traceback
import warnings

import fovea

_OWN = ("request", "method", "route", "status", "seconds", "token", "bytes_in", "bytes_out", "what")


class Lines(logging.Formatter):
    """As JSON. Of an exception the type and the places: its message may quote what was sent, unless it is about the
    store itself, or the stack of a library below."""

    def format(self, record: logging.LogRecord) -> str:
        line = {"time": datetime.datetime.fromtimestamp(record.created, datetime.UTC).isoformat(timespec="milliseconds"),
                "level": record.levelname.lower(), "event": record.getMessage().strip().partition("\n")[0][:200]}
        line.update({name: getattr(record, name) for name in _OWN if hasattr(record, name)})
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = _chain(record.exc_info[1])
        return json.dumps(line)


def _chain(error: BaseException) -> str:
    parts: list[str] = []
    seen: BaseException | None = error
    while seen is not None and len(parts) < 5:
        frames = traceback.extract_tb(seen.__traceback__)[-6:]
        parts.append(type(seen).__name__ + _safe_part(seen) + " at " + " < ".join(
            f"{frame.filename.rsplit('/', 2)[-1]}:{frame.lineno}" for frame in reversed(frames)))
        seen = seen.__cause__ or seen.__context__
    return "; from ".join(parts)


def _safe_part(error: BaseException) -> str:
    said = str(error)
    if isinstance(error, fovea.IOFailure) and said.startswith("store "):
        return f" ({said[:400]})"
    # libtorch's stack; what stands before it may have values of a text.
    stack = re.search(r"Exception raised from .*", said, re.DOTALL)
    return f" ({stack[0][:2000]})" if type(error) is fovea.Error and stack else ""


def begin() -> None:
    """From now on everything of this process is logged on stderr. Libraries say only what went wrong."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("fovea.server").setLevel(logging.INFO)
    # Both quote what clients send.
    for quoting in ("mcp", "uvicorn.access"):
        logging.getLogger(quoting).setLevel(logging.CRITICAL)
    # What a context should be known for; its answer has these notes.
    warnings.filterwarnings("ignore", category=UserWarning)
