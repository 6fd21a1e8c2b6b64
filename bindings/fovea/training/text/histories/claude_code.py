"""Claude Code: lines of session files and of stream-json output."""

from __future__ import annotations

import json

from .choice import Choice
from .claude_messages import assistant_message, tool_outcome, usage, user_content
from .json_text import dump
from .markdown import markdown
from .session import Session
from .talk import sentence
from .vocabulary import TOOLS

# Events of a session file: of a session, what most of them hold, the event's own id.


def _assistant(s: Session, base: dict, this: str) -> dict:
    message, request = assistant_message(s), s.id("req_011")
    event = {"message": message, "requestId": request, "type": "assistant", "uuid": this, "timestamp": s.iso()}
    return base | event


def _user(s: Session, base: dict, this: str) -> dict:
    content = user_content(s)
    message = {"role": "user", "content": content}
    event = base | {"type": "user", "message": message, "uuid": this, "timestamp": s.iso()}
    if s.chance(0.5):
        event["toolUseResult"] = tool_outcome(s, content)
    return event


def _summary(s: Session, base: dict, this: str) -> dict:
    return {"type": "summary", "summary": s.words(3, 9), "leafUuid": s.uuid()}


def _system(s: Session, base: dict, this: str) -> dict:
    return base | {
        "type": "system",
        "content": sentence(s),
        "isMeta": False,
        "timestamp": s.iso(),
        "uuid": this,
        "toolUseID": s.id("toolu_01"),
        "level": "info",
    }


def _backup(s: Session) -> dict:
    return {"backupFileName": f"{s.hex(16)}@v{s.int(1, 9)}", "version": s.int(1, 9), "backupTime": s.iso()}


def _snapshot(s: Session, base: dict, this: str) -> dict:
    message = s.uuid()
    snapshot = {"messageId": s.uuid(), "trackedFileBackups": {s.path(): _backup(s)}, "timestamp": s.iso()}
    return {
        "type": "file-history-snapshot",
        "messageId": message,
        "snapshot": snapshot,
        "isSnapshotUpdate": False,
    }


SESSION_EVENTS = Choice((9, _assistant), (8, _user), (1, _summary), (1, _system), (1, _snapshot))


def session_lines(s: Session) -> str:
    lines = []
    for _ in range(s.int(1, 4)):
        this, make = s.uuid(), s.draw(SESSION_EVENTS)
        base = {
            "parentUuid": s.previous,
            "isSidechain": s.chance(0.1),
            "userType": "external",
            "cwd": s.cwd,
            "sessionId": s.session_id,
            "version": s.version,
            "gitBranch": s.branch,
        }
        event = make(s, base, this)
        s.previous = this
        lines.append(dump(s, event))
    return "\n".join(lines)


# Events of a stream: of a session and what most of them end with.


def _streamed_assistant(s: Session, tail: dict) -> dict:
    message = assistant_message(s) | {"context_management": None}
    return {"type": "assistant", "message": message} | tail | {"request_id": s.id("req_011")}


def _streamed_user(s: Session, tail: dict) -> dict:
    content = user_content(s)
    event = {"type": "user", "message": {"role": "user", "content": content}}
    return event | tail | {"tool_use_result": tool_outcome(s, content)}


def _init(s: Session, tail: dict) -> dict:
    return {
        "type": "system",
        "subtype": "init",
        "cwd": s.cwd,
        "session_id": s.session_id,
        "tools": s.rng.sample(sorted(set(TOOLS)), s.int(4, 15)),
        "mcp_servers": [],
        "model": s.model,
        "permissionMode": s.pick(("default", "acceptEdits", "bypassPermissions", "plan")),
        "slash_commands": [s.identifier() for _ in range(s.int(2, 12))],
        "apiKeySource": "none",
        "output_style": "default",
        "uuid": s.uuid(),
    }


def _end(s: Session, tail: dict) -> dict:
    return {
        "type": "result",
        "subtype": "success",
        "is_error": False,
        "duration_ms": s.int(1000, 999999),
        "duration_api_ms": s.int(1000, 999999),
        "num_turns": s.int(1, 90),
        "result": markdown(s),
        "session_id": s.session_id,
        "total_cost_usd": s.random() * 5,
        "usage": usage(s),
        "permission_denials": [],
        "uuid": s.uuid(),
    }


def _delta(s: Session, tail: dict) -> dict:
    index = s.int(0, 3)
    text = {"type": "text_delta", "text": s.words(1, 5)}
    arguments = {"type": "input_json_delta", "partial_json": json.dumps(s.words(1, 6))}
    delta = {"type": "content_block_delta", "index": index, "delta": s.pick((text, arguments))}
    return {"type": "stream_event", "event": delta} | tail


STREAM_EVENTS = Choice((9, _streamed_assistant), (7, _streamed_user), (1, _init), (1, _end), (2, _delta))


def stream_lines(s: Session) -> str:
    lines = []
    for _ in range(s.int(1, 4)):
        make = s.draw(STREAM_EVENTS)
        tail = {
            "parent_tool_use_id": None,
            "session_id": s.session_id,
            "uuid": s.uuid(),
            "timestamp": s.iso(),
        }
        lines.append(dump(s, make(s, tail)))
    return "\n".join(lines)


KINDS = ((16, session_lines), (18, stream_lines))
