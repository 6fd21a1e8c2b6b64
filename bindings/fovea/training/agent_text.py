"""Makes text that looks like what agents keep in their histories.

Events of agents as JSON lines, chats, shell sessions, diffs, listings, logs and tables,
put together from slices of real prose, code and documents and random values. Nothing is
copied from a recorded session.
"""

from __future__ import annotations

import base64
import json
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
SUFFIXES = "py py py py go go rs ts ts js tsx c cc cpp h java rb sh md md json yaml toml sql txt css html cfg lock".split()
LANGUAGES = "python python bash bash go rust javascript typescript json yaml c cpp sql html diff text".split() + [""]
SYMBOLS = ("✅", "❌", "⭐", "⚠️", "→", "✓", "✗", "•", "🚀", "📊", "🔧", "💡", "🔍", "📝", "🎯", "😊", "≈", "×", "…", "—", "▸", "★")
MODELS = (
    "claude-opus-4-1-20250805", "claude-sonnet-4-5-20250929", "claude-opus-4-5", "claude-haiku-4-5-20251001", "gpt-5",
    "gpt-5-mini", "gpt-4.1-2025-04-14", "o4-mini", "gemini-2.5-pro", "gemini-3-pro", "deepseek-chat", "qwen3-coder", "<synthetic>",
)  # fmt: skip
TOOLS = (
    "Bash", "Bash", "Bash", "Read", "Read", "Edit", "Write", "Grep", "Glob", "Task", "TodoWrite", "WebFetch", "WebSearch",
    "MultiEdit", "NotebookEdit", "LS", "BashOutput", "KillShell", "ExitPlanMode",
)  # fmt: skip
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


class Slices(typing.Protocol):
    """A long text that gives slices of whole lines."""

    def lines(self, rng: random.Random, characters: int) -> str: ...


