"""Random values as agents' histories hold them: ids, times, paths, numbers, names."""

from __future__ import annotations

import random
import typing

from ..slices import Slices
from .choice import Choice
from .vocabulary import BASE58, BASE62, HOSTS, MODELS, NAMES, NOUNS, SUFFIXES, VERBS

UNITS = (" ms", "ms", "s", " MB", "MiB", "K", "M", "k", "x", "×", " GB/s", "µs", "px", " tokens", "°C")
CWDS = ("/app", "/workspace", "/home/{0}/{1}", "/Users/{0}/src/{1}", "/repo", "/root/{1}", "C:\\Users\\{0}\\{1}")
FOLDERS = ("src", "lib", "tests", "pkg", "internal", "cmd", "app", "docs", "scripts", ".github", "packages")

# Of a session and a share x of 0..1.
NUMBERS = Choice(
    (3, lambda s, x: str(int(10 ** (x * 6)))),
    (1, lambda s, x: f"{10 ** (x * 4 - 1):.1f}"),
    (1, lambda s, x: f"{10 ** (x * 4 - 1):.2f}"),
    (1, lambda s, x: f"{int(10 ** (x * 7 + 2)):,}"),
    (1, lambda s, x: "%.*e" % (s.int(1, 6), x * 10 ** s.int(-9, 9))),
    (1, lambda s, x: f"{x * 100:.1f}%"),
    (2, lambda s, x: "%.*f%s" % (s.int(0, 2), 10 ** (x * 3), s.pick(UNITS))),
)
# Of a session, a verb and a noun.
IDENTIFIERS = Choice(
    (1, lambda s, verb, noun: f"{verb}_{noun}_{s.noun()}"),
    (2, lambda s, verb, noun: f"{verb}_{noun}"),
    (1, lambda s, verb, noun: verb + noun.capitalize()),
    (1, lambda s, verb, noun: noun.capitalize() + s.noun().capitalize()),
    (1, lambda s, verb, noun: f"{noun}-{verb}"),
)


