"""What commands print, around slices of real code: listings, diffs, histories, tests, compilers, tracebacks."""

from __future__ import annotations

from .session import Session
from .vocabulary import COMMANDS, DAYS, HOSTS, MONTHS, NAMES, SUFFIXES, VERBS

MODES = ("drwxr-xr-x", "-rw-r--r--", "-rw-r--r--", "-rwxr-xr-x", "lrwxrwxrwx", "-rw-------")
LISTINGS = (
    "{:6}\t{}", "{:6}\t{}", "{:6}\t{}", "{}\t{}", "{}→{}", "{:6}→{}", "{:5} | {}", "{}: {}", "{:4}  {}", "L{}:{}",
)  # fmt: skip
ERRORS = (
    "KeyError: '{w}'",
    "ValueError: {s}",
    "TypeError: {w}() takes {n} positional arguments but {m} were given",
    "ModuleNotFoundError: No module named '{w}'",
    "AssertionError",
    "FileNotFoundError: [Errno 2] No such file or directory: '{p}'",
    "json.decoder.JSONDecodeError: Expecting value: line 1 column {n} (char {m})",
    "AttributeError: 'NoneType' object has no attribute '{w}'",
)


def command(s: Session) -> str:
    return s.pick(COMMANDS).format(
        n=s.int(1, 50), m=s.int(51, 400), path=s.path(), dir=s.folder(), word=s.pick(VERBS), noun=s.noun(),
        noun2=s.noun(), NOUN=s.noun().upper(), NOUN2=s.noun().upper(), url=s.url(), ext=s.pick(SUFFIXES),
        name=s.pick(NAMES), ip=s.ip(),
    )  # fmt: skip


def ls(s: Session) -> str:
    lines = [f"total {s.int(4, 999)}"]
    owner = s.pick(NAMES)
    for name in (".", "..", *(s.pick((s.file(), s.noun())) for _ in range(s.int(2, 14)))):
        _, month, day, hour, minute, _, _ = s.moment()
        head = f"{s.pick(MODES)} {s.int(1, 24):2} {owner} {owner} {int(10 ** (s.random() * 6)):7}"
        lines.append(f"{head} {MONTHS[month - 1]} {day:2} {hour:02}:{minute:02} {name}")
    return "\n".join(lines)


def _subject(s: Session) -> str:
    kind = s.pick(("", "feat: ", "fix: ", "docs: ", "chore(deps): ", f"{s.noun()}: ", "Merge ", "test: "))
    what = f"{s.pick(VERBS)} {s.words(2, 8)}"
    return kind + what + s.pick(("", "", f" (#{s.int(1, 9999)})"))


def _commit(s: Session) -> str:
    year, month, day, hour, minute, second, _ = s.moment()
    who = s.pick(NAMES)
    author = f"commit {s.hex(40)}\nAuthor: {who.capitalize()} {s.pick(NAMES).capitalize()} <{who}@{s.pick(HOSTS)}>"
    date = f"{s.pick(DAYS)} {MONTHS[month - 1]} {day} {hour:02}:{minute:02}:{second:02} {year}"
    return f"{author}\nDate:   {date} {s.pick('+-')}0{s.int(0, 9)}00\n\n    {_subject(s)}\n"


def git_log(s: Session) -> str:
    if s.chance(0.5):
        return "\n".join(f"{s.hex(7)} {_subject(s)}" for _ in range(s.int(3, 15)))
    return "\n".join([_commit(s) for _ in range(s.int(1, 4))])


def git_status(s: Session) -> str:
    if s.chance(0.4):
        marks = (" M", "??", "A ", "D ", "MM", "R ")
        return "\n".join(f"{s.pick(marks)} {s.path()}" for _ in range(s.int(1, 10)))
    marks = ("modified:   ", "deleted:    ", "new file:   ")
    changed = "\n".join(f"\t{s.pick(marks)}{s.path()}" for _ in range(s.int(1, 6)))
    branch = s.branch or "main"
    return (
        f"On branch {branch}\nYour branch is up to date with 'origin/{branch}'.\n\n"
        f'Changes not staged for commit:\n  (use "git add <file>..." to update what will be committed)\n'
        f'{changed}\n\nno changes added to commit (use "git add" and/or "git commit -a")'
    )


