"""What a fleet has done, in an SQLite file that one driver at a time has open; also its list of what is to be done."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import pathlib
import sqlite3
from collections.abc import Iterable, Iterator
from itertools import groupby

import fovea
from fovea.fleet.results import FileDone
from fovea.fleet.sources import Found

_VERSION = 2  # 1 had no table `finished`
_TABLES = """
CREATE TABLE IF NOT EXISTS about (version INTEGER NOT NULL, store TEXT NOT NULL);
-- A file as it was when all of it was in the store: listed so again, it need not be read.
CREATE TABLE IF NOT EXISTS files (
  scope TEXT, name TEXT, options TEXT, size INTEGER, modified INTEGER, content TEXT,
  PRIMARY KEY (scope, name, options)) WITHOUT ROWID;
-- A content, and the name under which its messages are known. Written before they are added, so that a copy
-- of the file, or the same one with another name, brings nothing that is there already.
CREATE TABLE IF NOT EXISTS contents (
  scope TEXT, content TEXT, options TEXT, name TEXT NOT NULL, done INTEGER NOT NULL,
  PRIMARY KEY (scope, content, options)) WITHOUT ROWID;
-- Scopes whose end is on a page, and to which nothing came since.
CREATE TABLE IF NOT EXISTS finished (scope TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TEMP TABLE found (
  scope TEXT, name TEXT, source TEXT, path TEXT, size INTEGER, modified INTEGER, PRIMARY KEY (scope, name)) WITHOUT ROWID;
CREATE TEMP TABLE present (scope TEXT PRIMARY KEY) WITHOUT ROWID;
"""
# Of `found` what is to be done: files that are not in the journal as they are now, or that are gone from the store
# since. And, as rows without a file, scopes that are to be finished.
_PENDING = """
WITH pending AS (
  SELECT found.* FROM found LEFT JOIN files ON files.scope = found.scope AND files.name = found.name
    AND files.options = :options AND files.size = found.size AND files.modified = found.modified AND found.modified > 0
    AND found.scope IN (SELECT scope FROM present)
  WHERE files.name IS NULL
  UNION ALL
  SELECT DISTINCT scope, NULL, NULL, NULL, NULL, NULL FROM found
  WHERE :finish AND scope NOT IN (SELECT scope FROM finished))
"""


@dataclasses.dataclass(frozen=True)
class File:
    """A file that is to be added; what a worker is told of it."""

    source: str
    path: str
    name: str
    size: int
    modified: int


@dataclasses.dataclass(frozen=True)
class ScopeJob:
    scope: str
    files: list[File]                   # none: it is to be finished
    known: dict[str, tuple[str, bool]]  # of contents: their name, and whether all of it is in the store

    def to_json(self) -> str:
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def from_json(cls, text: str) -> ScopeJob:
        data = json.loads(text)
        return cls(data["scope"], [File(**file) for file in data["files"]],
                   {content: (name, done) for content, (name, done) in data["known"].items()})


@dataclasses.dataclass(frozen=True)
class Amount:
    scopes: int
    files: int
    bytes: int


class Journal:
    """Every call raises fovea.IOFailure if the file cannot be written, as on a full disk."""

    def __init__(self, path: pathlib.Path, store: str, options: str, finish: bool = False) -> None:
        """store: its id. options: what decides which messages a file gives. finish: whether scopes shall be finished.

        Raises fovea.Error.
        """
        self._path, self._options = path, options
        self._asked = {"options": options, "finish": finish}
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._base = sqlite3.connect(path, isolation_level=None, timeout=2)
            self._base.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._base.execute("PRAGMA synchronous = NORMAL")
            self._base.execute("PRAGMA journal_mode = WAL")
            self._base.executescript(_TABLES)
            self._base.execute("BEGIN EXCLUSIVE")
            self._check(path, store)
            self._base.execute("COMMIT")
        except (sqlite3.Error, OSError) as error:
            raise self._refused(error) from error

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """A transaction."""
        try:
            self._base.execute("BEGIN")
            yield
            self._base.execute("COMMIT")
        except sqlite3.Error as error:
            raise self._refused(error) from error
        finally:
            if self._base.in_transaction:
                self._base.execute("ROLLBACK")

    def _check(self, path: pathlib.Path, store: str) -> None:
        row = self._base.execute("SELECT version, store FROM about").fetchone()
        if row is None:
            self._base.execute("INSERT INTO about VALUES (?, ?)", (_VERSION, store))
        elif row[0] > _VERSION:
            raise fovea.Unsupported(f"journal {path} is of a newer version of fovea")
        elif row[1] != store:
            raise fovea.InvalidArgument(f"journal {path} belongs to another store, {row[1]}; name another file with --journal")
        self._base.execute("UPDATE about SET version = ?", (_VERSION,))

    def _refused(self, error: Exception) -> fovea.Error:
        path = self._path
        if "locked" in str(error):
            return fovea.IOFailure(f"journal {path} is in use: another fleet works on this store; wait until it has ended")
        if "not a database" in str(error) or "malformed" in str(error):
            return fovea.Corruption(f"journal {path} is damaged ({error}); without it, what the store has is still skipped, "
                                    "if more slowly: remove the file")
        return fovea.IOFailure(f"journal {path} cannot be used: {error}")

    def close(self) -> None:
        self._base.close()

    def list(self, files: Iterable[tuple[str, Found]]) -> None:
        """Takes the scopes and files that a run is about; a file that comes twice counts once."""
        with self._writing():
            self._base.executemany("INSERT OR IGNORE INTO found VALUES (?, ?, ?, ?, ?, ?)", (
                (scope, file.name, file.source, file.path, file.size, file.modified) for scope, file in files))

    def list_present(self, scopes: Iterable[str]) -> None:
        """The scopes that the store has: what is noted as done for others has been removed since.

        Scopes to which more comes are finished no longer, however the run ends.
        """
        with self._writing():
            self._base.executemany("INSERT OR IGNORE INTO present VALUES (?)", ((scope,) for scope in scopes))
            for table in ("contents", "finished"):
                self._base.execute(f"DELETE FROM {table} WHERE scope NOT IN (SELECT scope FROM present)")
            self._base.execute(_PENDING + "DELETE FROM finished WHERE scope IN (SELECT scope FROM pending WHERE name NOT NULL)",
                               self._asked)

    def listed(self) -> Amount:
        return self._amount("SELECT count(DISTINCT scope), count(*), total(size) FROM found")

    def pending(self) -> Amount:
        return self._amount(_PENDING + "SELECT count(DISTINCT scope), count(name), total(size) FROM pending")

    def jobs(self) -> Iterator[ScopeJob]:
        """What is pending, scope by scope, each scope's files from the oldest to the newest."""
        rows = self._base.execute(_PENDING + "SELECT scope, source, path, name, size, modified FROM pending "
                                             "ORDER BY scope, modified, name", self._asked)
        for scope, files in groupby(rows, key=lambda row: str(row[0])):
            yield ScopeJob(scope, [File(*row[1:]) for row in files if row[3] is not None], self._known(scope))

    def note_begun(self, scope: str, content: str, name: str) -> None:
        with self._writing():
            self._base.execute("INSERT OR IGNORE INTO contents VALUES (?, ?, ?, ?, 0)", (scope, content, self._options, name))

    def note_done(self, done: FileDone) -> None:
        file, options = done.file, self._options
        with self._writing():
            self._base.execute("INSERT OR REPLACE INTO contents VALUES (?, ?, ?, ?, 1)",
                               (done.scope, done.content, options, done.name))
            self._base.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?)",
                               (done.scope, file["name"], options, file["size"], file["modified"], done.content))

    def note_finished(self, scope: str) -> None:
        with self._writing():
            self._base.execute("INSERT OR IGNORE INTO finished VALUES (?)", (scope,))

    def _known(self, scope: str) -> dict[str, tuple[str, bool]]:
        rows = self._base.execute("SELECT content, name, done FROM contents WHERE scope = ? AND options = ?",
                                  (scope, self._options))
        return {content: (name, bool(done)) for content, name, done in rows}

    def _amount(self, query: str) -> Amount:
        scopes, files, size = self._base.execute(query, self._asked).fetchone()
        return Amount(scopes, files, int(size))
