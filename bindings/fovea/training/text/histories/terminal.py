"""What terminals add to text: colours, lines that are written over, line ends of other systems."""

from __future__ import annotations

from .choice import Choice
from .session import Session

ESCAPE = "\x1b"
RESET = (f"{ESCAPE}[0m", f"{ESCAPE}[0m", f"{ESCAPE}[m", f"{ESCAPE}[39m", f"{ESCAPE}[22;39m", f"{ESCAPE}(B{ESCAPE}[m")
CLEAR = ("", "", f"{ESCAPE}[K", f"{ESCAPE}[2K", f"{ESCAPE}[1A{ESCAPE}[2K")
BARS = ("#-", "= ", "=.", "█░", "━─", "█ ", "▓░")
PLAIN = (1, 2, 4, 7, *range(30, 38), *range(90, 98))
COLOURS = Choice(
    (1, lambda s: f"{ESCAPE}[38;5;{s.int(0, 255)}m"),
    (1, lambda s: f"{ESCAPE}[38;2;{s.int(0, 255)};{s.int(0, 255)};{s.int(0, 255)}m"),
    (4, lambda s: _plain_colour(s)),
)


def _plain_colour(s: Session) -> str:
    number = s.pick(PLAIN)
    return f"{ESCAPE}[{s.pick(('', '', '1;', '0;', '01;'))}{number}m"


def _colour(s: Session) -> str:
    return s.draw(COLOURS)(s)


def coloured(s: Session, text: str) -> str:
    """Some words or whole lines in colour."""
    reset, share = s.pick(RESET), s.random() * 0.4
    lines = []
    for line in text.split("\n"):
        if s.chance(0.3):
            line = _colour(s) + line + reset
        elif s.chance(0.6):
            words = line.split(" ")
            line = " ".join(_colour(s) + word + reset if word and s.chance(share) else word for word in words)
        lines.append(line)
    return "\n".join(lines)


DRESSINGS = Choice(
    (12, coloured),
    (8, lambda s, text: text.replace("\n", "\r\n")),
    (80, lambda s, text: text),
)


def on_terminal(s: Session, text: str) -> str:
    """The text, sometimes with colours or the line ends of another system."""
    return s.draw(DRESSINGS)(s, text)


def progress(s: Session) -> str:
    """A bar or counter that overwrites its own line."""
    full, empty = s.pick(BARS)
    width, total, what = s.int(8, 40), s.int(5, 4000), s.pick((s.noun(), s.file()))
    start, done, states = f"\r{s.pick(CLEAR)}", 0.0, []
    form = s.int(0, 2)
    while done < 1:
        done = min(1.0, done + s.random() * 0.4)
        n, count = int(done * width), f"{int(done * total)}/{total}"
        bar = full * n + empty * (width - n)
        clock = f"[{s.int(0, 9):02}:{s.int(0, 59):02}<00:{s.int(0, 59):02}, {s.random() * 90:.2f}it/s]"
        forms = (
            f"{what}: {100 * done:3.0f}%|{bar}| {count} {clock}",
            f"[{bar}] {100 * done:.1f}% {what}",
            f"{what} {count}",
        )
        states.append(forms[form])
    return start.join(states)
