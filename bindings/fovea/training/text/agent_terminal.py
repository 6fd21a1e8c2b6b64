"""What terminals add to text: colours, lines that are written over, line ends of other systems."""

from __future__ import annotations

from .agent_output import Output

ESCAPE = "\x1b"
RESET = (f"{ESCAPE}[0m", f"{ESCAPE}[0m", f"{ESCAPE}[m", f"{ESCAPE}[39m", f"{ESCAPE}[22;39m", f"{ESCAPE}(B{ESCAPE}[m")
CLEAR = ("", "", f"{ESCAPE}[K", f"{ESCAPE}[2K", f"{ESCAPE}[1A{ESCAPE}[2K")
BARS = ("#-", "= ", "=.", "█░", "━─", "█ ", "▓░")


class Terminal(Output):
    """Makes text as programs write it to a terminal."""

    def on_terminal(self, text: str) -> str:
        """The text, sometimes with colours or the line ends of another system."""
        kind = self.random()
        if kind < 0.12:
            return self.coloured(text)
        return text.replace("\n", "\r\n") if kind < 0.2 else text

    def colour(self) -> str:
        kind = self.int(0, 5)
        if kind == 0:
            return f"{ESCAPE}[38;5;{self.int(0, 255)}m"
        if kind == 1:
            return f"{ESCAPE}[38;2;{self.int(0, 255)};{self.int(0, 255)};{self.int(0, 255)}m"
        number = self.pick((1, 2, 4, 7, *range(30, 38), *range(90, 98)))
        return f"{ESCAPE}[{self.pick(('', '', '1;', '0;', '01;'))}{number}m"

    def coloured(self, text: str) -> str:
        """Some words or whole lines in colour."""
        reset, share = self.pick(RESET), self.random() * 0.4
        lines = []
        for line in text.split("\n"):
            if self.chance(0.3):
                line = self.colour() + line + reset
            elif self.chance(0.6):
                line = " ".join(
                    self.colour() + word + reset if word and self.chance(share) else word for word in line.split(" ")
                )
            lines.append(line)
        return "\n".join(lines)

    def progress(self) -> str:
        """A bar or counter that overwrites its own line."""
        full, empty = self.pick(BARS)
        width, total, what = self.int(8, 40), self.int(5, 4000), self.pick((self.noun(), self.file()))
        start, done, states = f"\r{self.pick(CLEAR)}", 0.0, []
        form = self.int(0, 2)
        while done < 1:
            done = min(1.0, done + self.random() * 0.4)
            n = int(done * width)
            bar = full * n + empty * (width - n)
            states.append((
                f"{what}: {100 * done:3.0f}%|{bar}| {int(done * total)}/{total} [{self.int(0, 9):02}:{self.int(0, 59):02}<00:{self.int(0, 59):02}, {self.random() * 90:.2f}it/s]",
                f"[{bar}] {100 * done:.1f}% {what}",
                f"{what} {int(done * total)}/{total}",
            )[form])  # fmt: skip
        return start.join(states)
