"""Blocks of text as tools return and messages hold them: markdown, shell output, diffs, tables."""

from __future__ import annotations

import base64
import json
import typing

from fovea.training.agent_values import COMMANDS, DAYS, HOSTS, LANGUAGES, MONTHS, NAMES, SUFFIXES, SYMBOLS, VERBS, Values


class Blocks(Values):
    """Makes blocks of text. Each method gives one, without a newline at its end."""

    def code(self, characters: int) -> str:
        text = self.texts["code"].lines(self.rng, characters)
        return text.replace("    ", "\t") if self.tabs else text

    def docs(self, characters: int) -> str:
        return self.texts["docs"].lines(self.rng, characters)

    def prose(self, characters: int) -> str:
        return self.texts["prose"].lines(self.rng, characters)

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
            return self.pick(("✅", "❌", "⭐" * self.int(1, 5), "⚠️", "✓", "—", "n/a", "yes", "no", "**High**", "Medium", "Low", "TBD"))
        if kind == 6:
            return f"**{self.number()}**"
        return self.words(1, 7)

    def bullets(self) -> str:
        mark = self.pick(("- ", "- ", "* ", "• ", "  - ", "- [ ] ", "- [x] ", "#. "))
        lines = []
        for place in range(self.int(2, 8)):
            head = f"{place + 1}. " if mark == "#. " else mark
            bold = self.pick(("", "", f"**{self.noun().capitalize()}**: ", f"**{self.words(1, 3)}** — ", f"`{self.identifier()}` - ", f"`{self.path()}`: ", self.pick(SYMBOLS) + " "))
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
            lines.append("│   " * depth + self.pick(("├── ", "├── ", "└── ", "├─ ")) + self.pick((self.file(), self.noun() + "/")) + self.pick(("", "", f"  # {self.words(2, 6)}")))
        return "\n".join(lines)

    def box(self) -> str:
        width = self.int(16, 60)
        lines = ["┌" + "─" * width + "┐"]
        lines += [f"│ {self.words(1, 8)[: width - 2]:{width - 2}} │" for _ in range(self.int(1, 5))]
        return "\n".join([*lines, "└" + "─" * width + "┘"])

    def heading(self) -> str:
        mark = self.pick(("# ", "## ", "## ", "### ", "### ", "#### ", "**"))
        text = self.pick((self.words(1, 6), f"{self.pick(VERBS).capitalize()} the {self.noun()}", f"{self.int(1, 9)}. {self.words(1, 5)}", f"Phase {self.int(1, 6)}: {self.words(1, 5)}", f"{self.pick(SYMBOLS)} {self.words(1, 4)}"))
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
            n=self.int(1, 50), m=self.int(51, 400), path=self.path(), dir=self.folder(), word=self.pick(VERBS), noun=self.noun(),
            noun2=self.noun(), NOUN=self.noun().upper(), NOUN2=self.noun().upper(), url=self.url(), ext=self.pick(SUFFIXES),
            name=self.pick(NAMES), ip=self.ip(),
        )  # fmt: skip

    def shell(self) -> str:
        prompt = self.pick(("$ ", "$ ", "# ", "> ", f"{self.pick(NAMES)}@{self.noun()}:~/{self.noun()}$ ", f"(venv) {self.pick(NAMES)}@{self.hex(12)}:{self.cwd}# ", "❯ ", f"➜  {self.noun()} git:(main) ✗ "))
        parts = []
        for _ in range(self.int(1, 4)):
            parts += [prompt + self.command(), self.output()]
        return "\n".join(parts)

    def output(self) -> str:
        return self.pick(OUTPUTS)(self)

    def ls(self) -> str:
        lines = [f"total {self.int(4, 999)}"]
        owner = self.pick(NAMES)
        for name in (".", "..", *(self.pick((self.file(), self.noun())) for _ in range(self.int(2, 14)))):
            _, month, day, hour, minute, _, _ = self.moment()
            mode = self.pick(("drwxr-xr-x", "-rw-r--r--", "-rw-r--r--", "-rwxr-xr-x", "lrwxrwxrwx", "-rw-------"))
            lines.append(f"{mode} {self.int(1, 24):2} {owner} {owner} {int(10 ** (self.random() * 6)):7} {MONTHS[month - 1]} {day:2} {hour:02}:{minute:02} {name}")
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
        return self.pick(("", "feat: ", "fix: ", "docs: ", "chore(deps): ", f"{self.noun()}: ", "Merge ", "test: ")) + f"{self.pick(VERBS)} {self.words(2, 8)}" + self.pick(("", "", f" (#{self.int(1, 9999)})"))

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
            body = self.code(self.size(150, 1500)).split("\n")
            marks = self.rng.choices((" ", "-", "+"), weights=(6, 2, 3), k=len(body))
            old, new = sum(m != "+" for m in marks), sum(m != "-" for m in marks)
            lines.append(f"@@ -{start},{old} +{start + self.int(-9, 9)},{new} @@" + self.pick(("", f" def {self.identifier()}(self):", f" func {self.identifier()}() error {{")))
            lines += [mark + line for mark, line in zip(marks, body)]
        return "\n".join(lines)

    def listing(self) -> str:
        start = self.pick((1, 1, self.int(1, 2000)))
        form = self.pick(("{:6}\t{}", "{:6}\t{}", "{:6}\t{}", "{}\t{}", "{}→{}", "{:6}→{}", "{:5} | {}", "{}: {}", "{:4}  {}", "L{}:{}"))
        body = self.code(self.size(300, 5000)) if self.chance(0.8) else self.docs(self.size(200, 3000))
        return "\n".join([form.format(start + i, line) for i, line in enumerate(body.split("\n"))])

    def grep(self) -> str:
        lines = [line for line in self.code(self.size(300, 2000)).split("\n") if line.strip()]
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
                rows.append(f"tests/test_{self.noun()}.py {'.' * self.int(1, 30)}{self.pick(('', '', 'F', 's', 'x'))} [{self.int(1, 100):3}%]")
            else:
                rows.append(f"tests/test_{self.noun()}.py::test_{self.identifier()} {self.pick(('PASSED', 'PASSED', 'FAILED', 'SKIPPED'))} [{self.int(1, 100):3}%]")
        fails = [f"FAILED tests/test_{self.noun()}.py::test_{self.identifier()} - AssertionError: assert {self.number()} == {self.number()}" for _ in range(bad)]
        return head + "\n".join([*rows, "", *fails, f"{year} {f'{bad} failed, ' if bad else ''}{n} passed in {self.random() * 20:.2f}s {year}"])

    def install(self) -> str:
        kind = self.int(0, 2)
        package = lambda: f"{self.noun()}{self.pick(('', '-' + self.noun(), '_' + self.noun()))}"  # noqa: E731
        if kind == 0:
            lines = [f"{self.pick(('Collecting', 'Requirement already satisfied:'))} {package()}>={self.semver()}" for _ in range(self.int(2, 8))]
            lines.insert(1, f"  Downloading {package()}-{self.semver()}-py3-none-any.whl ({self.int(5, 900)} kB)")
            return "\n".join([*lines, "Successfully installed " + " ".join(f"{package()}-{self.semver()}" for _ in range(self.int(1, 6)))])
        if kind == 1:
            lines = [f"   {self.pick(('Compiling', 'Downloaded', 'Checking', 'Adding'))} {package()} v{self.semver()}" for _ in range(self.int(3, 14))]
            return "\n".join([*lines, f"    Finished `release` profile [optimized] target(s) in {self.random() * 90:.2f}s"])
        return f"\n> {package()}@{self.semver()} build\n> tsc -p tsconfig.json && vite build\n\nadded {self.int(2, 900)} packages, and audited {self.int(10, 2000)} packages in {self.int(1, 60)}s\n\n{self.int(1, 200)} packages are looking for funding\n  run `npm fund` for details\n\nfound {self.int(0, 9)} vulnerabilities"

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
            lines.append(f'  File "{self.under(self.folder())}/{self.noun()}.py", line {self.int(1, 999)}, in {self.identifier()}\n    {code}')
        error = self.pick(("KeyError: '{w}'", "ValueError: {s}", "TypeError: {w}() takes {n} positional arguments but {m} were given", "ModuleNotFoundError: No module named '{w}'", "AssertionError", "FileNotFoundError: [Errno 2] No such file or directory: '{p}'", "json.decoder.JSONDecodeError: Expecting value: line 1 column {n} (char {m})", "AttributeError: 'NoneType' object has no attribute '{w}'"))
        return "\n".join([*lines, error.format(w=self.identifier(), s=self.words(3, 9), n=self.int(1, 9), m=self.int(1, 99), p=self.path())])

    def log(self) -> str:
        form, lines, who = self.int(0, 7), [], self.noun()
        for _ in range(self.int(3, 16)):
            year, month, day, hour, minute, second, micro = self.moment()
            level = self.pick(("INFO", "INFO", "INFO", "DEBUG", "WARN", "WARNING", "ERROR"))
            text = self.pick((f"{self.pick(VERBS)} {self.noun()} {self.number()}", self.words(3, 10), f"{self.identifier()} took {self.number()}", f"{self.noun()}={self.number()} {self.noun()}={self.number()} id={self.hex(8)}", f"GET /{self.noun()}/{self.int(1, 999)} {self.pick((200, 201, 304, 404, 500))} {self.number()}"))
            date, time = f"{year}-{month:02}-{day:02}", f"{hour:02}:{minute:02}:{second:02}"
            if form == 0:
                lines.append(f"{date} {time},{micro // 1000:03} - {who}.{self.noun()} - {level} - {text}")
            elif form == 1:
                lines.append(f"[{date}T{time}Z] {level:7} {text}")
            elif form == 2:
                lines.append(f"{MONTHS[month - 1]} {day:2} {time} {who}-{self.int(1, 9)} {self.noun()}[{self.int(100, 32000)}]: {text}")
            elif form == 3:
                lines.append(f"time={date}T{time}.{micro // 1000:03}Z level={level} source={self.noun()}.go:{self.int(1, 900)} msg=\"{text}\" component={self.noun()}")
            elif form == 4:
                lines.append(f'{self.ip()} - - [{day:02}/{MONTHS[month - 1]}/{year}:{time} +0000] "{self.pick(("GET", "POST", "PUT"))} /{self.noun()}/{self.hex(6)} HTTP/1.1" {self.pick((200, 200, 204, 301, 404, 502))} {self.int(0, 90000)} "-" "curl/{self.semver()}"')
            elif form == 5:
                lines.append(f"{level[0]}{month:02}{day:02} {time}.{micro:06} {self.int(1, 9999):7} {self.noun()}.go:{self.int(1, 999)}] {text}")
            elif form == 6:
                lines.append(json.dumps({"level": level.lower(), "ts": round(self.clock, 3), "msg": text, "caller": f"{who}/{self.file()}:{self.int(1, 900)}"}))
            else:
                lines.append(f"{time} {level} {text}")
        return "\n".join(lines)

    def csv(self) -> str:
        separator, columns = self.pick((",", ",", "\t", ";")), self.int(3, 9)
        makers = [self.pick((self.number, self.number, lambda: f"{self.rng.gauss(0, 10):.4f}", lambda: str(self.int(1, 9999)), lambda: self.noun(), lambda: self.iso()[:10], lambda: self.hex(8), lambda: self.pick(NAMES).capitalize(), lambda: '"' + self.words(2, 5) + '"')) for _ in range(columns)]
        lines = [separator.join(self.name() for _ in range(columns))]
        lines += [separator.join([make() for make in makers]) for _ in range(self.int(4, 20))]
        return "\n".join(lines)

    def floats(self) -> str:
        columns, digits, width = self.int(3, 9), self.int(2, 6), self.int(9, 13)
        form = self.pick(("%*.*f", "%*.*f", "%*.*e", "%-*.*f"))
        names = ["epoch", *(self.noun() for _ in range(columns))]
        lines = ["".join(f"{name[:width - 1]:>{width}}" for name in names)]
        for row in range(self.int(4, 16)):
            lines.append(f"{row:{width}}" + "".join([form % (width, digits, self.rng.gauss(0, 20)) for _ in range(columns)]))
        return "\n".join(lines)

    def yaml(self) -> str:
        lines = []
        for _ in range(self.int(2, 6)):
            lines.append(f"{self.noun()}:")
            for _ in range(self.int(1, 5)):
                lines.append(f"  {self.name()}: " + self.pick((self.number(), f'"{self.words(1, 5)}"', "true", "false", self.url(), self.path(), f"{self.noun()}/{self.noun()}:{self.semver()}", f"\n    - {self.name()}\n    - {self.name()}", "null", "${{ secrets.%s_TOKEN }}" % self.noun().upper())))
        return "\n".join(lines)

    def toml(self) -> str:
        lines = []
        for _ in range(self.int(1, 4)):
            lines.append(self.pick((f"[{self.noun()}]", f"[tool.{self.noun()}.{self.noun()}]", f"[[{self.noun()}]]")))
            lines += [f"{self.name()} = " + self.pick((f'"{self.semver()}"', str(self.int(0, 9999)), "true", "false", f'["{self.noun()}", "{self.noun()}>={self.semver()}"]', f'{{ version = "{self.semver()}", features = ["{self.noun()}"] }}', f'"{self.path()}"')) for _ in range(self.int(1, 6))]
            lines.append("")
        return "\n".join(lines)

    def sql(self) -> str:
        table, noun = f"{self.noun()}s", self.noun()
        return self.pick(
            (
                f"SELECT {noun}, COUNT(*) AS n, AVG({self.noun()}_ms)\nFROM {table} t\nLEFT JOIN {self.noun()}s u ON u.id = t.{noun}_id\nWHERE t.created_at >= '{self.iso()[:10]}' AND t.{self.noun()} <> {self.int(0, 99)}\nGROUP BY {noun}\nHAVING COUNT(*) > {self.int(1, 99)}\nORDER BY n DESC\nLIMIT {self.int(1, 500)};",
                f"CREATE TABLE IF NOT EXISTS {table} (\n  id INTEGER PRIMARY KEY,\n  {noun}_id BIGINT NOT NULL REFERENCES {self.noun()}s(id) ON DELETE CASCADE,\n  {self.noun()} VARCHAR({self.int(8, 512)}) DEFAULT '{noun}',\n  created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP\n);\nCREATE INDEX idx_{table}_{noun} ON {table}({noun}_id);",
                f"INSERT INTO {table} (id, {noun}, {self.noun()}) VALUES ({self.int(1, 9999)}, '{self.words(1, 4).replace(chr(39), chr(39) * 2)}', {self.number()});",
                f"UPDATE {table} SET {noun} = {noun} + {self.int(1, 9)} WHERE id IN ({self.int(1, 99)}, {self.int(100, 999)}) RETURNING *;",
            )
        )

    def http(self) -> str:
        head = self.pick((f"HTTP/1.1 {self.pick(('200 OK', '201 Created', '404 Not Found', '429 Too Many Requests', '500 Internal Server Error'))}", f"{self.pick(('GET', 'POST', 'DELETE'))} /v{self.int(1, 3)}/{self.noun()}/{self.hex(8)} HTTP/1.1\nHost: {self.pick(HOSTS)}", "< HTTP/2 200"))
        rows = [f"date: {self.pick(DAYS)}, {self.int(1, 28)} {self.pick(MONTHS)} 20{self.int(10, 29)} {self.int(0, 23):02}:{self.int(0, 59):02}:{self.int(0, 59):02} GMT", f"content-type: {self.pick(('application/json', 'text/html; charset=utf-8', 'text/event-stream'))}", f"content-length: {self.int(0, 99999)}", f'etag: W/"{self.hex(16)}"', f"x-request-id: {self.uuid()}", f"authorization: Bearer {self.base62(self.int(20, 60))}", f"user-agent: {self.noun()}/{self.semver()}", f"cache-control: max-age={self.int(0, 9999)}", f"set-cookie: {self.noun()}={self.base62(24)}; Path=/; HttpOnly"]
        return "\n".join([head, *self.rng.sample(rows, self.int(3, 8))])

    def promql(self) -> str:
        return "\n".join(
            f'{self.pick(("sum", "avg", "max", "topk(5, sum"))}{self.pick(("", f" by ({self.noun()})"))} (rate({self.noun()}_{self.noun()}_total{{job="{self.noun()}",{self.noun()}=~"{self.noun()}.*",instance!="{self.ip()}:{self.int(1000, 9999)}"}}[{self.int(1, 30)}m])) {self.pick("><")} {self.number()}'
            if self.chance(0.5)
            else f'{self.noun()}_{self.noun()}_seconds_bucket{{le="{self.random():.3g}",{self.noun()}="{self.noun()}"}} {self.int(0, 99999)}'
            for _ in range(self.int(2, 8))
        )

    def xml(self) -> str:
        tag = self.pick(("div", "li", "item", "section", "entry", self.noun()))
        rows = [f'  <{tag} id="{self.identifier()}" class="{self.noun()} {self.noun()}-{self.int(1, 12)}" {self.noun()}="{self.number()}">{self.words(1, 9)}</{tag}>' for _ in range(self.int(1, 7))]
        return "\n".join([f"<{self.noun()}>", *rows, self.pick((f'  <a href="{self.url()}">{self.words(1, 4)}</a>', f"  <{tag} />", "  <!-- " + self.words(2, 6) + " -->"))])

    def tagged(self) -> str:
        tag = self.pick(("system-reminder", "environment_context", "command-name", "local-command-stdout", "tool_use_error", "thinking", "user_instructions", "result", "example", "file", "context"))
        return f"<{tag}>\n{self.paragraph()}\n</{tag}>"

    def identifiers(self) -> str:
        makers = (self.uuid, lambda: self.hex(self.pick((7, 8, 12, 32, 40, 64))), self.ip, self.url, self.path, self.semver, lambda: f"{self.pick(NAMES)}.{self.pick(NAMES)}@{self.pick(HOSTS)}", lambda: "sha256:" + self.hex(64), lambda: self.id("toolu_01"), lambda: "sk-" + self.base62(32), self.number, self.iso, lambda: base64.b64encode(self.rng.randbytes(self.int(6, 60))).decode(), self.identifier)
        label = self.chance(0.5)
        return "\n".join((f"{self.noun()}: " if label else "") + self.pick(makers)() for _ in range(self.int(2, 9)))

    def base64_block(self) -> str:
        text = base64.b64encode(self.rng.randbytes(self.int(60, 600))).decode()
        width = self.pick((64, 76, 10_000))
        return "\n".join(text[i : i + width] for i in range(0, len(text), width))

    def process_table(self) -> str:
        rows = [f"{self.pick(NAMES):8} {self.int(1, 32000):7} {self.random() * 50:4.1f} {self.random() * 9:4.1f} {self.int(1000, 9999999):8} {self.int(100, 999999):7} {self.pick(('pts/0', '?'))}  {self.pick(('Ss', 'R+', 'S', 'Sl'))} {self.int(0, 23):02}:{self.int(0, 59):02} {self.int(0, 9)}:{self.int(0, 59):02} {self.command()}" for _ in range(self.int(2, 8))]
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
                result[key] = [self.noun() for _ in range(self.int(0, 5))]
            elif kind == 4:
                result[key] = self.rng.choice((True, False, None, 0, 1, -1))
            elif kind == 5:
                result[key] = round(self.random() * 10 ** self.int(0, 5), self.int(0, 6))
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
    (lambda m: m.pick(("", "OK", "File created successfully at: " + m.path(), "The file " + m.path() + " has been updated.", "Error: " + m.sentence())), 4),
)
BODIES = tuple(make for make, _ in _BODY_TABLE)
BODY_WEIGHTS = tuple(sum(weight for _, weight in _BODY_TABLE[: i + 1]) for i in range(len(_BODY_TABLE)))

OUTPUTS = (
    Blocks.ls, Blocks.git_log, Blocks.git_status, Blocks.diff, Blocks.grep, Blocks.grep, Blocks.pytest, Blocks.pytest, Blocks.install, Blocks.compiler,
    Blocks.traceback, Blocks.log, Blocks.tree, Blocks.process_table, Blocks.csv, Blocks.floats, Blocks.http, Blocks.listing, Blocks.objects,
)  # fmt: skip
