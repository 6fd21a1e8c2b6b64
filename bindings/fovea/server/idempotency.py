"""Requests that are sent twice are done once: what a key was used for, and the answer it got.

Their file has no text of memories: of a request it keeps a hash that only the caller's token opens, of
an answer numbers. It outlives the process, so a client may repeat a request whose answer it never got.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import pathlib
import sqlite3
import threading
import time
from collections.abc import Iterator

import fovea
from fovea.server.problems import Problem

HEADER = "Idempotency-Key"
KEPT_SECONDS = 86_400
MOST_CHARACTERS = 255


class Requests:
    """Any thread may use it."""

    def __init__(self, path: pathlib.Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._running: set[tuple[str, str]] = set()
        try:
            os.close(os.open(path, os.O_CREAT | os.O_RDONLY, 0o600))  # its log beside it takes after it
            self._file = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
            self._file.execute("PRAGMA journal_mode = WAL")
            self._file.execute("CREATE TABLE IF NOT EXISTS requests(owner TEXT, key TEXT, digest BLOB, begun REAL, "
                               "answer BLOB, PRIMARY KEY (owner, key)) WITHOUT ROWID")
            self._file.execute("CREATE INDEX IF NOT EXISTS requests_by_time ON requests(begun)")
        except (sqlite3.Error, OSError) as error:
            raise fovea.IOFailure(f"{path} cannot be used: {error}; it may be deleted, then repeated requests are new") \
                from error

    def begin(self, owner: str, key: str, digest: bytes) -> bytes | None:
        """The answer that the key got before; None: do what is asked, then call `finish` or `forget`.

        Raises Problem for a key that was used for something else, and while the same request is under way.
        """
        with self._guarded() as file:
            if (owner, key) in self._running:
                raise Problem(409, "conflict", f"{HEADER}: the first request with this key is still under way; repeat "
                                               "it later", {"Retry-After": "1"})
            now = time.time()
            file.execute("DELETE FROM requests WHERE begun < ?", (now - KEPT_SECONDS,))
            row = file.execute("SELECT digest, answer FROM requests WHERE owner = ? AND key = ?", (owner, key)).fetchone()
            if row and not hmac.compare_digest(row[0], digest):
                raise Problem(422, "conflict", f"{HEADER}: this key was used for another request; take a new key for a "
                                               "new request")
            if row and row[1] is not None:
                return bytes(row[1])
            file.execute("INSERT OR REPLACE INTO requests VALUES (?, ?, ?, ?, NULL)", (owner, key, digest, now))
            self._running.add((owner, key))
            return None

    def finish(self, owner: str, key: str, answer: bytes) -> None:
        with self._guarded() as file:
            self._running.discard((owner, key))
            file.execute("UPDATE requests SET answer = ? WHERE owner = ? AND key = ?", (answer, owner, key))

    def forget(self, owner: str, key: str) -> None:
        """The request failed: it may be tried again."""
        with self._guarded() as file:
            self._running.discard((owner, key))
            file.execute("DELETE FROM requests WHERE owner = ? AND key = ?", (owner, key))

    def close(self) -> None:
        self._file.close()

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                yield self._file
            except sqlite3.Error as error:
                raise fovea.IOFailure(f"{self._path} cannot be written: {error}") from error


def digest_of(secret: str, *parts: bytes) -> bytes:
    """Of a request. secret: the caller's token, so that nobody who has the file can try out texts."""
    made = hmac.new(secret.encode("utf-8", "surrogatepass"), digestmod=hashlib.sha256)
    for part in parts:
        made.update(len(part).to_bytes(8, "big") + part)
    return made.digest()


def key_of(header: str | None) -> str | None:
    """Raises Problem for a header that is no key."""
    if header is None:
        return None
    key = header.strip().strip('"')
    if not 1 <= len(key) <= MOST_CHARACTERS or not (key.isascii() and key.isprintable()):
        raise Problem(422, "invalid_argument", f"{HEADER}: expected 1 to {MOST_CHARACTERS} printable ASCII characters, "
                                               "such as a UUID")
    return key
