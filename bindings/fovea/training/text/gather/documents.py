"""The text of documents in markup: pages of HTML, manual pages."""

from __future__ import annotations

import html.parser
import re

from ..chinese import HANZI

WIDE = f"{HANZI}\u3000-\u303f\u3040-\u30ff\uff00-\uffef"

HIDDEN_TAGS = frozenset(("script", "style", "header", "aside", "footer", "nav", "button"))
INLINE_TAGS = frozenset((
    "a", "abbr", "acronym", "b", "big", "bdi", "cite", "code", "del", "dfn", "em", "font", "i", "ins", "kbd", "mark",
    "q", "s", "samp", "small", "span", "strong", "sub", "sup", "td", "th", "tt", "u", "var",
))  # fmt: skip


def plain_manual(source: str) -> str:
    """Manual page text out of its troff source, near enough to what `man` shows."""
    lines = []
    for line in source.split("\n"):
        if line.startswith(('.\\"', "'\\\"", "'")):
            continue
        line = re.sub(r"\\f(\(..|\[[^]]*\]|.)|\\[&/,|^]|\\s[-+]?\d", "", line)
        line = (
            line.replace("\\-", "-")
            .replace("\\(aq", "'")
            .replace("\\(bu", "•")
            .replace("\\(em", "—")
            .replace("\\e", "\\")
        )
        heading = re.match(r"\.S[HS]\s+(.*)", line)
        if heading:
            lines += ["", heading[1].strip('"').upper()]
        elif line.startswith((".PP", ".TP", ".P", ".LP", ".IP", ".sp")):
            lines.append(line[3:].strip(' "'))
        elif re.match(r"\.(B|I|BR|BI|IR|RB|RI|IB|Nm|Fl|Ar|Xr|Nd|Op)\s+\S", line):
            lines.append("       " + re.sub(r'\s*"\s*', " ", line.split(None, 1)[1]).strip())
        elif not line.startswith("."):
            lines.append("       " + line if line else "")
    return "\n".join(lines)


def fresh_lines(text: str, seen: set[str], wanted=lambda line: True) -> str:
    """The text without the lines that are in `seen`, to which its own are added, and those not `wanted`. What many
    documents share (licences, navigation) thus comes once. One blank line at most stands between two others."""
    kept: list[str] = []
    for line in text.split("\n"):
        key = line.strip()
        if key and key not in seen:
            seen.add(key)
            if wanted(key):
                kept.append(line.rstrip())
        elif not key and kept and kept[-1]:
            kept.append("")
    return "\n".join(kept).strip("\n")


class PageText(html.parser.HTMLParser):
    """Collects what a browser shows of a page, without its navigation."""

    def __init__(self):
        super().__init__()
        self.parts: list[str] = []
        self.hidden = self.preformatted = 0

    def handle_starttag(self, tag, attributes):
        self.hidden += tag in HIDDEN_TAGS
        self.preformatted += tag == "pre"
        if tag in ("td", "th"):
            if not self.at_start():
                self.parts.append("  ")
        elif tag not in INLINE_TAGS:
            self.end_line()
            if re.fullmatch("h[1-6]", tag):
                self.parts.append("\n")
            elif tag == "li":
                self.parts.append("- ")

    def handle_endtag(self, tag):
        self.hidden = max(0, self.hidden - (tag in HIDDEN_TAGS))
        self.preformatted = max(0, self.preformatted - (tag == "pre"))
        if tag not in INLINE_TAGS:
            self.end_line()

    def handle_data(self, data):
        if self.hidden:
            return
        if not self.preformatted:
            # A line of source that breaks between hanzi breaks for width alone.
            data = re.sub(rf"(?<=[{WIDE}])\s*\n\s*(?=[{WIDE}])", "", data)
            data = re.sub(r"\s+", " ", data)
            data = data.lstrip() if self.at_start() else data
        if data:
            self.parts.append(data)

    def at_start(self) -> bool:
        return not self.parts or self.parts[-1] == "- " or self.parts[-1].endswith("\n")

    def end_line(self) -> None:
        if not self.at_start():
            self.parts.append("\n")

    @classmethod
    def of(cls, source: str) -> str:
        page = cls()
        page.feed(source)
        page.close()
        return "".join(page.parts)
