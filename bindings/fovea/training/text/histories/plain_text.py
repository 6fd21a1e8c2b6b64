"""Chats as plain text."""

from __future__ import annotations

from .bodies import body
from .commands import command
from .markdown import markdown
from .session import Session
from .talk import paragraph
from .vocabulary import TOOLS

SPEAKERS = (
    ("User: ", "Assistant: "),
    ("Human: ", "AI: "),
    ("### User\n", "### Assistant\n"),
    ("> ", "⏺ "),
    ("<|user|>\n", "<|assistant|>\n"),
    ("[user] ", "[assistant] "),
)


def plain_chat(s: Session) -> str:
    parts = []
    user, agent = s.pick(SPEAKERS)
    for _ in range(s.int(1, 4)):
        parts += [user + paragraph(s), agent + (markdown(s) if s.chance(0.6) else paragraph(s))]
        if s.chance(0.4):
            parts.append(f"⏺ {s.pick(TOOLS)}({command(s)})\n  ⎿  " + body(s).replace("\n", "\n     "))
    return "\n\n".join(parts)


KINDS = ((5, plain_chat),)
