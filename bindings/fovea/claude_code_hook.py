"""fovea-hook: keeps a Claude Code session before the host compacts it.

Claude Code runs it with an event as JSON on stdin. On `PreCompact` and `SessionEnd` the session's
transcript is put into the store: full pages become vision tokens, what is known already is skipped,
what was erased stays away. At the end of a session pages age, a few steps at a time. On `SessionStart`
after a compaction it tells the model that its earlier words can be looked up.
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

import fovea
from fovea import _places
from fovea._ageing import age_a_little


def keep(event: dict[str, Any], memory: fovea.Memory) -> None:
    path = event.get("transcript_path")
    if not isinstance(path, str):
        raise fovea.InvalidArgument("the event on stdin names no transcript_path")
    made = memory.add_file(path, format="claude-code")
    _say(f"{made.pages} new pages, {made.text_tokens:,} text tokens as {made.vision_tokens:,} vision tokens")
    if told := _places.secrets_told(made.secrets):
        _say(f"not kept: {told}")
    if made.erased_messages:
        _say(f"{made.erased_messages} messages kept out, as they were erased")


def greeting(memory: fovea.Memory) -> str:
    """What a compacted session is told; empty where nothing is remembered."""
    stats = memory.stats()
    if not stats.messages:
        return ""
    return (f"Before this point {stats.messages:,} messages ({stats.pages:,} pages) were kept word for word in Fovea. "
            "Where a detail is missing (a path, a number, what was decided), use the tools of the MCP server fovea: "
            "search, then recall.")


def handle(event: dict[str, Any], memory: fovea.Memory) -> dict[str, Any] | None:
    """What the host is answered, None for nothing."""
    name = event.get("hook_event_name")
    if name in ("PreCompact", "SessionEnd"):
        keep(event, memory)
        if name == "SessionEnd" and (done := age_a_little(memory)):
            _say(done)
    elif name == "SessionStart" and event.get("source") == "compact":
        if told := greeting(memory):
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
        event = json.load(sys.stdin)
        with fovea.Memory(_places.store_of(options), scope=options.scope, key=_places.key_of(options),
                          keep_secrets=options.keep_secrets, embedder=_places.embedder_of(options),
                          measured_pages=0) as memory:
            answer = handle(event, memory)
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
