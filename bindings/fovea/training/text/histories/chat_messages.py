"""Chats as lists of messages that name their speaker and time, one chat a line."""

from __future__ import annotations

from .json_text import dump
from .markdown import markdown
from .session import Session
from .talk import paragraph


def _turn(s: Session) -> list[dict]:
    time = s.iso_long()
    asked = s.pick(("User: ", "User: ", "Human: ", "")) + paragraph(s)
    answered = s.pick(("Assistant: ", "Assistant: ", "AI: ", "")) + (markdown(s) if s.chance(0.75) else paragraph(s))
    return [
        {"role": "user", "content": asked, "timestamp": time},
        {"role": "assistant", "content": answered, "timestamp": time},
    ]


def chat_lists(s: Session) -> str:
    lines = []
    for _ in range(s.int(1, 3)):
        chat = [message for _ in range(s.int(1, 3)) for message in _turn(s)]
        lines.append(dump(s, [chat] if s.chance(0.4) else chat))
    return "\n".join(lines)


KINDS = ((16, chat_lists),)
