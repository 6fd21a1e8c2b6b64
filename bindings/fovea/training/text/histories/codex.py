"""Codex: lines of a rollout."""

from __future__ import annotations

import json

from .bodies import body
from .commands import command
from .json_text import dump
from .session import Session
from .talk import paragraph

# Payloads: of a session and the id of a call.


def _assistant(s: Session, call: str) -> dict:
    return {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": paragraph(s)}]}


def _user(s: Session, call: str) -> dict:
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": paragraph(s)}]}


def _call(s: Session, call: str) -> dict:
    line = ["bash", "-lc", command(s)]
    arguments = {"command": line, "workdir": s.cwd, "timeout_ms": s.int(1, 120) * 1000}
    return {"type": "function_call", "name": "shell", "arguments": json.dumps(arguments), "call_id": call}


def _output(s: Session, call: str) -> dict:
    text = body(s) + "\n"
    metadata = {"exit_code": s.int(0, 2), "duration_seconds": round(s.random() * 9, 1)}
    output = json.dumps({"output": text, "metadata": metadata})
    return {"type": "function_call_output", "call_id": call, "output": output}


def _reasoning(s: Session, call: str) -> dict:
    return {
        "type": "reasoning",
        "summary": [{"type": "summary_text", "text": f"**{s.words(2, 6)}**\n\n{paragraph(s)}"}],
        "content": None,
        "encrypted_content": "gAAAAAB" + s.base62(s.int(60, 300)),
    }


def _token_count(s: Session, call: str) -> dict:
    usage = {
        "input_tokens": s.int(1, 10**6),
        "cached_input_tokens": s.int(1, 10**6),
        "output_tokens": s.int(1, 10**5),
        "reasoning_output_tokens": s.int(0, 10**4),
        "total_tokens": s.int(1, 10**6),
    }
    return {"type": "token_count", "info": {"total_token_usage": usage}}


PAYLOADS = (_assistant, _user, _call, _output, _reasoning, _token_count)


def rollout_lines(s: Session) -> str:
    lines = []
    for _ in range(s.int(1, 4)):
        call = f"call_{s.base62(24)}"
        payload = s.pick(PAYLOADS)(s, call)
        kind = "event_msg" if payload["type"] == "token_count" else "response_item"
        lines.append(dump(s, {"timestamp": s.iso(), "type": kind, "payload": payload}))
    return "\n".join(lines)


KINDS = ((6, rollout_lines),)
