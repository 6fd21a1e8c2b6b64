"""Random values as agents' histories hold them: ids, times, paths, numbers, commands."""

from __future__ import annotations

import random
import string
import typing

BASE62 = string.ascii_letters + string.digits
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
DAYS = "Mon Tue Wed Thu Fri Sat Sun".split()
NAMES = (
    "alice bob carol dave erin frank grace heidi ivan judy mallory oscar peggy trent wendy kim lee maria "
    "chen olga tomas yuki anna paul nina omar zoe liam emma noah root ubuntu admin dev app deploy runner"
).split()
NOUNS = (
    "api auth cache client cluster config core data db engine events gateway graph handler index ingest job "
    "kernel ledger lexer loader log memory metrics model node page parser pipeline planner pool proxy query queue "
    "reader registry render report router runner scheduler schema search server session shard sort store stream "
    "sync table task test token trace user utils vector view wal web worker writer"
).split()
VERBS = (
    "add apply build cache check clean close compute create decode delete drain drop encode fetch find fix flush get "
    "handle improve init insert keep limit list load log make merge move open parse pin prune push read refactor "
    "remove rename reset retry revert run save scan send set skip sort split start stop store sync test track "
    "update use validate verify wait write"
).split()
SUFFIXES = (
    "py py py py go go rs ts ts js tsx c cc cpp h java rb sh md md json yaml toml sql txt css html cfg lock".split()
)
LANGUAGES = "python python bash bash go rust javascript typescript json yaml c cpp sql html diff text".split() + [""]
SYMBOLS = (
    "✅",
    "❌",
    "⭐",
    "⚠️",
    "→",
    "✓",
    "✗",
    "•",
    "🚀",
    "📊",
    "🔧",
    "💡",
    "🔍",
    "📝",
    "🎯",
    "😊",
    "≈",
    "×",
    "…",
    "—",
    "▸",
    "★",
)
MODELS = (
    "claude-opus-4-1-20250805", "claude-sonnet-4-5-20250929", "claude-opus-4-5", "claude-haiku-4-5-20251001", "gpt-5",
    "gpt-5-mini", "gpt-4.1-2025-04-14", "o4-mini", "gemini-2.5-pro", "gemini-3-pro", "deepseek-chat", "qwen3-coder", "<synthetic>",
)  # fmt: skip
TOOLS = (
    "Bash", "Bash", "Bash", "Read", "Read", "Edit", "Write", "Grep", "Glob", "Task", "TodoWrite", "WebFetch", "WebSearch",
    "MultiEdit", "NotebookEdit", "LS", "BashOutput", "KillShell", "ExitPlanMode",
)  # fmt: skip
FOREIGN_LETTERS = (
    "aeioubcdfghlmnprstvz" + "áéíóúñüçàèêôãõß", "aeioklmnprstvyz" + "ąćęłńóśźżčďěňřšťůž", "aeioklmnprst" + "äöåøæðþ",
    "абвгдежзийклмнопрстуфхцчшщъыьэюя", "αβγδεζηθικλμνξοπρστυφχψως", "aeiklmnrstuyz" + "ğışçöüâî",
)  # fmt: skip
FOREIGN_LABELS = ("es", "fr", "de", "pl", "ru", "el", "tr", "pt-BR", "original", "translated", "name", "locale")
HOSTS = "example.com example.org github.com pypi.org docs.python.org api.example.net registry.npmjs.org crates.io localhost".split()
COMMANDS = (
    "ls -la", "git status", "git diff", "git log --oneline -{n}", "cat {path}", "head -{n} {path}", "sed -n '{n},{m}p' {path}",
    "grep -rn \"{word}\" {dir}", "rg -n '{word}' {dir} | head -{n}", "python -m pytest -q {path}", "pytest {dir} -x -k {word}",
    "npm test", "npm run build", "npm install {noun}-{noun2}", "cargo build --release", "cargo test {word}", "go test ./...",
    "go vet ./{noun}/...", "make -j{n}", "cmake -B build -DCMAKE_BUILD_TYPE=Release && cmake --build build", "docker ps -a",
    "docker compose up -d {noun}", "kubectl get pods -n {noun}", "curl -s {url} | jq '.{word}[0]'", "find . -name '*.{ext}' | xargs wc -l",
    "pip install -e '.[dev]'", "mkdir -p {dir} && cd {dir}", "ps aux | grep {noun}", "df -h", "tail -f /var/log/{noun}.log",
    "git checkout -b {word}/{noun}", "git commit -am \"{word} {noun} {noun2}\"", "export {NOUN}_{NOUN2}={n}", "ssh {name}@{ip}",
    "python3 - <<'EOF'", "wc -l {path}", "awk -F, '{{ s += ${n} }} END {{ print s }}' {noun}.csv", "chmod +x {path}", "rm -rf {dir}/build",
    "timeout {n} python {path} --{noun}={n} --{noun2} {m} 2>&1 | tail -{n}", "tar czf {noun}.tar.gz {dir}", "uv run {path}", "nvidia-smi",
)  # fmt: skip