def diff(s: Session) -> str:
    path = f"{s.folder()}/{s.file()}"
    index = f"index {s.hex(7)}..{s.hex(7)} 100644"
    lines = [f"diff --git a/{path} b/{path}", index, f"--- a/{path}", f"+++ b/{path}"]
    for _ in range(s.int(1, 3)):
        start = s.int(1, 900)
        body = s.code(s.size(150, 1500)).split("\n")
        marks = s.rng.choices((" ", "-", "+"), weights=(6, 2, 3), k=len(body))
        old, new = sum(m != "+" for m in marks), sum(m != "-" for m in marks)
        hunk = f"@@ -{start},{old} +{start + s.int(-9, 9)},{new} @@"
        inside = ("", f" def {s.identifier()}(self):", f" func {s.identifier()}() error {{")
        lines += [hunk + s.pick(inside), *(mark + line for mark, line in zip(marks, body))]
    return "\n".join(lines)


def listing(s: Session) -> str:
    start = s.pick((1, 1, s.int(1, 2000)))
    form = s.pick(LISTINGS)
    body = s.code(s.size(300, 5000)) if s.chance(0.8) else s.docs(s.size(200, 3000))
    return "\n".join([form.format(start + i, line) for i, line in enumerate(body.split("\n"))])


def grep(s: Session) -> str:
    lines = [line for line in s.code(s.size(300, 2000)).split("\n") if line.strip()]
    path, number, out = s.path(), s.int(1, 100), []
    for line in lines:
        if s.chance(0.3):
            path, number = s.path(), s.int(1, 100)
        number += s.int(1, 60)
        out.append(f"{path}:{number}:{line}")
    return "\n".join(out)


def _test_row(s: Session) -> str:
    if s.chance(0.5):
        name, dots = f"tests/test_{s.noun()}.py", "." * s.int(1, 30)
        return f"{name} {dots}{s.pick(('', '', 'F', 's', 'x'))} [{s.int(1, 100):3}%]"
    name = f"tests/test_{s.noun()}.py::test_{s.identifier()}"
    return f"{name} {s.pick(('PASSED', 'PASSED', 'FAILED', 'SKIPPED'))} [{s.int(1, 100):3}%]"


def _failed(s: Session) -> str:
    name = f"tests/test_{s.noun()}.py::test_{s.identifier()}"
    return f"FAILED {name} - AssertionError: assert {s.number()} == {s.number()}"


def pytest(s: Session) -> str:
    n, bad = s.int(3, 80), s.int(0, 3)
    rule = "=" * s.int(10, 28)
    head = (
        f"{rule} test session starts {rule}\n"
        f"platform linux -- Python 3.{s.int(8, 14)}.{s.int(0, 12)}, pytest-{s.semver()}, pluggy-{s.semver()}\n"
        f"rootdir: {s.cwd}\ncollected {n} items\n"
    )
    rows = [_test_row(s) for _ in range(s.int(1, 8))]
    fails = [_failed(s) for _ in range(bad)]
    end = f"{rule} {f'{bad} failed, ' if bad else ''}{n} passed in {s.random() * 20:.2f}s {rule}"
    return "\n".join([head, *rows, "", *fails, end])


def _package(s: Session) -> str:
    return f"{s.noun()}{s.pick(('', '-' + s.noun(), '_' + s.noun()))}"


def _pip(s: Session) -> str:
    states = ("Collecting", "Requirement already satisfied:")
    lines = [f"{s.pick(states)} {_package(s)}>={s.semver()}" for _ in range(s.int(2, 8))]
    lines.insert(1, f"  Downloading {_package(s)}-{s.semver()}-py3-none-any.whl ({s.int(5, 900)} kB)")
    done = " ".join(f"{_package(s)}-{s.semver()}" for _ in range(s.int(1, 6)))
    return "\n".join([*lines, f"Successfully installed {done}"])


