#!/usr/bin/env python3
"""Makes `examples/sample_day.jsonl`: an agent's working day as OpenAI chat messages, one a line.

Every command and tool whose output is shown really ran, in a sandbox project that the chapters of
`sample_day/` build up; only the requests and explanations are written by hand. Timings and process
ids aside, two runs give the same file. Needs git, g++, make, sqlite3, curl, jq and pytest:

    .venv/bin/python tools/make_sample_history.py
"""

from __future__ import annotations

import argparse
import datetime
import importlib
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

HOME = "/home/dev"
PROJECT = HOME + "/project"
TOOLS = pathlib.Path(__file__).resolve().parent
REPOSITORY = TOOLS.parent

SYSTEM = """\
You are a careful engineering assistant working in the repository at /home/dev/project.

Tools:
- bash(command): runs a command in the repository root; stdout and stderr come back together, with the exit code when it is not 0.
- read_file(path): returns the file with line numbers.
- write_file(path, content): creates or replaces a file.
- edit_file(path, old, new): replaces one exact occurrence.
- python(code): runs a snippet and returns what it prints.

Rules:
1. Look before you change something; run the tests before and after.
2. Small commits with messages that say why.
3. Say what you are unsure about. Never claim that something was run when it was not.
4. Times in the data are UTC unless a column says otherwise."""


