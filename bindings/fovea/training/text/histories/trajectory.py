"""Trajectories: steps of a run, and JSON in a string in JSON, as logs of agents that call agents have it."""

from __future__ import annotations

import json

from .bodies import body
from .json_text import dump
from .session import Session
from .talk import sentence
from .tools import tool_input
from .vocabulary import TOOLS


def _step(s: Session, number: int) -> dict:
    tool = s.pick(TOOLS)
    return {
        "step_id": number + s.int(1, 90),
        "timestamp": s.iso(),
        "source": "agent",
        "model_name": s.model,
        "message": sentence(s),
        "tool_calls": [
            {"tool_call_id": s.id("toolu_01"), "function_name": tool, "arguments": tool_input(s, tool)}
        ],
        "observation": {"results": [{"content": body(s)}]},
        "metrics": {
            "prompt_tokens": s.int(1, 99999),
            "completion_tokens": s.int(1, 9999),
            "cached_tokens": s.int(0, 99999),
        },
    }


def steps(s: Session) -> str:
    """The arguments and observations nested."""
    made = [_step(s, number) for number in range(s.int(1, 3))]
    return dump(s, made, s.pick((None, 2, 2, 4)))


def twice_escaped(s: Session) -> str:
    result = {"result": body(s), "status": s.pick(("ok", "error")), "path": s.path()}
    inner = json.dumps(result, ensure_ascii=s.chance(0.5))
    event = {"type": "tool_result", "id": s.id("toolu_01"), "output": inner, "ts": s.iso()}
    return dump(s, event if s.chance(0.6) else {"level": "info", "payload": json.dumps(event)})


KINDS = ((5, steps), (3, twice_escaped))
