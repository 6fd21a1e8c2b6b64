"""What commands print: listings, diffs, histories, tests, compilers, tracebacks."""

from __future__ import annotations

from .agent_data import Data
from .agent_values import (
    COMMANDS,
    DAYS,
    HOSTS,
    MONTHS,
    NAMES,
    SUFFIXES,
    VERBS,
)


class Output(Data):
    """Makes the output of commands around slices of real code."""

    def code(self, characters: int) -> str:
        text = self.texts["code"].lines(self.rng, characters)
        return text.replace("    ", "\t") if self.tabs else text

    def docs(self, characters: int) -> str:
        return self.texts["docs"].lines(self.rng, characters)

    def prose(self, characters: int) -> str:
        return self.texts["prose"].lines(self.rng, characters)

    def command(self) -> str:
        return self.pick(COMMANDS).format(
            n=self.int(1, 50), m=self.int(51, 400), path=self.path(), dir=self.folder(), word=self.pick(VERBS), noun=self.noun(),
            noun2=self.noun(), NOUN=self.noun().upper(), NOUN2=self.noun().upper(), url=self.url(), ext=self.pick(SUFFIXES),
            name=self.pick(NAMES), ip=self.ip(),
        )  # fmt: skip

    def ls(self) -> str:
        lines = [f"total {self.int(4, 999)}"]
        owner = self.pick(NAMES)
        for name in (".", "..", *(self.pick((self.file(), self.noun())) for _ in range(self.int(2, 14)))):
            _, month, day, hour, minute, _, _ = self.moment()
            mode = self.pick(("drwxr-xr-x", "-rw-r--r--", "-rw-r--r--", "-rwxr-xr-x", "lrwxrwxrwx", "-rw-------"))
            lines.append(
                f"{mode} {self.int(1, 24):2} {owner} {owner} {int(10 ** (self.random() * 6)):7} {MONTHS[month - 1]} {day:2} {hour:02}:{minute:02} {name}"
            )
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
        return (
            self.pick(("", "feat: ", "fix: ", "docs: ", "chore(deps): ", f"{self.noun()}: ", "Merge ", "test: "))
            + f"{self.pick(VERBS)} {self.words(2, 8)}"
            + self.pick(("", "", f" (#{self.int(1, 9999)})"))
        )

    def git_status(self) -> str:
        if self.chance(0.4):
            return "\n".join(
                f"{self.pick((' M', '??', 'A ', 'D ', 'MM', 'R '))} {self.path()}" for _ in range(self.int(1, 10))
            )
        changed = "\n".join(
            f"\t{self.pick(('modified:   ', 'deleted:    ', 'new file:   '))}{self.path()}"
            for _ in range(self.int(1, 6))
        )
        return (
            f"On branch {self.branch or 'main'}\nYour branch is up to date with 'origin/{self.branch or 'main'}'.\n\nChanges not staged for commit:\n"
            f'  (use "git add <file>..." to update what will be committed)\n{changed}\n\nno changes added to commit (use "git add" and/or "git commit -a")'
        )

    def diff(self) -> str:
        path = f"{self.folder()}/{self.file()}"
        lines = [
            f"diff --git a/{path} b/{path}",
            f"index {self.hex(7)}..{self.hex(7)} 100644",
            f"--- a/{path}",
            f"+++ b/{path}",
        ]
        for _ in range(self.int(1, 3)):
            start = self.int(1, 900)
            body = self.code(self.size(150, 1500)).split("\n")
            marks = self.rng.choices((" ", "-", "+"), weights=(6, 2, 3), k=len(body))
            old, new = sum(m != "+" for m in marks), sum(m != "-" for m in marks)
            lines.append(
                f"@@ -{start},{old} +{start + self.int(-9, 9)},{new} @@"
                + self.pick(("", f" def {self.identifier()}(self):", f" func {self.identifier()}() error {{"))
            )
            lines += [mark + line for mark, line in zip(marks, body)]
        return "\n".join(lines)

    def listing(self) -> str:
        start = self.pick((1, 1, self.int(1, 2000)))
        form = self.pick(
            (
                "{:6}\t{}",
                "{:6}\t{}",
                "{:6}\t{}",
                "{}\t{}",
                "{}→{}",
                "{:6}→{}",
                "{:5} | {}",
                "{}: {}",
                "{:4}  {}",
                "L{}:{}",
            )
        )
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
                rows.append(
                    f"tests/test_{self.noun()}.py {'.' * self.int(1, 30)}{self.pick(('', '', 'F', 's', 'x'))} [{self.int(1, 100):3}%]"
                )
            else:
                rows.append(
                    f"tests/test_{self.noun()}.py::test_{self.identifier()} {self.pick(('PASSED', 'PASSED', 'FAILED', 'SKIPPED'))} [{self.int(1, 100):3}%]"
                )
        fails = [
            f"FAILED tests/test_{self.noun()}.py::test_{self.identifier()} - AssertionError: assert {self.number()} == {self.number()}"
            for _ in range(bad)
        ]
        return head + "\n".join(
            [
                *rows,
                "",
                *fails,
                f"{year} {f'{bad} failed, ' if bad else ''}{n} passed in {self.random() * 20:.2f}s {year}",
            ]
        )

    def install(self) -> str:
        kind = self.int(0, 2)
        package = lambda: f"{self.noun()}{self.pick(('', '-' + self.noun(), '_' + self.noun()))}"  # noqa: E731
        if kind == 0:
            lines = [
                f"{self.pick(('Collecting', 'Requirement already satisfied:'))} {package()}>={self.semver()}"
                for _ in range(self.int(2, 8))
            ]
            lines.insert(1, f"  Downloading {package()}-{self.semver()}-py3-none-any.whl ({self.int(5, 900)} kB)")
            return "\n".join(
                [
                    *lines,
                    "Successfully installed " + " ".join(f"{package()}-{self.semver()}" for _ in range(self.int(1, 6))),
                ]
            )
        if kind == 1:
            lines = [
                f"   {self.pick(('Compiling', 'Downloaded', 'Checking', 'Adding'))} {package()} v{self.semver()}"
                for _ in range(self.int(3, 14))
            ]
            return "\n".join(
                [*lines, f"    Finished `release` profile [optimized] target(s) in {self.random() * 90:.2f}s"]
            )
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
                        f'{path}:{number}: error: Argument {self.int(1, 4)} to "{name}" has incompatible type "str"; expected "int"  [arg-type]',
                    )
                )
            )
        return "\n".join(parts)

    def traceback(self) -> str:
        lines = ["Traceback (most recent call last):"]
        for _ in range(self.int(1, 6)):
            code = self.code(120).split("\n")[0].strip() or "return self"
            lines.append(
                f'  File "{self.under(self.folder())}/{self.noun()}.py", line {self.int(1, 999)}, in {self.identifier()}\n    {code}'
            )
        error = self.pick(
            (
                "KeyError: '{w}'",
                "ValueError: {s}",
                "TypeError: {w}() takes {n} positional arguments but {m} were given",
                "ModuleNotFoundError: No module named '{w}'",
                "AssertionError",
                "FileNotFoundError: [Errno 2] No such file or directory: '{p}'",
                "json.decoder.JSONDecodeError: Expecting value: line 1 column {n} (char {m})",
                "AttributeError: 'NoneType' object has no attribute '{w}'",
            )
        )
        return "\n".join(
            [
                *lines,
                error.format(
                    w=self.identifier(), s=self.words(3, 9), n=self.int(1, 9), m=self.int(1, 99), p=self.path()
                ),
            ]
        )

    def process_table(self) -> str:
        rows = [
            f"{self.pick(NAMES):8} {self.int(1, 32000):7} {self.random() * 50:4.1f} {self.random() * 9:4.1f} {self.int(1000, 9999999):8} {self.int(100, 999999):7} {self.pick(('pts/0', '?'))}  {self.pick(('Ss', 'R+', 'S', 'Sl'))} {self.int(0, 23):02}:{self.int(0, 59):02} {self.int(0, 9)}:{self.int(0, 59):02} {self.command()}"
            for _ in range(self.int(2, 8))
        ]
        return "\n".join(["USER         PID %CPU %MEM      VSZ     RSS TTY   STAT START TIME COMMAND", *rows])
