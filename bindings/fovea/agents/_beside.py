"""What adapters share: SQLite files beside a store, and the memories of its scopes that are open."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Any

import fovea


def side_file(store: str | os.PathLike[str], suffix: str, options: Mapping[str, Any]) -> sqlite3.Connection:
    """Opens PATH`suffix`, which none but its owner can read. What is deleted from it is overwritten.

    ":memory:" is a file in memory, as SQLite has it. Raises ValueError where `options` have a key: the file would
    say in the clear what the store seals.
    """
    path = f"{os.fspath(store)}{suffix}"
    if options.get("key") is not None:
        raise fovea.InvalidArgument(f"key: this adapter keeps its exact data in {path}, which would not be "
                                    "encrypted; leave the key out and put both files on an encrypted disk")
    if os.fspath(store) == ":memory:":
        path = ":memory:"
    else:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # SQLite gives its journals the same rights
    connection = sqlite3.connect(path, timeout=60, check_same_thread=False, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA secure_delete = ON")
    return connection


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Writes of other processes wait for its end; an exception undoes it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # some errors have ended it already
            connection.execute("ROLLBACK")
        raise


def leave_no_copy(connection: sqlite3.Connection) -> None:
    """Empties the log of a side file, which still has what was deleted. Waits for no other process."""
    with contextlib.suppress(sqlite3.OperationalError):
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


class Memories:
    """Memories of one store, a scope each. Those used last stay open, so that a thousand scopes take few files."""

    OPEN = 16

    def __init__(self, path: str | os.PathLike[str], options: Mapping[str, Any]) -> None:
        self._path = path
        self._options: dict[str, Any] = {"measured_pages": 0, **options}
        self._open: OrderedDict[tuple[str, str, str, str], fovea.Memory] = OrderedDict()
        self._turn = threading.RLock()

    def opened(self, scope: fovea.Scope) -> fovea.Memory:
        """A memory that the caller closes."""
        return fovea.Memory(self._path, scope=scope, **self._options)

    @contextlib.contextmanager
    def use(self, scope: fovea.Scope) -> Iterator[fovea.Memory]:
        """The scope's memory, for one caller at a time."""
        name = (scope.user, scope.agent, scope.session, scope.run)
        with self._turn:
            memory = self._open.pop(name, None) or self.opened(scope)
            self._open[name] = memory
            if len(self._open) > self.OPEN:
                self._open.popitem(last=False)[1].close()
            yield memory

    def close(self) -> None:
        with self._turn:
            while self._open:
                self._open.popitem()[1].close()
