"""Blocks of text as tools return and messages hold them: markdown, shell sessions, all outputs."""

from __future__ import annotations

import json

from .agent_terminal import Terminal
from .agent_values import LANGUAGES, NAMES, SYMBOLS, VERBS


class Blocks(Terminal):
    """Makes blocks of text. Each method gives one, without a newline at its end."""

    def paragraph(self) -> str:
        return " ".join(self.sentence() for _ in range(self.int(1, 4)))

    def table(self) -> str:
        columns, rows = self.int(2, 6), self.int(2, 10)
        head = [self.pick((self.noun().capitalize(), self.words(1, 3), self.noun())) for _ in range(columns)]
        rule = self.pick(("---", "------", ":---", "---:", ":-:", "----------"))
        lines = ["| " + " | ".join(head) + " |", self.pick(("|", "| ")) + "|".join([rule] * columns) + "|"]
        for _ in range(rows):
            cells = [self.cell() for _ in range(columns)]
            lines.append("| " + " | ".join(cells) + " |")
        return "\n".join(lines)

    def cell(self) -> str:
        kind = self.int(0, 9)
        if kind < 4:
            return self.number()
        if kind == 4:
            return f"`{self.identifier()}`"
        if kind == 5:
            return self.pick(
                (
                    "✅",
                    "❌",
                    "⭐" * self.int(1, 5),
                    "⚠️",
                    "✓",
                    "—",
                    "n/a",
                    "yes",
                    "no",
                    "**High**",
                    "Medium",
                    "Low",
                    "TBD",
                )
            )
        if kind == 6:
            return f"**{self.number()}**"
        return self.words(1, 7)

    def bullets(self) -> str:
        mark = self.pick(("- ", "- ", "* ", "• ", "  - ", "- [ ] ", "- [x] ", "#. "))
        lines = []
        for place in range(self.int(2, 8)):
            head = f"{place + 1}. " if mark == "#. " else mark
            bold = self.pick(
                (
                    "",
                    "",
                    f"**{self.noun().capitalize()}**: ",
                    f"**{self.words(1, 3)}** — ",
                    f"`{self.identifier()}` - ",
                    f"`{self.path()}`: ",
                    self.pick(SYMBOLS) + " ",
                )
            )
            lines.append(head + bold + self.sentence())
        return "\n".join(lines)

    def fenced(self) -> str:
        language = self.pick(LANGUAGES)
        if language == "json":
            inside = json.dumps(self.object(2), indent=self.pick((2, 2, 4)), ensure_ascii=False)
        elif language == "bash":
            inside = "\n".join(self.command() for _ in range(self.int(1, 5)))
        elif language == "diff":
            inside = self.diff()
        elif language == "yaml":
            inside = self.yaml()
        else:
            inside = self.code(self.size(80, 1500))
        return f"```{language}\n{inside}\n```"

    def tree(self) -> str:
        lines, depth = [self.noun() + "/"], 0
        for _ in range(self.int(4, 16)):
            depth = max(0, min(3, depth + self.int(-1, 1)))
            lines.append(
                "│   " * depth
                + self.pick(("├── ", "├── ", "└── ", "├─ "))
                + self.pick((self.file(), self.noun() + "/"))
                + self.pick(("", "", f"  # {self.words(2, 6)}"))
            )
        return "\n".join(lines)

    def box(self) -> str:
        width = self.int(16, 60)
        lines = ["┌" + "─" * width + "┐"]
        lines += [f"│ {self.words(1, 8)[: width - 2]:{width - 2}} │" for _ in range(self.int(1, 5))]
        return "\n".join([*lines, "└" + "─" * width + "┘"])

    def heading(self) -> str:
        mark = self.pick(("# ", "## ", "## ", "### ", "### ", "#### ", "**"))
        text = self.pick(
            (
                self.words(1, 6),
                f"{self.pick(VERBS).capitalize()} the {self.noun()}",
                f"{self.int(1, 9)}. {self.words(1, 5)}",
                f"Phase {self.int(1, 6)}: {self.words(1, 5)}",
                f"{self.pick(SYMBOLS)} {self.words(1, 4)}",
            )
        )
        return f"**{text}**" if mark == "**" else mark + text

    def markdown(self) -> str:
        makers = self.rng.choices(
            (
                self.heading,
                self.paragraph,
                self.bullets,
                self.table,
                self.fenced,
                self.tree,
                self.box,
                self.rule,
                self.quote,
            ),
            weights=(22, 30, 20, 8, 12, 2, 1, 4, 3),
            k=self.int(2, 9),
        )
        return "\n\n".join([make() for make in makers])

    def rule(self) -> str:
        return self.pick(("---", "---", "***", "─" * self.int(10, 60), "=" * self.int(10, 70)))

    def quote(self) -> str:
        return "> " + self.sentence()

    def shell(self) -> str:
        prompt = self.pick(
            (
                "$ ",
                "$ ",
                "# ",
                "> ",
                f"{self.pick(NAMES)}@{self.noun()}:~/{self.noun()}$ ",
                f"(venv) {self.pick(NAMES)}@{self.hex(12)}:{self.cwd}# ",
                "❯ ",
                f"➜  {self.noun()} git:(main) ✗ ",
            )
        )
        parts = []
        for _ in range(self.int(1, 4)):
            parts += [prompt + self.command(), self.output()]
        return "\n".join(parts)

    def output(self) -> str:
        return self.on_terminal(self.pick(OUTPUTS)(self))

    def tagged(self) -> str:
        tag = self.pick(
            (
                "system-reminder",
                "environment_context",
                "command-name",
                "local-command-stdout",
                "tool_use_error",
                "thinking",
                "user_instructions",
                "result",
                "example",
                "file",
                "context",
            )
        )
        return f"<{tag}>\n{self.paragraph()}\n</{tag}>"

    def body(self) -> str:
        """What a tool gives back or a message holds."""
        return self.rng.choices(BODIES, cum_weights=BODY_WEIGHTS)[0](self)


# What tools return and messages hold, with how often.
_BODY_TABLE = (
    (lambda m: m.code(m.size(200, 5000)), 14),
    (Blocks.listing, 16),
    (lambda m: m.docs(m.size(200, 3000)), 9),
    (lambda m: m.prose(m.size(150, 3000)), 6),
    (Blocks.markdown, 8),
    (Blocks.shell, 6),
    (lambda m: m.output(), 14),
    (Blocks.diff, 6),
    (Blocks.objects, 4),
    (Blocks.log, 4),
    (Blocks.paragraph, 5),
    (Blocks.tagged, 2),
    (Blocks.identifiers, 3),
    (Blocks.base64_block, 1),
    (
        lambda m: m.pick(
            (
                "",
                "OK",
                "File created successfully at: " + m.path(),
                "The file " + m.path() + " has been updated.",
                "Error: " + m.sentence(),
            )
        ),
        4,
    ),
)
BODIES = tuple(make for make, _ in _BODY_TABLE)
BODY_WEIGHTS = tuple(sum(weight for _, weight in _BODY_TABLE[: i + 1]) for i in range(len(_BODY_TABLE)))

OUTPUTS = (
    Blocks.ls, Blocks.git_log, Blocks.git_status, Blocks.diff, Blocks.grep, Blocks.grep, Blocks.pytest, Blocks.pytest, Blocks.install, Blocks.compiler,
    Blocks.traceback, Blocks.log, Blocks.tree, Blocks.process_table, Blocks.csv, Blocks.floats, Blocks.http, Blocks.listing, Blocks.objects,
    Blocks.progress,
)  # fmt: skip