class Session:
    """Makes the values of one sample. Those that stay the same in a session (ids, folder, model) are
    drawn once; everything else at each call. Not thread-safe: one for each sample.

    `texts`: slices of "prose", "code" and "docs". `vocabulary`: words for names of things.
    """

    def __init__(
        self, rng: random.Random, texts: typing.Mapping[str, Slices], vocabulary: typing.Sequence[str] = NOUNS
    ):
        self.rng = rng
        self.texts = texts
        self.random = rng.random
        # A session is about a few things, whose names come back in paths, code and talk.
        self.nouns = [*rng.choices(vocabulary, k=rng.randint(10, 70)), *rng.choices(NOUNS, k=20)]
        self.session_id = self.uuid()
        self.cwd = self.pick(CWDS)
        self.cwd = self.cwd.format(self.pick(NAMES), self.noun())
        self.model = self.pick(MODELS)
        self.tabs = rng.random() < 0.35
        self.version = f"{self.int(1, 2)}.{self.int(0, 2)}.{self.int(0, 220)}"
        topic = f"{self.pick(VERBS)}/{self.noun()}-{self.int(1, 999)}"
        self.branch = self.pick(("main", "main", "master", "", topic))
        self.clock = rng.random() * 3e8 + 1.5e9
        self.previous = self.uuid()  # event of the session

    # Draws

    def chance(self, share: float) -> bool:
        return self.random() < share

    def pick(self, items: typing.Sequence[typing.Any]) -> typing.Any:
        # Three times as fast as random.choice, and called for every other word.
        return items[int(self.random() * len(items))]

    def draw(self, choice: Choice) -> typing.Any:
        return choice.draw(self.rng)

    def int(self, low: int, high: int) -> int:
        return low + int(self.random() * (high - low + 1))

    def size(self, low: int, high: int) -> int:
        """A size between the two, small ones more often."""
        return int(low * (high / low) ** self.random())

    # Ids and addresses

    def uuid(self) -> str:
        h = f"{self.rng.getrandbits(128):032x}"
        return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-a{h[17:20]}-{h[20:]}"

    def hex(self, digits: int) -> str:
        return f"{self.rng.getrandbits(4 * digits):0{digits}x}"

    def base62(self, size: int) -> str:
        return "".join(self.rng.choices(BASE62, k=size))

    def id(self, head: str) -> str:
        return head + "".join(self.rng.choices(BASE58, k=22))

    def ip(self) -> str:
        a, b, c, d = self.rng.getrandbits(32).to_bytes(4, "big")
        return f"{self.pick((10, 127, 172, 192, a))}.{b}.{c}.{d}"

    def url(self) -> str:
        host = self.pick(HOSTS)
        tail = "/".join(self.noun() for _ in range(self.int(1, 3)))
        query = f"?{self.noun()}={self.int(1, 999)}&q={self.pick(VERBS)}"
        anchor, number = f"#{self.noun()}", f"/{self.int(1, 9999)}"
        ending = self.pick(("", "", "", query, anchor, number, f"/blob/main/{self.file()}"))
        scheme = self.pick(("https://", "https://", "http://"))
        port = self.pick(("", "", "", ":8080", ":3000"))
        return f"{scheme}{host}{port if host == 'localhost' else ''}/{tail}{ending}"

    # Times and numbers

    def moment(self) -> tuple[int, int, int, int, int, int, int]:
        """Year, month, day, hour, minute, second and microsecond, a little later each time."""
        self.clock += self.random() ** 3 * 90
        whole = int(self.clock)
        days, second = divmod(whole, 86_400)
        years, day = divmod(days, 365)
        time = second // 3600, second // 60 % 60, second % 60, int((self.clock - whole) * 1e6)
        return 1970 + years, 1 + day // 31, 1 + day % 28, *time

    def iso(self) -> str:
        return "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ" % (*self.moment()[:6], self.int(0, 999))

    def iso_long(self) -> str:
        return "%04d-%02d-%02dT%02d:%02d:%02d.%06d+00:00" % self.moment()

    def semver(self) -> str:
        return f"{self.int(0, 12)}.{self.int(0, 40)}.{self.int(0, 20)}"

    def number(self) -> str:
        return self.draw(NUMBERS)(self, self.random())

    # Names

    def noun(self) -> str:
        return self.nouns[int(self.random() * len(self.nouns))]

    def name(self) -> str:
        return self.identifier() if self.chance(0.3) else self.noun()

    def identifier(self) -> str:
        verb, noun = self.pick(VERBS), self.noun()
        return self.draw(IDENTIFIERS)(self, verb, noun)

    def file(self) -> str:
        noun = self.noun()
        stem = noun if self.chance(0.4) else f"{self.pick(('test_', ''))}{noun}{self.pick('_-')}{self.noun()}"
        return f"{stem}.{self.pick(SUFFIXES)}"

    def folder(self) -> str:
        head = self.pick(FOLDERS)
        return head if self.chance(0.3) else f"{head}/{self.noun()}" + (f"/{self.noun()}" if self.chance(0.3) else "")

    def path(self) -> str:
        path = f"{self.folder()}/{self.file()}"
        return self.under(path) if self.chance(0.45) else path

    def under(self, path: str) -> str:
        """The path inside the session's folder, with that system's separator."""
        path = f"{self.cwd}/{path}"
        return path.replace("/", "\\") if ":" in self.cwd else path

    # Text of the corpus

    def words(self, low: int, high: int) -> str:
        """Some words of prose on one line."""
        wanted = self.int(low, high)
        kind = "prose" if self.random() < 0.8 else "docs"
        return " ".join(self.texts[kind].slice(self.rng, wanted * 8 + 20).split()[1 : wanted + 1]).rstrip(".,;:")

    def code(self, characters: int) -> str:
        text = self.texts["code"].lines(self.rng, characters)
        return text.replace("    ", "\t") if self.tabs else text

    def docs(self, characters: int) -> str:
        return self.texts["docs"].lines(self.rng, characters)

    def prose(self, characters: int) -> str:
        return self.texts["prose"].lines(self.rng, characters)