class Day:
    """Writes the messages and runs the tools. Paths of the sandbox are shown as /home/dev/project."""

    def __init__(self, sandbox: pathlib.Path) -> None:
        self.sandbox = sandbox
        self.root = sandbox / "home/dev/project"
        self.root.mkdir(parents=True)
        self.messages: list[dict] = []
        self._random = random.Random(7)
        self._clock = datetime.datetime(2025, 5, 14, 8, 37, 12, tzinfo=datetime.UTC)
        self._last_minute = self._clock.replace(hour=23, minute=59)
        shims = sandbox / "bin"
        shims.mkdir()
        for name, target in (("python3", ""), ("python", ""), ("pytest", " -m pytest -p no:cacheprovider")):
            (shims / name).write_text(f'#!/bin/sh\nexec "{sys.executable}"{target} "$@"\n')
            (shims / name).chmod(0o755)
        self._environment = {
            "PATH": f"{shims}:/usr/bin:/bin", "HOME": str(sandbox / "home/dev"), "LANG": "C.UTF-8",
            "TZ": "UTC", "COLUMNS": "100", "TERM": "dumb", "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONHASHSEED": "0", "GIT_PAGER": "cat", "GIT_CONFIG_NOSYSTEM": "1",
        }

    # --- what people and the assistant say

    def wait(self, minutes: float) -> None:
        self._clock += datetime.timedelta(minutes=minutes)

    def at(self, hour: int, minute: int) -> None:
        """Goes on at this time of the day."""
        self._clock = max(self._clock, self._clock.replace(hour=hour, minute=minute, second=11))

    def user(self, text: str) -> None:
        self.wait(self._random.uniform(1.5, 6))
        self._add({"role": "user", "content": text.strip()})

    def say(self, text: str) -> None:
        self.wait(0.1 + len(text) / 4000)
        self._add({"role": "assistant", "content": text.strip()})

    def _add(self, message: dict) -> None:
        self._clock += datetime.timedelta(seconds=self._random.uniform(0.4, 9))
        message["timestamp"] = self._clock.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self.messages.append(message)

    # --- tools: each adds the assistant's call and the tool's answer

    def bash(self, command: str, say: str = "") -> str:
        return self._call("bash", {"command": command}, self.run(command), say)

    def python(self, code: str, say: str = "") -> str:
        code = code.strip("\n")
        return self._call("python", {"code": code}, self._run([sys.executable, "-c", code]), say)

    def read_file(self, path: str, say: str = "") -> str:
        lines = (self.root / path).read_text().splitlines()
        text = "\n".join(f"{number:4d}\t{line}" for number, line in enumerate(lines, 1))
        return self._call("read_file", {"path": path}, text, say)

    def write_file(self, path: str, content: str, say: str = "") -> None:
        content = content.lstrip("\n")
        self.put(path, content)
        self._call("write_file", {"path": path, "content": content},
                   f"Wrote {len(content.encode())} bytes to {path}", say)

    def edit_file(self, path: str, old: str, new: str, say: str = "") -> None:
        text = (self.root / path).read_text()
        assert text.count(old) == 1, f"{path}: {old!r} occurs {text.count(old)} times"
        self.put(path, text.replace(old, new))
        self._call("edit_file", {"path": path, "old": old, "new": new}, f"Replaced 1 occurrence in {path}", say)

    def _call(self, name: str, arguments: dict, output: str, say: str) -> str:
        identity = "call_" + "".join(self._random.choices("abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ0123456789", k=24))
        function = {"name": name, "arguments": json.dumps(arguments, ensure_ascii=False)}
        self._add({"role": "assistant", "content": say.strip() or None,
                   "tool_calls": [{"id": identity, "type": "function", "function": function}]})
        self._add({"role": "tool", "tool_call_id": identity, "name": name, "content": output})
        return output

    # --- behind the scenes

    def put(self, path: str, content: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(content.lstrip("\n"))
        self._date_files()

    def run(self, command: str) -> str:
        return self._run(["bash", "-c", command])

    def commit_before(self, days_ago: int, message: str) -> None:
        """A commit of the sandbox project's past, not shown as a tool call."""
        self.wait(-days_ago * 1440)
        self.run("git add -A && git commit -q -m " + json.dumps(message))
        self.wait(days_ago * 1440)

    def _run(self, command: list[str]) -> str:
        date = self._clock.isoformat(timespec="seconds")
        environment = dict(self._environment, GIT_AUTHOR_DATE=date, GIT_COMMITTER_DATE=date)
        done = subprocess.run(command, cwd=self.root, env=environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
        self._date_files()
        output = self._sanitise(done.stdout.decode("utf-8", "replace").rstrip("\n"))
        if done.returncode:
            output += f"\n[exit code {done.returncode}]"
        return output

    def _date_files(self) -> None:
        """Gives what was just written the day's time, so that `ls -l` shows the same every run."""
        now = self._clock.timestamp()
        for folder, folders, files in os.walk(self.root):
            for path in (os.path.join(folder, name) for name in folders + files):
                if os.stat(path, follow_symlinks=False).st_mtime > self._last_minute.timestamp():
                    os.utime(path, (now, now), follow_symlinks=False)
            if ".git" in folders:
                folders.remove(".git")

    def _sanitise(self, text: str) -> str:
        text = text.replace(str(self.sandbox / "home/dev"), HOME).replace(str(self.sandbox), "")
        text = text.replace(sys.prefix, "/home/dev/.venv").replace(os.uname().nodename, "workbench")
        text = text.replace(str(REPOSITORY), "/home/dev/fovea").replace(str(pathlib.Path.home()), HOME)
        return re.sub(r"\broot +root\b", "dev dev", text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", "--output", type=pathlib.Path, default=REPOSITORY / "examples/sample_day.jsonl")
    options = parser.parse_args()
    sys.path.insert(0, str(TOOLS))
    with tempfile.TemporaryDirectory(prefix="tidewatch-") as folder:
        day = Day(pathlib.Path(folder))
        day._add({"role": "system", "content": SYSTEM})
        for chapter in sorted((TOOLS / "sample_day").glob("chapter_*.py")):
            importlib.import_module(f"sample_day.{chapter.stem}").play(day)
    text = "".join(json.dumps(message, ensure_ascii=False) + "\n" for message in day.messages)
    options.output.write_text(text)
    print(f"{options.output}: {len(day.messages)} messages, {len(text.encode()):,} bytes")


if __name__ == "__main__":
    main()