class Maker:
    """Makes pieces of one sample. Values that stay the same in a session (ids, folder,
    model) are drawn once; everything else at each call. Not thread-safe: one per sample."""

    def __init__(self, rng: random.Random, texts: typing.Mapping[str, Slices]):
        self.rng = rng
        self.texts = texts
        self.pick = rng.choice
        self.int = lambda low, high: low + int(rng.random() * (high - low + 1))
        self.session = self.uuid()
        self.cwd = self.pick(("/app", "/workspace", "/home/{0}/{1}", "/Users/{0}/src/{1}", "/repo", "/root/{1}", "C:\\Users\\{0}\\{1}"))
        self.cwd = self.cwd.format(self.pick(NAMES), self.pick(NOUNS))
        self.model = self.pick(MODELS)
        self.version = f"{self.int(1, 2)}.{self.int(0, 2)}.{self.int(0, 220)}"
        self.branch = self.pick(("main", "main", "master", "", f"{self.pick(VERBS)}/{self.pick(NOUNS)}-{self.int(1, 999)}"))
        self.clock = rng.random() * 3e8 + 1.5e9
        self.previous = self.uuid()

    # Values

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

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
        self.clock += self.rng.random() ** 3 * 90
        whole = int(self.clock)
        days, second = divmod(whole, 86_400)
        years, day = divmod(days, 365)
        return 1970 + years, 1 + day // 31, 1 + day % 28, second // 3600, second // 60 % 60, second % 60, int((self.clock - whole) * 1e6)

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
        kind, x = self.int(0, 9), self.rng.random()
        if kind < 3:
            return str(int(10 ** (x * 6)))
        if kind < 5:
            return "%.*f" % (kind - 2, 10 ** (x * 4 - 1))
        if kind == 5:
            return f"{int(10 ** (x * 7 + 2)):,}"
        if kind == 6:
            return "%.*e" % (self.int(1, 6), x * 10 ** self.int(-9, 9))
        if kind == 7:
            return f"{x * 100:.1f}%"
        return "%.*f%s" % (self.int(0, 2), 10 ** (x * 3), self.pick((" ms", "ms", "s", " MB", "MiB", "K", "M", "k", "x", "×", " GB/s", "µs", "px", " tokens", "°C")))

    def name(self) -> str:
        return self.identifier() if self.chance(0.3) else self.pick(NOUNS)

    def identifier(self) -> str:
        verb, noun = self.pick(VERBS), self.pick(NOUNS)
        form = self.int(0, 5)
        if form < 3:
            return f"{verb}_{noun}" if form else f"{verb}_{noun}_{self.pick(NOUNS)}"
        if form == 3:
            return verb + noun.capitalize()
        return noun.capitalize() + self.pick(NOUNS).capitalize() if form == 4 else f"{noun}-{verb}"

    def file(self) -> str:
        noun = self.pick(NOUNS)
        stem = noun if self.chance(0.4) else f"{self.pick(('test_', ''))}{noun}{self.pick('_-')}{self.pick(NOUNS)}"
        return f"{stem}.{self.pick(SUFFIXES)}"

    def folder(self) -> str:
        head = self.pick(("src", "lib", "tests", "pkg", "internal", "cmd", "app", "docs", "scripts", ".github", "packages"))
        return head if self.chance(0.3) else f"{head}/{self.pick(NOUNS)}" + (f"/{self.pick(NOUNS)}" if self.chance(0.3) else "")

    def path(self) -> str:
        path = f"{self.folder()}/{self.file()}"
        return f"{self.cwd}/{path}" if self.chance(0.45) else path

    def url(self) -> str:
        host = self.pick(HOSTS)
        tail = "/".join(self.pick(NOUNS) for _ in range(self.int(1, 3)))
        ending = self.pick(("", "", "", f"?{self.pick(NOUNS)}={self.int(1, 999)}&q={self.pick(VERBS)}", f"#{self.pick(NOUNS)}", f"/{self.int(1, 9999)}", f"/blob/main/{self.file()}"))
        return self.pick(("https://", "https://", "http://")) + host + self.pick(("", "", "", ":8080", ":3000")) * (host == "localhost") + f"/{tail}{ending}"

    def words(self, low: int, high: int) -> str:
        """Some words of prose on one line."""
        wanted = self.int(low, high)
        return " ".join(self.texts["prose"].lines(self.rng, wanted * 8 + 10).split()[:wanted])

    def sentence(self) -> str:
        """A line as an assistant writes one, about files, numbers and names, or of prose."""
        kind = self.int(0, 15)
        noun, verb = self.pick(NOUNS), self.pick(VERBS)
        if kind == 0:
            return f"Let me {verb} the {noun} {self.pick(NOUNS)} in `{self.path()}`."
        if kind == 1:
            return f"I'll {verb} the {noun} first, then {self.pick(VERBS)} `{self.identifier()}()`."
        if kind == 2:
            return f"The {noun} takes {self.number()} instead of {self.number()} — {self.words(3, 10)}."
        if kind == 3:
            return f"Now I'll check whether `{self.identifier()}` is still used by the {noun} {self.pick(NOUNS)}:"
        if kind == 4:
            return f"{self.pick(SYMBOLS)} **{noun.capitalize()} {self.pick(NOUNS)}**: {self.words(4, 14)}"
        if kind == 5:
            return f"All {self.int(2, 400)} tests pass. {self.words(4, 16)}."
        if kind == 6:
            return f"That's wrong: `{self.identifier()}` returns `{self.pick(('None', 'null', 'nil', 'undefined', '-1', 'False', '0'))}` when {self.words(4, 12)}."
        if kind == 7:
            return f"See {self.url()} for the {noun} ({self.number()}, {self.number()})."
        if kind == 8:
            return f"Can you {verb} the {noun} so that {self.words(5, 16)}?"
        return self.words(6, 34)

    # Blocks of text

    def code(self, characters: int) -> str:
        return self.texts["code"].lines(self.rng, characters)

    def docs(self, characters: int) -> str:
        return self.texts["docs"].lines(self.rng, characters)

    def prose(self, characters: int) -> str:
        return self.texts["prose"].lines(self.rng, characters)

    def paragraph(self) -> str:
        return " ".join(self.sentence() for _ in range(self.int(1, 4)))

    def table(self) -> str:
        columns, rows = self.int(2, 6), self.int(2, 10)
        head = [self.pick((self.pick(NOUNS).capitalize(), self.words(1, 3), self.pick(NOUNS))) for _ in range(columns)]
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
            return self.pick(("✅", "❌", "⭐" * self.int(1, 5), "⚠️", "✓", "—", "n/a", "yes", "no", "**High**", "Medium", "Low", "TBD"))
        if kind == 6:
            return f"**{self.number()}**"
        return self.words(1, 7)

    def bullets(self) -> str:
        mark = self.pick(("- ", "- ", "* ", "• ", "  - ", "- [ ] ", "- [x] ", "#. "))
        lines = []
        for place in range(self.int(2, 8)):
            head = f"{place + 1}. " if mark == "#. " else mark
            bold = self.pick(("", "", f"**{self.pick(NOUNS).capitalize()}**: ", f"**{self.words(1, 3)}** — ", f"`{self.identifier()}` - ", f"`{self.path()}`: ", self.pick(SYMBOLS) + " "))
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
            inside = self.code(self.int(80, 700))
        return f"```{language}\n{inside}\n```"

    def tree(self) -> str:
        lines, depth = [self.pick(NOUNS) + "/"], 0
        for _ in range(self.int(4, 16)):
            depth = max(0, min(3, depth + self.int(-1, 1)))
            lines.append("│   " * depth + self.pick(("├── ", "├── ", "└── ", "├─ ")) + self.pick((self.file(), self.pick(NOUNS) + "/")) + self.pick(("", "", f"  # {self.words(2, 6)}")))
        return "\n".join(lines)

    def box(self) -> str:
        width = self.int(16, 60)
        lines = ["┌" + "─" * width + "┐"]
        lines += [f"│ {self.words(1, 8)[: width - 2]:{width - 2}} │" for _ in range(self.int(1, 5))]
        return "\n".join([*lines, "└" + "─" * width + "┘"])

    def heading(self) -> str:
        mark = self.pick(("# ", "## ", "## ", "### ", "### ", "#### ", "**"))
        text = self.pick((self.words(1, 6), f"{self.pick(VERBS).capitalize()} the {self.pick(NOUNS)}", f"{self.int(1, 9)}. {self.words(1, 5)}", f"Phase {self.int(1, 6)}: {self.words(1, 5)}", f"{self.pick(SYMBOLS)} {self.words(1, 4)}"))
        return f"**{text}**" if mark == "**" else mark + text

    def markdown(self) -> str:
        makers = self.rng.choices((self.heading, self.paragraph, self.bullets, self.table, self.fenced, self.tree, self.box, self.rule, self.quote), weights=(22, 30, 20, 8, 12, 2, 1, 4, 3), k=self.int(2, 9))
        return "\n\n".join([make() for make in makers])

    def rule(self) -> str:
        return self.pick(("---", "---", "***", "─" * self.int(10, 60), "=" * self.int(10, 70)))

    def quote(self) -> str:
        return "> " + self.sentence()

    def command(self) -> str:
        return self.pick(COMMANDS).format(
            n=self.int(1, 50), m=self.int(51, 400), path=self.path(), dir=self.folder(), word=self.pick(VERBS), noun=self.pick(NOUNS),
            noun2=self.pick(NOUNS), NOUN=self.pick(NOUNS).upper(), NOUN2=self.pick(NOUNS).upper(), url=self.url(), ext=self.pick(SUFFIXES),
            name=self.pick(NAMES), ip=self.ip(),
        )  # fmt: skip

    def shell(self) -> str:
        prompt = self.pick(("$ ", "$ ", "# ", "> ", f"{self.pick(NAMES)}@{self.pick(NOUNS)}:~/{self.pick(NOUNS)}$ ", f"(venv) {self.pick(NAMES)}@{self.hex(12)}:{self.cwd}# ", "❯ ", f"➜  {self.pick(NOUNS)} git:(main) ✗ "))
        parts = []
        for _ in range(self.int(1, 4)):
            parts += [prompt + self.command(), self.output()]
        return "\n".join(parts)

    def output(self) -> str:
        return self.pick(OUTPUTS)(self)

    def ls(self) -> str:
        lines = [f"total {self.int(4, 999)}"]
        owner = self.pick(NAMES)
        for name in (".", "..", *(self.pick((self.file(), self.pick(NOUNS))) for _ in range(self.int(2, 14)))):
            _, month, day, hour, minute, _, _ = self.moment()
            mode = self.pick(("drwxr-xr-x", "-rw-r--r--", "-rw-r--r--", "-rwxr-xr-x", "lrwxrwxrwx", "-rw-------"))
            lines.append(f"{mode} {self.int(1, 24):2} {owner} {owner} {int(10 ** (self.rng.random() * 6)):7} {MONTHS[month - 1]} {day:2} {hour:02}:{minute:02} {name}")
        return "\n".join(lines)

    def git_log(self) -> str:
        if self.chance(0.5):
            return "\n".join(f"{self.hex(7)} {self.subject()}" for _ in range(self.int(3, 15)))
        parts = []
        for _ in range(self.int(1, 4)):
            year, month, day, *time, _ = self.moment()
            who = self.pick(NAMES)
            parts.append(
                f"commit {self.hex(40)}\nAuthor: {who.capitalize()} {self.pick(NAMES).capitalize()} <{who}@{self.pick(HOSTS)}>\n"
                f"Date:   {self.pick(DAYS)} {MONTHS[month - 1]} {day} {time[0]:02}:{time[1]:02}:{time[2]:02} {year} {self.pick('+-')}0{self.int(0, 9)}00\n\n    {self.subject()}\n"
            )
        return "\n".join(parts)

    def subject(self) -> str:
        return self.pick(("", "feat: ", "fix: ", "docs: ", "chore(deps): ", f"{self.pick(NOUNS)}: ", "Merge ", "test: ")) + f"{self.pick(VERBS)} {self.words(2, 8)}" + self.pick(("", "", f" (#{self.int(1, 9999)})"))

    def git_status(self) -> str:
        if self.chance(0.4):
            return "\n".join(f"{self.pick((' M', '??', 'A ', 'D ', 'MM', 'R '))} {self.path()}" for _ in range(self.int(1, 10)))
        changed = "\n".join(f"\t{self.pick(('modified:   ', 'deleted:    ', 'new file:   '))}{self.path()}" for _ in range(self.int(1, 6)))
        return (
            f"On branch {self.branch or 'main'}\nYour branch is up to date with 'origin/{self.branch or 'main'}'.\n\nChanges not staged for commit:\n"
            f'  (use "git add <file>..." to update what will be committed)\n{changed}\n\nno changes added to commit (use "git add" and/or "git commit -a")'
        )

    def diff(self) -> str:
        path = f"{self.folder()}/{self.file()}"
        lines = [f"diff --git a/{path} b/{path}", f"index {self.hex(7)}..{self.hex(7)} 100644", f"--- a/{path}", f"+++ b/{path}"]
        for _ in range(self.int(1, 3)):
            start = self.int(1, 900)
            body = self.code(self.int(150, 900)).split("\n")
            marks = self.rng.choices((" ", "-", "+"), weights=(6, 2, 3), k=len(body))
            old, new = sum(m != "+" for m in marks), sum(m != "-" for m in marks)
            lines.append(f"@@ -{start},{old} +{start + self.int(-9, 9)},{new} @@" + self.pick(("", f" def {self.identifier()}(self):", f" func {self.identifier()}() error {{")))
            lines += [mark + line for mark, line in zip(marks, body)]
        return "\n".join(lines)

    def listing(self) -> str:
        start = self.pick((1, 1, self.int(1, 2000)))
        form = self.pick(("{:6}\t{}", "{:6}\t{}", "{}→{}", "{:6}→{}", "{:5} | {}", "{}: {}", "{:4}  {}", "L{}:{}"))
        body = self.code(self.int(200, 1800)) if self.chance(0.8) else self.docs(self.int(200, 1200))
        return "\n".join([form.format(start + i, line) for i, line in enumerate(body.split("\n"))])

    def grep(self) -> str:
        lines = [line for line in self.code(self.int(300, 1200)).split("\n") if line.strip()]
        path, number, out = self.path(), self.int(1, 100), []
        for line in lines:
            if self.chance(0.3):
                path, number = self.path(), self.int(1, 100)
            number += self.int(1, 60)
            out.append(f"{path}:{number}:{line}")
        return "\n".join(out)

    def pytest(self) -> str:
        n, bad = self.int(3, 80), self.int(0, 3)
        year = "=" * self.int(10, 28)
        head = f"{year} test session starts {year}\nplatform linux -- Python 3.{self.int(8, 14)}.{self.int(0, 12)}, pytest-{self.semver()}, pluggy-{self.semver()}\nrootdir: {self.cwd}\ncollected {n} items\n\n"
        rows = []
        for _ in range(self.int(1, 8)):
            if self.chance(0.5):
                rows.append(f"tests/test_{self.pick(NOUNS)}.py {'.' * self.int(1, 30)}{self.pick(('', '', 'F', 's', 'x'))} [{self.int(1, 100):3}%]")
            else:
                rows.append(f"tests/test_{self.pick(NOUNS)}.py::test_{self.identifier()} {self.pick(('PASSED', 'PASSED', 'FAILED', 'SKIPPED'))} [{self.int(1, 100):3}%]")
        fails = [f"FAILED tests/test_{self.pick(NOUNS)}.py::test_{self.identifier()} - AssertionError: assert {self.number()} == {self.number()}" for _ in range(bad)]
        return head + "\n".join([*rows, "", *fails, f"{year} {f'{bad} failed, ' if bad else ''}{n} passed in {self.rng.random() * 20:.2f}s {year}"])

    def install(self) -> str:
        kind = self.int(0, 2)
        noun = lambda: f"{self.pick(NOUNS)}{self.pick(('', '-' + self.pick(NOUNS), '_' + self.pick(NOUNS)))}"  # noqa: E731
        if kind == 0:
            lines = [f"{self.pick(('Collecting', 'Requirement already satisfied:'))} {noun()}>={self.semver()}" for _ in range(self.int(2, 8))]
            lines.insert(1, f"  Downloading {noun()}-{self.semver()}-py3-none-any.whl ({self.int(5, 900)} kB)")
            return "\n".join([*lines, "Successfully installed " + " ".join(f"{noun()}-{self.semver()}" for _ in range(self.int(1, 6)))])
        if kind == 1:
            lines = [f"   {self.pick(('Compiling', 'Downloaded', 'Checking', 'Adding'))} {noun()} v{self.semver()}" for _ in range(self.int(3, 14))]
            return "\n".join([*lines, f"    Finished `release` profile [optimized] target(s) in {self.rng.random() * 90:.2f}s"])
        return f"\n> {noun()}@{self.semver()} build\n> tsc -p tsconfig.json && vite build\n\nadded {self.int(2, 900)} packages, and audited {self.int(10, 2000)} packages in {self.int(1, 60)}s\n\n{self.int(1, 200)} packages are looking for funding\n  run `npm fund` for details\n\nfound {self.int(0, 9)} vulnerabilities"

    def compiler(self) -> str:
        parts = []
        for _ in range(self.int(1, 4)):
            line, number, column = self.code(90).split("\n")[0], self.int(1, 900), self.int(1, 60)
            path, name = f"{self.folder()}/{self.file()}", self.identifier()
            parts.append(
                self.pick(
                    (
                        f"{path}:{number}:{column}: error: '{name}' was not declared in this scope; did you mean '{self.identifier()}'?\n{number:5} | {line}\n      | {' ' * (column % 40)}^~~~~~~~",
                        f"error[E0{self.int(100, 799)}]: mismatched types\n  --> {path}:{number}:{column}\n   |\n{number} | {line}\n   | {' ' * (column % 40)}^^^^ expected `{name}`, found `{self.identifier()}`",
                        f"{path}({number},{column}): error TS{self.int(1000, 9999)}: Property '{name}' does not exist on type '{self.identifier()}'.",
                        f"{path}:{number}:{column}: undefined: {name}",
                        f"{path}:{number}:{column}: warning: unused variable '{name}' [-Wunused-variable]",
                        f"{path}:{number}: error: Argument {self.int(1, 4)} to \"{name}\" has incompatible type \"str\"; expected \"int\"  [arg-type]",
                    )
                )
            )
        return "\n".join(parts)

    def traceback(self) -> str:
        lines = ["Traceback (most recent call last):"]
        for _ in range(self.int(1, 6)):
            code = self.code(120).split("\n")[0].strip() or "return self"
            lines.append(f'  File "{self.cwd}/{self.folder()}/{self.pick(NOUNS)}.py", line {self.int(1, 999)}, in {self.identifier()}\n    {code}')
        error = self.pick(("KeyError: '{w}'", "ValueError: {s}", "TypeError: {w}() takes {n} positional arguments but {m} were given", "ModuleNotFoundError: No module named '{w}'", "AssertionError", "FileNotFoundError: [Errno 2] No such file or directory: '{p}'", "json.decoder.JSONDecodeError: Expecting value: line 1 column {n} (char {m})", "AttributeError: 'NoneType' object has no attribute '{w}'"))
        return "\n".join([*lines, error.format(w=self.identifier(), s=self.words(3, 9), n=self.int(1, 9), m=self.int(1, 99), p=self.path())])

    def log(self) -> str:
        form, lines, who = self.int(0, 7), [], self.pick(NOUNS)
        for _ in range(self.int(3, 16)):
            year, month, day, hour, minute, second, micro = self.moment()
            level = self.pick(("INFO", "INFO", "INFO", "DEBUG", "WARN", "WARNING", "ERROR"))
            text = self.pick((f"{self.pick(VERBS)} {self.pick(NOUNS)} {self.number()}", self.words(3, 10), f"{self.identifier()} took {self.number()}", f"{self.pick(NOUNS)}={self.number()} {self.pick(NOUNS)}={self.number()} id={self.hex(8)}", f"GET /{self.pick(NOUNS)}/{self.int(1, 999)} {self.pick((200, 201, 304, 404, 500))} {self.number()}"))
            date, time = f"{year}-{month:02}-{day:02}", f"{hour:02}:{minute:02}:{second:02}"
            if form == 0:
                lines.append(f"{date} {time},{micro // 1000:03} - {who}.{self.pick(NOUNS)} - {level} - {text}")
            elif form == 1:
                lines.append(f"[{date}T{time}Z] {level:7} {text}")
            elif form == 2:
                lines.append(f"{MONTHS[month - 1]} {day:2} {time} {who}-{self.int(1, 9)} {self.pick(NOUNS)}[{self.int(100, 32000)}]: {text}")
            elif form == 3:
                lines.append(f"time={date}T{time}.{micro // 1000:03}Z level={level} source={self.pick(NOUNS)}.go:{self.int(1, 900)} msg=\"{text}\" component={self.pick(NOUNS)}")
            elif form == 4:
                lines.append(f'{self.ip()} - - [{day:02}/{MONTHS[month - 1]}/{year}:{time} +0000] "{self.pick(("GET", "POST", "PUT"))} /{self.pick(NOUNS)}/{self.hex(6)} HTTP/1.1" {self.pick((200, 200, 204, 301, 404, 502))} {self.int(0, 90000)} "-" "curl/{self.semver()}"')
            elif form == 5:
                lines.append(f"{level[0]}{month:02}{day:02} {time}.{micro:06} {self.int(1, 9999):7} {self.pick(NOUNS)}.go:{self.int(1, 999)}] {text}")
            elif form == 6:
                lines.append(json.dumps({"level": level.lower(), "ts": round(self.clock, 3), "msg": text, "caller": f"{who}/{self.file()}:{self.int(1, 900)}"}))
            else:
                lines.append(f"{time} {level} {text}")
        return "\n".join(lines)

    def csv(self) -> str:
        separator, columns = self.pick((",", ",", "\t", ";")), self.int(3, 9)
        makers = [self.pick((self.number, self.number, lambda: f"{self.rng.gauss(0, 10):.4f}", lambda: str(self.int(1, 9999)), lambda: self.pick(NOUNS), lambda: self.iso()[:10], lambda: self.hex(8), lambda: self.pick(NAMES).capitalize(), lambda: '"' + self.words(2, 5) + '"')) for _ in range(columns)]
        lines = [separator.join(self.name() for _ in range(columns))]
        lines += [separator.join([make() for make in makers]) for _ in range(self.int(4, 20))]
        return "\n".join(lines)

    def floats(self) -> str:
        columns, digits, width = self.int(3, 9), self.int(2, 6), self.int(9, 13)
        form = self.pick(("%*.*f", "%*.*f", "%*.*e", "%-*.*f"))
        names = ["epoch", *(self.pick(NOUNS) for _ in range(columns))]
        lines = ["".join(f"{name[:width - 1]:>{width}}" for name in names)]
        for row in range(self.int(4, 16)):
            lines.append(f"{row:{width}}" + "".join([form % (width, digits, self.rng.gauss(0, 20)) for _ in range(columns)]))
        return "\n".join(lines)

    def yaml(self) -> str:
        lines = []
        for _ in range(self.int(2, 6)):
            lines.append(f"{self.pick(NOUNS)}:")
            for _ in range(self.int(1, 5)):
                lines.append(f"  {self.name()}: " + self.pick((self.number(), f'"{self.words(1, 5)}"', "true", "false", self.url(), self.path(), f"{self.pick(NOUNS)}/{self.pick(NOUNS)}:{self.semver()}", f"\n    - {self.name()}\n    - {self.name()}", "null", "${{ secrets.%s_TOKEN }}" % self.pick(NOUNS).upper())))
        return "\n".join(lines)

    def toml(self) -> str:
        lines = []
        for _ in range(self.int(1, 4)):
            lines.append(self.pick((f"[{self.pick(NOUNS)}]", f"[tool.{self.pick(NOUNS)}.{self.pick(NOUNS)}]", f"[[{self.pick(NOUNS)}]]")))
            lines += [f"{self.name()} = " + self.pick((f'"{self.semver()}"', str(self.int(0, 9999)), "true", "false", f'["{self.pick(NOUNS)}", "{self.pick(NOUNS)}>={self.semver()}"]', f'{{ version = "{self.semver()}", features = ["{self.pick(NOUNS)}"] }}', f'"{self.path()}"')) for _ in range(self.int(1, 6))]
            lines.append("")
        return "\n".join(lines)

    def sql(self) -> str:
        table, noun = f"{self.pick(NOUNS)}s", self.pick(NOUNS)
        return self.pick(
            (
                f"SELECT {noun}, COUNT(*) AS n, AVG({self.pick(NOUNS)}_ms)\nFROM {table} t\nLEFT JOIN {self.pick(NOUNS)}s u ON u.id = t.{noun}_id\nWHERE t.created_at >= '{self.iso()[:10]}' AND t.{self.pick(NOUNS)} <> {self.int(0, 99)}\nGROUP BY {noun}\nHAVING COUNT(*) > {self.int(1, 99)}\nORDER BY n DESC\nLIMIT {self.int(1, 500)};",
                f"CREATE TABLE IF NOT EXISTS {table} (\n  id INTEGER PRIMARY KEY,\n  {noun}_id BIGINT NOT NULL REFERENCES {self.pick(NOUNS)}s(id) ON DELETE CASCADE,\n  {self.pick(NOUNS)} VARCHAR({self.int(8, 512)}) DEFAULT '{noun}',\n  created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP\n);\nCREATE INDEX idx_{table}_{noun} ON {table}({noun}_id);",
                f"INSERT INTO {table} (id, {noun}, {self.pick(NOUNS)}) VALUES ({self.int(1, 9999)}, '{self.words(1, 4).replace(chr(39), chr(39) * 2)}', {self.number()});",
                f"UPDATE {table} SET {noun} = {noun} + {self.int(1, 9)} WHERE id IN ({self.int(1, 99)}, {self.int(100, 999)}) RETURNING *;",
            )
        )

    def http(self) -> str:
        head = self.pick((f"HTTP/1.1 {self.pick(('200 OK', '201 Created', '404 Not Found', '429 Too Many Requests', '500 Internal Server Error'))}", f"{self.pick(('GET', 'POST', 'DELETE'))} /v{self.int(1, 3)}/{self.pick(NOUNS)}/{self.hex(8)} HTTP/1.1\nHost: {self.pick(HOSTS)}", "< HTTP/2 200"))
        rows = [f"date: {self.pick(DAYS)}, {self.int(1, 28)} {self.pick(MONTHS)} 20{self.int(10, 29)} {self.int(0, 23):02}:{self.int(0, 59):02}:{self.int(0, 59):02} GMT", f"content-type: {self.pick(('application/json', 'text/html; charset=utf-8', 'text/event-stream'))}", f"content-length: {self.int(0, 99999)}", f'etag: W/"{self.hex(16)}"', f"x-request-id: {self.uuid()}", f"authorization: Bearer {self.base62(self.int(20, 60))}", f"user-agent: {self.pick(NOUNS)}/{self.semver()}", f"cache-control: max-age={self.int(0, 9999)}", f"set-cookie: {self.pick(NOUNS)}={self.base62(24)}; Path=/; HttpOnly"]
        return "\n".join([head, *self.rng.sample(rows, self.int(3, 8))])

    def promql(self) -> str:
        return "\n".join(
            f'{self.pick(("sum", "avg", "max", "topk(5, sum"))}{self.pick(("", f" by ({self.pick(NOUNS)})"))} (rate({self.pick(NOUNS)}_{self.pick(NOUNS)}_total{{job="{self.pick(NOUNS)}",{self.pick(NOUNS)}=~"{self.pick(NOUNS)}.*",instance!="{self.ip()}:{self.int(1000, 9999)}"}}[{self.int(1, 30)}m])) {self.pick("><")} {self.number()}'
            if self.chance(0.5)
            else f'{self.pick(NOUNS)}_{self.pick(NOUNS)}_seconds_bucket{{le="{self.rng.random():.3g}",{self.pick(NOUNS)}="{self.pick(NOUNS)}"}} {self.int(0, 99999)}'
            for _ in range(self.int(2, 8))
        )

    def xml(self) -> str:
        tag = self.pick(("div", "li", "item", "section", "entry", self.pick(NOUNS)))
        rows = [f'  <{tag} id="{self.identifier()}" class="{self.pick(NOUNS)} {self.pick(NOUNS)}-{self.int(1, 12)}" {self.pick(NOUNS)}="{self.number()}">{self.words(1, 9)}</{tag}>' for _ in range(self.int(1, 7))]
        return "\n".join([f"<{self.pick(NOUNS)}>", *rows, self.pick((f'  <a href="{self.url()}">{self.words(1, 4)}</a>', f"  <{tag} />", "  <!-- " + self.words(2, 6) + " -->"))])

    def tagged(self) -> str:
        tag = self.pick(("system-reminder", "environment_context", "command-name", "local-command-stdout", "tool_use_error", "thinking", "user_instructions", "result", "example", "file", "context"))
        return f"<{tag}>\n{self.paragraph()}\n</{tag}>"

    def identifiers(self) -> str:
        makers = (self.uuid, lambda: self.hex(self.pick((7, 8, 12, 32, 40, 64))), self.ip, self.url, self.path, self.semver, lambda: f"{self.pick(NAMES)}.{self.pick(NAMES)}@{self.pick(HOSTS)}", lambda: "sha256:" + self.hex(64), lambda: self.id("toolu_01"), lambda: "sk-" + self.base62(32), self.number, self.iso, lambda: base64.b64encode(self.rng.randbytes(self.int(6, 60))).decode(), self.identifier)
        label = self.chance(0.5)
        return "\n".join((f"{self.pick(NOUNS)}: " if label else "") + self.pick(makers)() for _ in range(self.int(2, 9)))

    def base64_block(self) -> str:
        text = base64.b64encode(self.rng.randbytes(self.int(60, 600))).decode()
        width = self.pick((64, 76, 10_000))
        return "\n".join(text[i : i + width] for i in range(0, len(text), width))

    def process_table(self) -> str:
        rows = [f"{self.pick(NAMES):8} {self.int(1, 32000):7} {self.rng.random() * 50:4.1f} {self.rng.random() * 9:4.1f} {self.int(1000, 9999999):8} {self.int(100, 999999):7} {self.pick(('pts/0', '?'))}  {self.pick(('Ss', 'R+', 'S', 'Sl'))} {self.int(0, 23):02}:{self.int(0, 59):02} {self.int(0, 9)}:{self.int(0, 59):02} {self.command()}" for _ in range(self.int(2, 8))]
        return "\n".join(["USER         PID %CPU %MEM      VSZ     RSS TTY   STAT START TIME COMMAND", *rows])

    def object(self, depth: int) -> typing.Any:
        """A JSON value of nested objects, as configurations and answers of services are."""
        result: dict[str, typing.Any] = {}
        for _ in range(self.int(2, 6)):
            kind = self.int(0, 9)
            key = self.name()
            if kind < 2 and depth:
                result[key] = self.object(depth - 1)
            elif kind == 2 and depth:
                result[key] = [self.object(0) for _ in range(self.int(1, 3))]
            elif kind == 3:
                result[key] = [self.pick(NOUNS) for _ in range(self.int(0, 5))]
            elif kind == 4:
                result[key] = self.rng.choice((True, False, None, 0, 1, -1))
            elif kind == 5:
                result[key] = round(self.rng.random() * 10 ** self.int(0, 5), self.int(0, 6))
            elif kind == 6:
                result[key] = self.int(0, 10 ** self.int(1, 9))
            elif kind == 7:
                result[key] = self.pick((self.uuid, self.url, self.path, self.iso, self.ip, self.semver, lambda: self.hex(40)))()
            else:
                result[key] = self.words(1, 12)
        return result

    def objects(self) -> str:
        indent = self.pick((None, None, 2, 2, 4))
        return "\n".join(self.dump(self.object(2), indent) for _ in range(self.int(1, 4)))

    def dump(self, value: typing.Any, indent: int | None = None) -> str:
        """JSON with or without blanks after the signs, with or without escapes for what is
        not ASCII: agents write all of these."""
        separators = None if indent or self.chance(0.4) else (",", ":")
        return json.dumps(value, ensure_ascii=self.chance(0.3), indent=indent, separators=separators)

    def body(self) -> str:
        """What a tool gives back or a message holds."""
        return self.rng.choices(BODIES, cum_weights=BODY_WEIGHTS)[0](self)

    # Events

    def usage(self) -> dict:
        usage: dict[str, typing.Any] = {
            "input_tokens": self.int(1, 12) if self.chance(0.6) else self.int(1, 99_999),
            "cache_creation_input_tokens": self.int(0, 30_000),
            "cache_read_input_tokens": self.int(0, 180_000),
        }
        if self.chance(0.6):
            usage["cache_creation"] = {"ephemeral_5m_input_tokens": self.int(0, 30_000), "ephemeral_1h_input_tokens": self.pick((0, self.int(0, 20_000)))}
        usage |= {"output_tokens": self.int(1, 3_000), "service_tier": self.pick(("standard", "standard", "default"))}
        if self.chance(0.3):
            usage["server_tool_use"] = {"web_search_requests": self.int(0, 3), "web_fetch_requests": 0}
        return usage

    def tool_input(self, tool: str) -> dict:
        if tool in ("Bash", "BashOutput"):
            command = self.command()
            if self.chance(0.3):
                command = f"cd {self.cwd} && {command}" + self.pick(("", " 2>&1 | tail -20", " | head -50", f" && {self.command()}"))
            return {"command": command, "description": f"{self.pick(VERBS).capitalize()} {self.pick(NOUNS)} {self.pick(NOUNS)}"} | ({"timeout": self.int(1, 600) * 1000} if self.chance(0.2) else {})
        path = f"{self.cwd}/{self.folder()}/{self.file()}"
        if tool == "Read":
            return {"file_path": path} | ({"offset": self.int(1, 900), "limit": self.int(20, 400)} if self.chance(0.4) else {})
        if tool == "Write":
            return {"file_path": path, "content": self.code(self.int(200, 2000)) + "\n"}
        if tool in ("Edit", "MultiEdit"):
            old = self.code(self.int(60, 500))
            return {"file_path": path, "old_string": old, "new_string": old[: len(old) // 2] + self.code(self.int(40, 300)), "replace_all": False}
        if tool == "Grep":
            return {"pattern": self.pick((self.identifier(), f"def {self.pick(VERBS)}_\\w+\\(", f"(?i){self.pick(NOUNS)}|{self.pick(NOUNS)}", "TODO|FIXME")), "path": self.folder(), "output_mode": self.pick(("content", "files_with_matches")), "-n": True}
        if tool == "Glob":
            return {"pattern": f"**/*{self.pick(NOUNS)}*.{self.pick(SUFFIXES)}"}
        if tool == "TodoWrite":
            return {"todos": [{"content": f"{self.pick(VERBS).capitalize()} {self.words(2, 8)}", "status": self.pick(("completed", "in_progress", "pending")), "activeForm": f"{self.pick(VERBS).capitalize()}ing {self.pick(NOUNS)}"} for _ in range(self.int(2, 6))]}
        if tool in ("WebFetch", "WebSearch"):
            return {"url": self.url(), "prompt": self.sentence()} if tool == "WebFetch" else {"query": self.words(2, 9)}
        if tool == "Task":
            return {"description": self.words(2, 5), "prompt": self.paragraph(), "subagent_type": self.pick(("general-purpose", "Explore", "code-reviewer"))}
        return self.object(1)

    def blocks(self) -> list[dict]:
        """The content of one assistant message: text, thinking and calls of tools."""
        result: list[dict] = []
        if self.chance(0.15):
            result.append({"type": "thinking", "thinking": self.paragraph(), "signature": base64.b64encode(self.rng.randbytes(self.int(40, 240))).decode()})
        if self.chance(0.6):
            result.append({"type": "text", "text": self.paragraph() if self.chance(0.6) else self.markdown()})
        if self.chance(0.7) or not result:
            tool = self.pick(TOOLS)
            result.append({"type": "tool_use", "id": self.id("toolu_01"), "name": tool, "input": self.tool_input(tool)})
        return result

    def result_block(self, identifier: str) -> dict:
        text = self.body()
        content: typing.Any = text if self.chance(0.6) else [{"type": "text", "text": text}]
        block = {"tool_use_id": identifier, "type": "tool_result", "content": content}
        return block | ({"is_error": self.chance(0.3)} if self.chance(0.5) else {})

    def assistant_message(self) -> dict:
        blocks = self.blocks()
        message = {"id": self.id("msg_01"), "type": "message", "role": "assistant", "model": self.model, "content": blocks, "stop_reason": self.pick((None, "tool_use", "end_turn")), "stop_sequence": None, "usage": self.usage()}
        if self.chance(0.4):
            message = {"model": self.model, "id": message["id"], "type": "message", "role": "assistant"} | message
        return message

    def user_content(self) -> typing.Any:
        kind = self.int(0, 9)
        if kind < 6:
            return [self.result_block(self.id("toolu_01"))]
        text = self.paragraph() if kind < 9 else self.tagged() + "\n" + self.paragraph()
        return text if self.chance(0.5) else [{"type": "text", "text": text}]

    def tool_outcome(self, content: typing.Any) -> typing.Any:
        """The second copy of a result that session files keep beside the message."""
        text = content[0].get("content", "") if isinstance(content, list) else content
        if not isinstance(text, str):
            text = text[0]["text"]
        kind = self.int(0, 3)
        if kind == 0:
            return {"stdout": text, "stderr": "", "interrupted": False, "isImage": False}
        if kind == 1:
            return {"type": "text", "file": {"filePath": self.path(), "content": text, "numLines": text.count("\n") + 1, "startLine": 1, "totalLines": self.int(10, 2000)}}
        if kind == 2:
            return {"filePath": self.path(), "oldString": self.code(80), "newString": self.code(120), "structuredPatch": [{"oldStart": self.int(1, 900), "oldLines": self.int(1, 9), "newStart": self.int(1, 900), "newLines": self.int(1, 9), "lines": [" " + line for line in self.code(200).split("\n")]}], "userModified": False, "replaceAll": False}
        return "Error: " + self.sentence()

    def session_lines(self) -> str:
        """Lines of a Claude Code session file."""
        lines = []
        for _ in range(self.int(1, 4)):
            this, kind = self.uuid(), self.int(0, 19)
            base: dict[str, typing.Any] = {"parentUuid": self.previous, "isSidechain": self.chance(0.1), "userType": "external", "cwd": self.cwd, "sessionId": self.session, "version": self.version, "gitBranch": self.branch}
            if kind < 9:
                event = base | {"message": self.assistant_message(), "requestId": self.id("req_011"), "type": "assistant", "uuid": this, "timestamp": self.iso()}
            elif kind < 17:
                content = self.user_content()
                event = base | {"type": "user", "message": {"role": "user", "content": content}, "uuid": this, "timestamp": self.iso()}
                if self.chance(0.5):
                    event["toolUseResult"] = self.tool_outcome(content)
            elif kind == 17:
                event = {"type": "summary", "summary": self.words(3, 9), "leafUuid": self.uuid()}
            elif kind == 18:
                event = base | {"type": "system", "content": self.sentence(), "isMeta": False, "timestamp": self.iso(), "uuid": this, "toolUseID": self.id("toolu_01"), "level": "info"}
            else:
                event = {"type": "file-history-snapshot", "messageId": self.uuid(), "snapshot": {"messageId": self.uuid(), "trackedFileBackups": {self.path(): {"backupFileName": f"{self.hex(16)}@v{self.int(1, 9)}", "version": self.int(1, 9), "backupTime": self.iso()}}, "timestamp": self.iso()}, "isSnapshotUpdate": False}
            self.previous = this
            lines.append(self.dump(event))
        return "\n".join(lines)

    def stream_lines(self) -> str:
        """Lines of Claude Code's stream-json output."""
        lines = []
        for _ in range(self.int(1, 4)):
            kind = self.int(0, 19)
            tail = {"parent_tool_use_id": None, "session_id": self.session, "uuid": self.uuid(), "timestamp": self.iso()}
            if kind < 9:
                event = {"type": "assistant", "message": self.assistant_message() | {"context_management": None}} | tail | {"request_id": self.id("req_011")}
            elif kind < 16:
                content = self.user_content()
                event = {"type": "user", "message": {"role": "user", "content": content}} | tail | {"tool_use_result": self.tool_outcome(content)}
            elif kind == 16:
                event = {"type": "system", "subtype": "init", "cwd": self.cwd, "session_id": self.session, "tools": self.rng.sample(sorted(set(TOOLS)), self.int(4, 15)), "mcp_servers": [], "model": self.model, "permissionMode": self.pick(("default", "acceptEdits", "bypassPermissions", "plan")), "slash_commands": [self.identifier() for _ in range(self.int(2, 12))], "apiKeySource": "none", "output_style": "default", "uuid": self.uuid()}
            elif kind == 17:
                event = {"type": "result", "subtype": "success", "is_error": False, "duration_ms": self.int(1000, 999999), "duration_api_ms": self.int(1000, 999999), "num_turns": self.int(1, 90), "result": self.markdown(), "session_id": self.session, "total_cost_usd": self.rng.random() * 5, "usage": self.usage(), "permission_denials": [], "uuid": self.uuid()}
            else:
                event = {"type": "stream_event", "event": {"type": "content_block_delta", "index": self.int(0, 3), "delta": self.pick(({"type": "text_delta", "text": self.words(1, 5)}, {"type": "input_json_delta", "partial_json": json.dumps(self.words(1, 6))}))}} | tail
            lines.append(self.dump(event))
        return "\n".join(lines)

    def rollout_lines(self) -> str:
        """Lines of a Codex rollout."""
        lines = []
        for _ in range(self.int(1, 4)):
            call = f"call_{self.base62(24)}"
            payload = self.pick(
                (
                    lambda: {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": self.paragraph()}]},
                    lambda: {"type": "message", "role": "user", "content": [{"type": "input_text", "text": self.paragraph()}]},
                    lambda: {"type": "function_call", "name": "shell", "arguments": json.dumps({"command": ["bash", "-lc", self.command()], "workdir": self.cwd, "timeout_ms": self.int(1, 120) * 1000}), "call_id": call},
                    lambda: {"type": "function_call_output", "call_id": call, "output": json.dumps({"output": self.body() + "\n", "metadata": {"exit_code": self.int(0, 2), "duration_seconds": round(self.rng.random() * 9, 1)}})},
                    lambda: {"type": "reasoning", "summary": [{"type": "summary_text", "text": f"**{self.words(2, 6)}**\n\n{self.paragraph()}"}], "content": None, "encrypted_content": "gAAAAAB" + self.base62(self.int(60, 300))},
                    lambda: {"type": "token_count", "info": {"total_token_usage": {"input_tokens": self.int(1, 10**6), "cached_input_tokens": self.int(1, 10**6), "output_tokens": self.int(1, 10**5), "reasoning_output_tokens": self.int(0, 10**4), "total_tokens": self.int(1, 10**6)}}},
                )
            )()
            kind = "event_msg" if payload["type"] == "token_count" else "response_item"
            lines.append(self.dump({"timestamp": self.iso(), "type": kind, "payload": payload}))
        return "\n".join(lines)

    def openai_messages(self) -> str:
        """Chat messages of the OpenAI interface; arguments are JSON inside JSON."""
        messages: list[dict] = []
        for _ in range(self.int(1, 4)):
            kind = self.int(0, 6)
            if kind == 0:
                messages.append({"role": self.pick(("system", "developer")), "content": self.paragraph()})
            elif kind < 3:
                messages.append({"role": "user", "content": self.paragraph() if self.chance(0.7) else [{"type": "text", "text": self.paragraph()}]})
            elif kind < 5:
                messages.append({"role": "assistant", "content": self.markdown(), "refusal": None} if self.chance(0.3) else {"role": "assistant", "content": self.markdown()})
            else:
                call = f"call_{self.base62(24)}"
                tool = self.pick(TOOLS)
                messages.append({"role": "assistant", "content": None, "tool_calls": [{"id": call, "type": "function", "function": {"name": self.pick((tool.lower(), self.identifier())), "arguments": json.dumps(self.tool_input(tool))}}]})
                messages.append({"role": "tool", "tool_call_id": call, "content": self.body() if self.chance(0.6) else json.dumps(self.object(1))})
        kind = self.int(0, 3)
        if kind == 0:
            return "\n".join(self.dump(message) for message in messages)
        if kind == 1:
            return self.dump({"model": self.model, "messages": messages, "temperature": self.pick((0, 0.2, 0.7, 1.0)), "stream": True}, self.pick((None, 2)))
        return self.dump(messages, self.pick((None, None, 2, 4)))

    def chat_lists(self) -> str:
        """One chat a line: a list of messages that name their speaker and time."""
        lines = []
        for _ in range(self.int(1, 3)):
            chat = []
            for _ in range(self.int(1, 3)):
                time = self.iso_long()
                chat.append({"role": "user", "content": self.pick(("User: ", "User: ", "Human: ", "")) + self.paragraph(), "timestamp": time})
                chat.append({"role": "assistant", "content": self.pick(("Assistant: ", "Assistant: ", "AI: ", "")) + (self.markdown() if self.chance(0.75) else self.paragraph()), "timestamp": time})
            lines.append(self.dump([chat] if self.chance(0.4) else chat))
        return "\n".join(lines)

    def sharegpt(self) -> str:
        turns = []
        for _ in range(self.int(1, 4)):
            turns += [{"from": self.pick(("human", "human", "user")), "value": self.paragraph()}, {"from": "gpt", "value": self.markdown()}]
        return self.dump({"id": self.pick((self.base62(7), self.uuid(), self.int(1, 99999))), "conversations": turns}, self.pick((None, None, 2)))

    def trajectory(self) -> str:
        """Steps of a run, the arguments and observations nested."""
        steps = []
        for number in range(self.int(1, 3)):
            tool = self.pick(TOOLS)
            steps.append({"step_id": number + self.int(1, 90), "timestamp": self.iso(), "source": "agent", "model_name": self.model, "message": self.sentence(), "tool_calls": [{"tool_call_id": self.id("toolu_01"), "function_name": tool, "arguments": self.tool_input(tool)}], "observation": {"results": [{"content": self.body()}]}, "metrics": {"prompt_tokens": self.int(1, 99999), "completion_tokens": self.int(1, 9999), "cached_tokens": self.int(0, 99999)}})
        return self.dump(steps, self.pick((None, 2, 2, 4)))

    def plain_chat(self) -> str:
        """A chat as plain text."""
        parts = []
        user, agent = self.pick((("User: ", "Assistant: "), ("Human: ", "AI: "), ("### User\n", "### Assistant\n"), ("> ", "⏺ "), ("<|user|>\n", "<|assistant|>\n"), ("[user] ", "[assistant] ")))
        for _ in range(self.int(1, 4)):
            parts += [user + self.paragraph(), agent + (self.markdown() if self.chance(0.6) else self.paragraph())]
            if self.chance(0.4):
                parts.append(f"⏺ {self.pick(TOOLS)}({self.command()})\n  ⎿  " + self.body().replace("\n", "\n     "))
        return "\n\n".join(parts)

    def twice_escaped(self) -> str:
        """JSON in a string in JSON, as logs of agents that call agents have it."""
        inner = json.dumps({"result": self.body(), "status": self.pick(("ok", "error")), "path": self.path()}, ensure_ascii=self.chance(0.5))
        event = {"type": "tool_result", "id": self.id("toolu_01"), "output": inner, "ts": self.iso()}
        return self.dump(event if self.chance(0.6) else {"level": "info", "payload": json.dumps(event)})


# What tools return and messages hold, with how often.
_BODY_TABLE = (
    (lambda m: m.code(m.int(200, 2000)), 14),
    (Maker.listing, 16),
    (lambda m: m.docs(m.int(200, 1500)), 9),
    (lambda m: m.prose(m.int(150, 1500)), 6),
    (Maker.markdown, 8),
    (Maker.shell, 6),
    (lambda m: m.output(), 14),
    (Maker.diff, 6),
    (Maker.objects, 4),
    (Maker.log, 4),
    (Maker.paragraph, 5),
    (Maker.tagged, 2),
    (Maker.identifiers, 3),
    (Maker.base64_block, 1),
    (lambda m: m.pick(("", "OK", "File created successfully at: " + m.path(), "The file " + m.path() + " has been updated.", "Error: " + m.sentence())), 4),
)
BODIES = tuple(make for make, _ in _BODY_TABLE)
BODY_WEIGHTS = tuple(sum(weight for _, weight in _BODY_TABLE[: i + 1]) for i in range(len(_BODY_TABLE)))

OUTPUTS = (
    Maker.ls, Maker.git_log, Maker.git_status, Maker.diff, Maker.grep, Maker.grep, Maker.pytest, Maker.pytest, Maker.install, Maker.compiler,
    Maker.traceback, Maker.log, Maker.tree, Maker.process_table, Maker.csv, Maker.floats, Maker.http, Maker.listing, Maker.objects,
)  # fmt: skip

# The kinds of a sample and how often each is drawn.
KINDS: dict[str, tuple[typing.Callable[[Maker], str], int]] = {
    "session_lines": (Maker.session_lines, 13),
    "stream_lines": (Maker.stream_lines, 13),
    "rollout_lines": (Maker.rollout_lines, 5),
    "openai_messages": (Maker.openai_messages, 8),
    "chat_lists": (Maker.chat_lists, 11),
    "sharegpt": (Maker.sharegpt, 4),
    "trajectory": (Maker.trajectory, 4),
    "twice_escaped": (Maker.twice_escaped, 4),
    "plain_chat": (Maker.plain_chat, 6),
    "markdown": (Maker.markdown, 6),
    "shell": (Maker.shell, 6),
    "diff": (Maker.diff, 3),
    "listing": (Maker.listing, 4),
    "grep": (Maker.grep, 1),
    "traceback": (Maker.traceback, 1),
    "compiler": (Maker.compiler, 1),
    "log": (Maker.log, 4),
    "csv": (Maker.csv, 2),
    "floats": (Maker.floats, 2),
    "yaml": (Maker.yaml, 2),
    "toml": (Maker.toml, 1),
    "sql": (Maker.sql, 2),
    "http": (Maker.http, 1),
    "promql": (Maker.promql, 1),
    "xml": (Maker.xml, 2),
    "objects": (Maker.objects, 3),
    "identifiers": (Maker.identifiers, 3),
    "base64_block": (Maker.base64_block, 1),
}
_MAKERS = tuple(make for make, _ in KINDS.values())
_WEIGHTS = tuple(sum(weight for _, weight in list(KINDS.values())[: i + 1]) for i in range(len(KINDS)))


def generate(rng: random.Random, texts: typing.Mapping[str, Slices], characters: int) -> str:
    """At least `characters` characters, which start anywhere inside the first piece.
    `texts`: slices of "prose", "code" and "docs"."""
    maker = Maker(rng, texts)
    parts, length = [], -1  # the last part is followed by no newline
    while length < characters:
        # A session keeps its kind for a while, so that ids and times repeat as they do.
        make = rng.choices(_MAKERS, cum_weights=_WEIGHTS)[0]
        for _ in range(rng.randint(1, 2)):
            part = make(maker)
            if not parts:
                part = part[int(rng.random() * len(part) * 0.8) :]
            parts.append(part)
            length += len(part) + 1
            if length >= characters:
                break
    return "\n".join(parts)
