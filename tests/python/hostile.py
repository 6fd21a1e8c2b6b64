"""A memory full of texts that no page may obey, for tests of the pages that show it."""

from __future__ import annotations

import json

from harbour import PAGE_LINES, prose
from memctl_program import Memctl

SCOPE = "ann/coder/monday"
DAY = 1778839200  # 2026-05-15 10:00 UTC
MARKUP = '</script><script>document.title = "taken"</script><img src=x onerror="document.title=1"><!-- <b>bold</b> & '
UNSEEN = "right\u202eto left\u2066, a bell \x07, lines\u2028and\u2029paragraphs, \u05e9\u05dc\u05d5\u05dd. "
LONG = "long" * 400


def said(role: str, text: str, time: int) -> str:
    return json.dumps({"role": role, "content": text, "timestamp": time}) + "\n"


def fill(memctl: Memctl) -> Memctl:
    """Two pages of Ann's, one of which has faded, and a rest; a note of Bob's."""
    memctl.file("chat.jsonl", said("user", "Where is the log? " + MARKUP + UNSEEN + LONG + "\n" + prose(44), DAY) +
                said("assistant", prose(PAGE_LINES + 6, 100), DAY + 3600) + said("tool", MARKUP + "the rest", DAY + 7200))
    memctl.file("note.txt", "Bob's own secret almanac.\n" + prose(2 * PAGE_LINES, 500))
    memctl("--scope", SCOPE, "compact", "chat.jsonl", "--level", "tiny", "--measure", "0")
    memctl("--scope", "bob/coder", "compact", "note.txt", "--level", "tiny", "--measure", "0")
    memctl("--scope", SCOPE, "pin", "2")
    memctl("--scope", SCOPE, "age", "--to", "faint")
    memctl("--scope", SCOPE, "unpin", "2")
    return memctl
