"""fovea-hook: keeps an agent's session before the agent compacts it.

Claude Code, Codex CLI and Gemini CLI run it with an event as JSON on stdin; for OpenCode a plugin does
(doc/agents.md has the settings for each). Before a session is summarised away (`PreCompact`, `PreCompress`),
after a turn (`Stop`) and at its end (`SessionEnd`), it puts the session's transcript into the store. Full
pages become vision tokens, known content is skipped, and what was erased stays away. At the end of a
session, pages age a few steps at a time. On `SessionStart` after a compaction, or when a session is
resumed, it tells the model that its earlier words can be looked up.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from typing import Any, TextIO

import fovea
from fovea import _places
from fovea._ageing import age_a_little

KEEPING = ("PreCompact", "PreCompress", "Stop", "SessionEnd")

Opening = Callable[[bool], "fovea.Memory"]  # given whether the memory must exist: fovea.NotFound if it does not


def event_in(stdin: TextIO) -> dict[str, Any]:
    expected = "expected an event on stdin, a JSON object"
    try:
        event = json.load(stdin)
    except (ValueError, RecursionError) as error:
        raise fovea.InvalidArgument(f"{expected}; what came cannot be read as JSON: {error}") from error
    if not isinstance(event, dict):
        raise fovea.InvalidArgument(expected)
    return event


def format_of(event: dict[str, Any]) -> str:
    """Whose transcript it is: each agent tells something of an event that the others do not."""
    if "format" in event:
        return str(event["format"])  # our plugin for OpenCode
    if "turn_id" in event:
        return "codex"
    return "gemini" if "timestamp" in event else "claude-code"


def transcript_of(event: dict[str, Any]) -> str:
    """A file that can be read: no store is made for another."""
    path = event.get("transcript_path")
    if not isinstance(path, str):
        raise fovea.InvalidArgument("the event on stdin names no transcript_path")
    try:
        with open(path, "rb"):
            return path
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise fovea.IOFailure(f"{path}: cannot be read: {reason}") from error


def keep(event: dict[str, Any], path: str, memory: fovea.Memory) -> None:
    made = memory.add_file(path, format=format_of(event))
    _say(f"{made.pages} new pages, {made.text_tokens:,} text tokens as {made.vision_tokens:,} vision tokens")
    if told := _places.secrets_told(made.secrets):
        _say(f"not kept: {told}")
    if made.erased_messages:
        _say(f"{made.erased_messages} messages kept out, as they were erased")


def greeting(open_memory: Opening) -> str:
    """What a compacted session is told; empty where nothing is remembered."""
    try:
        with open_memory(True) as memory:
            stats = memory.stats()
    except fovea.NotFound:
        return ""
    if not stats.messages:
        return ""
    return (f"Before this point {stats.messages:,} messages ({stats.pages:,} pages) were kept word for word in Fovea. "
            "Where a detail is missing (a path, a number, what was decided), use the tools of the MCP server fovea: "
            "search, then recall.")


def lost_words(event: dict[str, Any]) -> bool:
    """Whether a session starts without words that it had. Gemini CLI tells of resumed ones alone."""
    return event.get("source") == "compact" or (event.get("source") == "resume" and format_of(event) == "gemini")


def handle(event: dict[str, Any], open_memory: Opening) -> dict[str, Any] | None:
    """What the host is answered, None for nothing."""
    name = event.get("hook_event_name")
    if name in KEEPING:
        path = transcript_of(event)
        with open_memory(False) as memory:
            keep(event, path, memory)
            if name == "SessionEnd" and (done := age_a_little(memory)):
                _say(done)
    elif name == "SessionStart" and lost_words(event):
        if told := greeting(open_memory):
            return {"hookSpecificOutput": {"hookEventName": name, "additionalContext": told}}
    return None


def main() -> int:
    parser = argparse.ArgumentParser(prog="fovea-hook", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    _places.add_options(parser)
    _places.add_keep_secrets(parser)
    options = parser.parse_args()
    _places.keep_files_private()
    try:
        store = _places.store_of(options)
        settings: dict[str, Any] = {"scope": options.scope, "key": _places.key_of(options), "measured_pages": 0,
                                    "keep_secrets": options.keep_secrets, "embedder": _places.embedder_of(options)}
        answer = handle(event_in(sys.stdin), lambda existing: fovea.Memory(store, existing=existing, **settings))
    except (fovea.Error, ValueError) as error:
        # 1, not 2: the host shows it to the user and goes on; a memory must not block a session.
        _say(str(error))
        return 1
    if answer:
        print(json.dumps(answer))
    return 0


def _say(what: str) -> None:
    print(f"fovea-hook: {what}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