def _cargo(s: Session) -> str:
    states = ("Compiling", "Downloaded", "Checking", "Adding")
    lines = [f"   {s.pick(states)} {_package(s)} v{s.semver()}" for _ in range(s.int(3, 14))]
    end = f"    Finished `release` profile [optimized] target(s) in {s.random() * 90:.2f}s"
    return "\n".join([*lines, end])


def _npm(s: Session) -> str:
    return (
        f"\n> {_package(s)}@{s.semver()} build\n> tsc -p tsconfig.json && vite build\n\n"
        f"added {s.int(2, 900)} packages, and audited {s.int(10, 2000)} packages in {s.int(1, 60)}s\n\n"
        f"{s.int(1, 200)} packages are looking for funding\n  run `npm fund` for details\n\n"
        f"found {s.int(0, 9)} vulnerabilities"
    )


def install(s: Session) -> str:
    return s.pick((_pip, _cargo, _npm))(s)


def _complaint(s: Session) -> str:
    line, number, column = s.code(90).split("\n")[0], s.int(1, 900), s.int(1, 60)
    path, name = f"{s.folder()}/{s.file()}", s.identifier()
    place, blanks = f"{path}:{number}:{column}", " " * (column % 40)
    return s.pick(
        (
            f"{place}: error: '{name}' was not declared in this scope; did you mean '{s.identifier()}'?\n"
            f"{number:5} | {line}\n      | {blanks}^~~~~~~~",
            f"error[E0{s.int(100, 799)}]: mismatched types\n  --> {place}\n   |\n{number} | {line}\n"
            f"   | {blanks}^^^^ expected `{name}`, found `{s.identifier()}`",
            f"{path}({number},{column}): error TS{s.int(1000, 9999)}: "
            f"Property '{name}' does not exist on type '{s.identifier()}'.",
            f"{place}: undefined: {name}",
            f"{place}: warning: unused variable '{name}' [-Wunused-variable]",
            f'{path}:{number}: error: Argument {s.int(1, 4)} to "{name}" has incompatible type "str"; '
            f'expected "int"  [arg-type]',
        )
    )


def compiler(s: Session) -> str:
    return "\n".join([_complaint(s) for _ in range(s.int(1, 4))])


def traceback(s: Session) -> str:
    lines = ["Traceback (most recent call last):"]
    for _ in range(s.int(1, 6)):
        code = s.code(120).split("\n")[0].strip() or "return self"
        file = f"{s.under(s.folder())}/{s.noun()}.py"
        lines.append(f'  File "{file}", line {s.int(1, 999)}, in {s.identifier()}\n    {code}')
    error = s.pick(ERRORS)
    values = {"w": s.identifier(), "s": s.words(3, 9), "n": s.int(1, 9), "m": s.int(1, 99), "p": s.path()}
    return "\n".join([*lines, error.format(**values)])


def _process(s: Session) -> str:
    shares = f"{s.pick(NAMES):8} {s.int(1, 32000):7} {s.random() * 50:4.1f} {s.random() * 9:4.1f}"
    sizes = f"{s.int(1000, 9999999):8} {s.int(100, 999999):7} {s.pick(('pts/0', '?'))}"
    times = f"{s.pick(('Ss', 'R+', 'S', 'Sl'))} {s.int(0, 23):02}:{s.int(0, 59):02} {s.int(0, 9)}:{s.int(0, 59):02}"
    return f"{shares} {sizes}  {times} {command(s)}"


def process_table(s: Session) -> str:
    rows = [_process(s) for _ in range(s.int(2, 8))]
    return "\n".join(["USER         PID %CPU %MEM      VSZ     RSS TTY   STAT START TIME COMMAND", *rows])


KINDS = ((2, diff), (2, listing), (1, grep), (1, traceback), (1, compiler))
