"""ShareGPT: a conversation of values from people and models."""

from __future__ import annotations

from .json_text import dump
from .markdown import markdown
from .session import Session
from .talk import paragraph


def conversation(s: Session) -> str:
    turns = []
    for _ in range(s.int(1, 4)):
        turns += [
            {"from": s.pick(("human", "human", "user")), "value": paragraph(s)},
            {"from": "gpt", "value": markdown(s)},
        ]
    chat = {"id": s.pick((s.base62(7), s.uuid(), s.int(1, 99999))), "conversations": turns}
    return dump(s, chat, s.pick((None, None, 2)))


KINDS = ((5, conversation),)
