"""What tools give back and messages hold."""

from __future__ import annotations

from .choice import Choice
from .commands import diff, listing
from .data import base64_block, identifiers
from .json_text import objects
from .logs import log
from .markdown import markdown
from .session import Session
from .shell import output, shell
from .talk import paragraph, sentence

TAGS = (
    "system-reminder", "environment_context", "command-name", "local-command-stdout", "tool_use_error", "thinking",
    "user_instructions", "result", "example", "file", "context",
)  # fmt: skip


def tagged(s: Session) -> str:
    tag = s.pick(TAGS)
    return f"<{tag}>\n{paragraph(s)}\n</{tag}>"


def _answer(s: Session) -> str:
    """Of a tool that has little to say."""
    return s.pick(
        (
            "",
            "OK",
            "File created successfully at: " + s.path(),
            "The file " + s.path() + " has been updated.",
            "Error: " + sentence(s),
        )
    )


BODIES = Choice(
    (14, lambda s: s.code(s.size(200, 5000))),
    (16, listing),
    (9, lambda s: s.docs(s.size(200, 3000))),
    (6, lambda s: s.prose(s.size(150, 3000))),
    (8, markdown),
    (6, shell),
    (14, output),
    (6, diff),
    (4, objects),
    (4, log),
    (5, paragraph),
    (2, tagged),
    (3, identifiers),
    (1, base64_block),
    (4, _answer),
)


def body(s: Session) -> str:
    return s.draw(BODIES)(s)
