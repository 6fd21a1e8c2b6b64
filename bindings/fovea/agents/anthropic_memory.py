"""A backend of Anthropic's memory tool: the model's files lie in a Fovea store and fade like other memories.

    runner = client.beta.messages.tool_runner(tools=[FoveaMemoryTool("agent.db")], ...)

Each file is a scope of its own, so that deleting one is real: text, vision tokens and index entries.
Which files there are stands in PATH.files, an SQLite file.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable
from typing import Any

try:
    from anthropic.lib.tools import BetaAbstractMemoryTool, ToolError
    from anthropic.types.beta import (
        BetaMemoryTool20250818CreateCommand,
        BetaMemoryTool20250818DeleteCommand,
        BetaMemoryTool20250818InsertCommand,
        BetaMemoryTool20250818RenameCommand,
        BetaMemoryTool20250818StrReplaceCommand,
        BetaMemoryTool20250818ViewCommand,
    )
except ImportError as error:
    raise ModuleNotFoundError(f"fovea.agents.anthropic_memory needs {error.name}: pip install 'fovea[anthropic]'",
                              name=error.name) from error

import fovea
from fovea.agents._beside import leave_no_copy, side_file, transaction

ROOT = "/memories"
_TABLE = """CREATE TABLE IF NOT EXISTS files (
  version INTEGER PRIMARY KEY AUTOINCREMENT, owner TEXT NOT NULL, path TEXT NOT NULL, UNIQUE (owner, path))"""


class FoveaMemoryTool(BetaAbstractMemoryTool):
    """Files under /memories. One thread at a time.

    `owner` parts the memories of users of one store. options: of fovea.Memory; with archive="drop" long
    files are read back from their vision tokens.
    """

    def __init__(self, path: str | os.PathLike[str], *, owner: str = "default", **options: Any) -> None:
        super().__init__()
        self._path, self._owner = path, owner
        self._options: dict[str, Any] = {"measured_pages": 0, **options}
        self._index = side_file(path, ".files", options)
        self._index.execute(_TABLE)

    def memory(self, file: str) -> fovea.Memory:
        """The memory that a file is, to search it or let it fade. Raises ToolError where there is none."""
        return self._version(self._files()[self._existing(file)])

    def view(self, command: BetaMemoryTool20250818ViewCommand) -> str:
        path = _checked(command.path)
        files = self._files()
        if path not in files:
            return self._listing(path, files)
        lines = self._read(path).split("\n")
        first, last = command.view_range or (1, -1)
        last = len(lines) if last == -1 else min(last, len(lines))
        if first < 1 or first > last:
            raise ToolError(f"view_range [{first}, {last}] lies outside the {len(lines)} lines of {path}")
        return (f"Here's the content of {path} with line numbers:\n"
                + "\n".join(f"{number:6}\t{lines[number - 1]}" for number in range(first, last + 1)))

    def create(self, command: BetaMemoryTool20250818CreateCommand) -> str:
        path = _checked(command.path)
        files = self._files()
        if path in files:
            raise ToolError(f"File {path} already exists")
        if path == ROOT or any(file.startswith(path + "/") or path.startswith(file + "/") for file in files):
            raise ToolError(f"{path} cannot be a file: it is a directory, or lies below a file")
        self._write(path, command.file_text)
        return f"File created successfully at: {path}"

    def str_replace(self, command: BetaMemoryTool20250818StrReplaceCommand) -> str:
        path = self._existing(command.path)
        text = self._read(path)
        count = text.count(command.old_str)
        if count != 1:
            raise ToolError(f"No replacement was performed: old_str is found {count} times in {path}; "
                            "it must be there exactly once")
        self._write(path, text.replace(command.old_str, command.new_str))
        return f"The memory file {path} has been edited."

    def insert(self, command: BetaMemoryTool20250818InsertCommand) -> str:
        path = self._existing(command.path)
        lines = self._read(path).split("\n")
        if not 0 <= command.insert_line <= len(lines):
            raise ToolError(f"insert_line {command.insert_line}: {path} has lines 0 to {len(lines)}")
        lines.insert(command.insert_line, command.insert_text.removesuffix("\n"))
        self._write(path, "\n".join(lines))
        return f"The file {path} has been edited."

    def delete(self, command: BetaMemoryTool20250818DeleteCommand) -> str:
        path = _checked(command.path)
        files = self._files()
        gone = [file for file in files if file == path or file.startswith(path + "/")]
        if path == ROOT:
            raise ToolError(f"Cannot delete the {ROOT} directory itself")
        if not gone:
            raise ToolError(f"The path {path} does not exist")
        for file in gone:
            self._remove(file)
        return f"Successfully deleted {path}"

    def rename(self, command: BetaMemoryTool20250818RenameCommand) -> str:
        old, new = _checked(command.old_path), _checked(command.new_path)
        files = self._files()
        moved = {file: new + file[len(old):] for file in files if file == old or file.startswith(old + "/")}
        if old == ROOT or not moved:
            raise ToolError(f"The path {old} does not exist or cannot be moved")
        if any(file == new or file.startswith(new + "/") for file in files):
            raise ToolError(f"The destination {new} already exists")
        if any(new.startswith(file + "/") for file in [old, *files]):
            raise ToolError(f"The destination {new} lies below a file or below {old} itself")
        with transaction(self._index) as index:
            index.executemany("UPDATE files SET path = ? WHERE owner = ? AND path = ?",
                              [(name, self._owner, file) for file, name in moved.items()])
        return f"Successfully renamed {old} to {new}"

    def clear_all_memory(self) -> str:
        for file in self._files():
            self._remove(file)
        return "All memory cleared"

    def _files(self) -> dict[str, int]:
        """By path the version that it is at."""
        return dict(self._index.execute("SELECT path, version FROM files WHERE owner = ? ORDER BY path", (self._owner,)))

    def _existing(self, given: str) -> str:
        path = _checked(given)
        if path not in self._files():
            raise ToolError(f"The path {path} does not exist or is not a file. Please provide a valid path.")
        return path

    def _version(self, version: int) -> fovea.Memory:
        scope = fovea.Scope(self._owner, "memory-tool", f"file {version}")
        return fovea.Memory(self._path, scope=scope, **self._options)

    def _read(self, file: str) -> str:
        with self.memory(file) as memory:
            return "".join(item.text for item in memory.recall_all())

    def _write(self, file: str, text: str) -> None:
        """A new version; the old one is erased once the new one counts."""
        with transaction(self._index) as index:
            old = self._files().get(file)  # here: no other process makes one meanwhile
            version = index.execute("INSERT OR REPLACE INTO files (owner, path) VALUES (?, ?)",
                                    (self._owner, file)).lastrowid or 0
            self._erase(version)  # what a write that was cut short left under this number
            with self._version(version) as memory:
                memory.add_many([fovea.Message("file", text)])
        if old is not None:
            self._erase(old)

    def _remove(self, file: str) -> None:
        gone = self._index.execute("DELETE FROM files WHERE owner = ? AND path = ? RETURNING version",
                                   (self._owner, file)).fetchall()
        leave_no_copy(self._index)
        for version, in gone:  # none where another process was first
            self._erase(version)

    def _erase(self, version: int) -> None:
        with self._version(version) as memory:
            if memory.stats().messages:
                memory.erase_scope()

    @staticmethod
    def _listing(path: str, files: Iterable[str]) -> str:
        below = sorted(file for file in files if path == ROOT or file.startswith(path + "/"))
        if not below and path != ROOT:
            raise ToolError(f"The path {path} does not exist. Please provide a valid path.")
        return f"Here're the files in {path}:\n" + "\n".join(below)


def _checked(path: str) -> str:
    """Raises ToolError for a path that leads out of /memories."""
    clean = posixpath.normpath(path)
    if clean != ROOT and not clean.startswith(ROOT + "/"):
        raise ToolError(f"Path must start with {ROOT}, got: {path}")
    return clean
