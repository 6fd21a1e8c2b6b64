"""Chat messages of the OpenAI interface; arguments are JSON inside JSON."""

from __future__ import annotations

import json

from .bodies import body
from .choice import Choice
from .json_text import dump, nested
from .markdown import markdown
from .session import Session
from .talk import paragraph
from .tools import tool_input
from .vocabulary import TOOLS


def _system(s: Session) -> list[dict]:
    return [{"role": s.pick(("system", "developer")), "content": paragraph(s)}]


def _user(s: Session) -> list[dict]:
    plain = s.chance(0.7)
    text = paragraph(s)
    return [{"role": "user", "content": text if plain else [{"type": "text", "text": text}]}]


def _assistant(s: Session) -> list[dict]:
    refusal = {"refusal": None} if s.chance(0.3) else {}
    return [{"role": "assistant", "content": markdown(s)} | refusal]


def _tool(s: Session) -> list[dict]:
    """A call and its result."""
    call = f"call_{s.base62(24)}"
    tool = s.pick(TOOLS)
    function = {
        "name": s.pick((tool.lower(), s.identifier())),
        "arguments": json.dumps(tool_input(s, tool)),
    }
    calls = [{"id": call, "type": "function", "function": function}]
    result = body(s) if s.chance(0.6) else json.dumps(nested(s, 1))
    return [
        {"role": "assistant", "content": None, "tool_calls": calls},
        {"role": "tool", "tool_call_id": call, "content": result},
    ]


TURNS = Choice((1, _system), (2, _user), (2, _assistant), (2, _tool))


def _lines(s: Session, messages: list[dict]) -> str:
    return "\n".join(dump(s, message) for message in messages)


def _request(s: Session, messages: list[dict]) -> str:
    request = {
        "model": s.model,
        "messages": messages,
        "temperature": s.pick((0, 0.2, 0.7, 1.0)),
        "stream": True,
    }
    return dump(s, request, s.pick((None, 2)))


def _array(s: Session, messages: list[dict]) -> str:
    return dump(s, messages, s.pick((None, None, 2, 4)))


FILES = Choice((1, _lines), (1, _request), (2, _array))


def openai_messages(s: Session) -> str:
    messages: list[dict] = []
    for _ in range(s.int(1, 4)):
        messages += s.draw(TURNS)(s)
    return s.draw(FILES)(s, messages)


KINDS = ((9, openai_messages),)