_int = int  # `Values.int` hides it inside the class


class Slices(typing.Protocol):
    """A long text that gives slices from anywhere, and from the start of a line."""

    def slice(self, rng: random.Random, characters: int) -> str: ...

    def lines(self, rng: random.Random, characters: int) -> str: ...


class Values:
    """Makes pieces of one sample. Values that stay the same in a session (ids, folder,
    model) are drawn once; everything else at each call. Not thread-safe: one per sample."""

    def __init__(
        self, rng: random.Random, texts: typing.Mapping[str, Slices], vocabulary: typing.Sequence[str] = NOUNS
    ):
        self.rng = rng
        self.texts = texts
        self.random = rng.random
        # A session is about a few things, whose names come back in paths, code and talk.
        self.nouns = [*rng.choices(vocabulary, k=rng.randint(10, 70)), *rng.choices(NOUNS, k=20)]
        self.session = self.uuid()
        self.cwd = self.pick(
            ("/app", "/workspace", "/home/{0}/{1}", "/Users/{0}/src/{1}", "/repo", "/root/{1}", "C:\\Users\\{0}\\{1}")
        )
        self.cwd = self.cwd.format(self.pick(NAMES), self.noun())
        self.model = self.pick(MODELS)
        self.tabs = rng.random() < 0.35
        self.version = f"{self.int(1, 2)}.{self.int(0, 2)}.{self.int(0, 220)}"
        self.branch = self.pick(("main", "main", "master", "", f"{self.pick(VERBS)}/{self.noun()}-{self.int(1, 999)}"))
        self.clock = rng.random() * 3e8 + 1.5e9
        self.previous = self.uuid()

    # Values

    def chance(self, share: float) -> bool:
        return self.random() < share

    def pick(self, items: typing.Sequence[typing.Any]) -> typing.Any:
        # Three times as fast as random.choice, and called for every other word.
        return items[_int(self.random() * len(items))]

    def int(self, low: int, high: int) -> int:
        return low + _int(self.random() * (high - low + 1))

    def noun(self) -> str:
        return self.nouns[_int(self.random() * len(self.nouns))]

    def size(self, low: int, high: int) -> int:
        """A size between the two, small ones more often."""
        return _int(low * (high / low) ** self.random())

    def uuid(self) -> str:
        h = f"{self.rng.getrandbits(128):032x}"
        return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-a{h[17:20]}-{h[20:]}"

    def hex(self, digits: int) -> str:
        return f"{self.rng.getrandbits(4 * digits):0{digits}x}"

    def base62(self, size: int) -> str:
        return "".join(self.rng.choices(BASE62, k=size))

    def id(self, head: str) -> str:
        return head + "".join(self.rng.choices(BASE58, k=22))

    def moment(self) -> tuple[int, int, int, int, int, int, int]:
        """Year, month, day, hour, minute, second and microsecond, a little later each time."""
        self.clock += self.random() ** 3 * 90
        whole = _int(self.clock)
        days, second = divmod(whole, 86_400)
        years, day = divmod(days, 365)
        return (
            1970 + years,
            1 + day // 31,
            1 + day % 28,
            second // 3600,
            second // 60 % 60,
            second % 60,
            int((self.clock - whole) * 1e6),
        )

    def iso(self) -> str:
        return "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ" % (*self.moment()[:6], self.int(0, 999))

    def iso_long(self) -> str:
        return "%04d-%02d-%02dT%02d:%02d:%02d.%06d+00:00" % self.moment()

    def ip(self) -> str:
        a, b, c, d = self.rng.getrandbits(32).to_bytes(4, "big")
        return f"{self.pick((10, 127, 172, 192, a))}.{b}.{c}.{d}"

    def semver(self) -> str:
        return f"{self.int(0, 12)}.{self.int(0, 40)}.{self.int(0, 20)}"

    def number(self) -> str:
        kind, x = self.int(0, 9), self.random()
        if kind < 3:
            return str(_int(10 ** (x * 6)))
        if kind < 5:
            return "%.*f" % (kind - 2, 10 ** (x * 4 - 1))
        if kind == 5:
            return f"{_int(10 ** (x * 7 + 2)):,}"
        if kind == 6:
            return "%.*e" % (self.int(1, 6), x * 10 ** self.int(-9, 9))
        if kind == 7:
            return f"{x * 100:.1f}%"
        return "%.*f%s" % (
            self.int(0, 2),
            10 ** (x * 3),
            self.pick((" ms", "ms", "s", " MB", "MiB", "K", "M", "k", "x", "×", " GB/s", "µs", "px", " tokens", "°C")),
        )

    def name(self) -> str:
        return self.identifier() if self.chance(0.3) else self.noun()

    def identifier(self) -> str:
        verb, noun = self.pick(VERBS), self.noun()
        form = self.int(0, 5)
        if form < 3:
            return f"{verb}_{noun}" if form else f"{verb}_{noun}_{self.noun()}"
        if form == 3:
            return verb + noun.capitalize()
        return noun.capitalize() + self.noun().capitalize() if form == 4 else f"{noun}-{verb}"

    def file(self) -> str:
        noun = self.noun()
        stem = noun if self.chance(0.4) else f"{self.pick(('test_', ''))}{noun}{self.pick('_-')}{self.noun()}"
        return f"{stem}.{self.pick(SUFFIXES)}"

    def folder(self) -> str:
        head = self.pick(
            ("src", "lib", "tests", "pkg", "internal", "cmd", "app", "docs", "scripts", ".github", "packages")
        )
        return head if self.chance(0.3) else f"{head}/{self.noun()}" + (f"/{self.noun()}" if self.chance(0.3) else "")

    def path(self) -> str:
        path = f"{self.folder()}/{self.file()}"
        return self.under(path) if self.chance(0.45) else path

    def under(self, path: str) -> str:
        """The path inside the session's folder, with that system's separator."""
        path = f"{self.cwd}/{path}"
        return path.replace("/", "\\") if ":" in self.cwd else path

    def url(self) -> str:
        host = self.pick(HOSTS)
        tail = "/".join(self.noun() for _ in range(self.int(1, 3)))
        ending = self.pick(
            (
                "",
                "",
                "",
                f"?{self.noun()}={self.int(1, 999)}&q={self.pick(VERBS)}",
                f"#{self.noun()}",
                f"/{self.int(1, 9999)}",
                f"/blob/main/{self.file()}",
            )
        )
        return (
            self.pick(("https://", "https://", "http://"))
            + host
            + self.pick(("", "", "", ":8080", ":3000")) * (host == "localhost")
            + f"/{tail}{ending}"
        )

    def words(self, low: int, high: int) -> str:
        """Some words of prose on one line."""
        wanted = self.int(low, high)
        kind = "prose" if self.random() < 0.8 else "docs"
        return " ".join(self.texts[kind].slice(self.rng, wanted * 8 + 20).split()[1 : wanted + 1]).rstrip(".,;:")

    def sentence(self) -> str:
        """A line as an assistant writes one, about files, numbers and names, or of prose."""
        kind = self.int(0, 15)
        noun, verb = self.noun(), self.pick(VERBS)
        if kind == 0:
            return f"Let me {verb} the {noun} {self.noun()} in `{self.path()}`."
        if kind == 1:
            return f"I'll {verb} the {noun} first, then {self.pick(VERBS)} `{self.identifier()}()`."
        if kind == 2:
            return f"The {noun} takes {self.number()} instead of {self.number()} — {self.words(3, 10)}."
        if kind == 3:
            return f"Now I'll check whether `{self.identifier()}` is still used by the {noun} {self.noun()}:"
        if kind == 4:
            return f"{self.pick(SYMBOLS)} **{noun.capitalize()} {self.noun()}**: {self.words(4, 14)}"
        if kind == 5:
            return f"All {self.int(2, 400)} tests pass. {self.words(4, 16)}."
        if kind == 6:
            return f"That's wrong: `{self.identifier()}` returns `{self.pick(('None', 'null', 'nil', 'undefined', '-1', 'False', '0'))}` when {self.words(4, 12)}."
        if kind == 7:
            return f"See {self.url()} for the {noun} ({self.number()}, {self.number()})."
        if kind == 8:
            return f"Can you {verb} the {noun} so that {self.words(5, 16)}?"
        if kind == 9:
            return f"{self.foreign()} ({self.pick(FOREIGN_LABELS)}): {self.words(3, 12)}"
        return self.words(6, 34)

    def foreign(self) -> str:
        """Words in letters that English has not."""
        letters = self.pick(FOREIGN_LETTERS)
        return " ".join(
            ["".join(self.rng.choices(letters, k=self.int(2, 10))).capitalize() for _ in range(self.int(1, 4))]
        )
