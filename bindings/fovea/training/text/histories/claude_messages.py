"""Messages of the Anthropic interface, as Claude Code's files hold them."""

from __future__ import annotations

import base64
import typing

from .bodies import body, tagged
from .choice import Choice
from .markdown import markdown
from .session import Session
from .talk import paragraph, sentence
from .tools import tool_input
from .vocabulary import TOOLS


def usage(s: Session) -> dict:
    usage: dict[str, typing.Any] = {
        "input_tokens": s.int(1, 12) if s.chance(0.6) else s.int(1, 99_999),
        "cache_creation_input_tokens": s.int(0, 30_000),
        "cache_read_input_tokens": s.int(0, 180_000),
    }
    if s.chance(0.6):
        usage["cache_creation"] = {
            "ephemeral_5m_input_tokens": s.int(0, 30_000),
            "ephemeral_1h_input_tokens": s.pick((0, s.int(0, 20_000))),
        }
    usage |= {"output_tokens": s.int(1, 3_000), "service_tier": s.pick(("standard", "standard", "default"))}
    if s.chance(0.3):
        usage["server_tool_use"] = {"web_search_requests": s.int(0, 3), "web_fetch_requests": 0}
    return usage


def _thinking(s: Session) -> dict:
    thought = paragraph(s)
    signature = base64.b64encode(s.rng.randbytes(s.int(40, 240))).decode()
    return {"type": "thinking", "thinking": thought, "signature": signature}


def _blocks(s: Session) -> list[dict]:
    """The content of one assistant message: text, thinking and calls of tools."""
    result: list[dict] = []
    if s.chance(0.15):
        result.append(_thinking(s))
    if s.chance(0.6):
        result.append({"type": "text", "text": paragraph(s) if s.chance(0.6) else markdown(s)})
    if s.chance(0.7) or not result:
        tool = s.pick(TOOLS)
        result.append({"type": "tool_use", "id": s.id("toolu_01"), "name": tool, "input": tool_input(s, tool)})
    return result


def assistant_message(s: Session) -> dict:
    blocks = _blocks(s)
    message = {
        "id": s.id("msg_01"),
        "type": "message",
        "role": "assistant",
        "model": s.model,
        "content": blocks,
        "stop_reason": s.pick((None, "tool_use", "end_turn")),
        "stop_sequence": None,
        "usage": usage(s),
    }
    if s.chance(0.4):  # in another order
        message = {"model": s.model, "id": message["id"], "type": "message", "role": "assistant"} | message
    return message


def _result(s: Session) -> typing.Any:
    identifier, text = s.id("toolu_01"), body(s)
    content: typing.Any = text if s.chance(0.6) else [{"type": "text", "text": text}]
    block = {"tool_use_id": identifier, "type": "tool_result", "content": content}
    return [block | ({"is_error": s.chance(0.3)} if s.chance(0.5) else {})]


def _said(s: Session, text: str) -> typing.Any:
    return text if s.chance(0.5) else [{"type": "text", "text": text}]


USER_CONTENTS = Choice(
    (6, _result),
    (3, lambda s: _said(s, paragraph(s))),
    (1, lambda s: _said(s, tagged(s) + "\n" + paragraph(s))),
)


def user_content(s: Session) -> typing.Any:
    return s.draw(USER_CONTENTS)(s)


def _printed(s: Session, text: str) -> typing.Any:
    return {"stdout": text, "stderr": "", "interrupted": False, "isImage": False}


def _file(s: Session, text: str) -> typing.Any:
    file = {
        "filePath": s.path(),
        "content": text,
        "numLines": text.count("\n") + 1,
        "startLine": 1,
        "totalLines": s.int(10, 2000),
    }
    return {"type": "text", "file": file}


def _patch(s: Session) -> dict:
    return {
        "oldStart": s.int(1, 900),
        "oldLines": s.int(1, 9),
        "newStart": s.int(1, 900),
        "newLines": s.int(1, 9),
        "lines": [" " + line for line in s.code(200).split("\n")],
    }


def _edited(s: Session, text: str) -> typing.Any:
    return {
        "filePath": s.path(),
        "oldString": s.code(80),
        "newString": s.code(120),
        "structuredPatch": [_patch(s)],
        "userModified": False,
        "replaceAll": False,
    }


def _failed(s: Session, text: str) -> typing.Any:
    return "Error: " + sentence(s)


OUTCOMES = (_printed, _file, _edited, _failed)


def tool_outcome(s: Session, content: typing.Any) -> typing.Any:
    """The second copy of a result that session files keep beside the message."""
    text = content[0].get("content", "") if isinstance(content, list) else content
    if not isinstance(text, str):
        text = text[0]["text"]
    return s.pick(OUTCOMES)(s, text)
