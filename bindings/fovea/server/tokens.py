"""Bearer tokens: made and shown once, kept as hashes in a file that only its owner can read."""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import hashlib
import hmac
import json
import os
import pathlib
import secrets
import tempfile
import time
from collections.abc import Iterator
from typing import Any

import fovea
from fovea._web import read_private
from fovea.server.grants import RIGHTS, Grant
from fovea.server.scopes import parts_of

_NOBODY = hashlib.sha256(b"").hexdigest()


@dataclasses.dataclass(frozen=True)
class Kept:
    """A token as the file has it. Tokens are 256 random bits: a plain SHA-256 cannot be turned back."""

    id: str
    sha256: str
    rights: list[str]
    scopes: list[str]
    made: int
    note: str = ""

    def grant(self) -> Grant:
        return Grant(self.id, frozenset(self.rights), tuple(parts_of(scope) for scope in self.scopes))


class TokenFile:
    """Read again whenever it has changed, so a revoked token is refused by the next request."""

    def __init__(self, path: pathlib.Path) -> None:
        self.path = path
        self._seen: tuple[int, ...] | None = None
        self._grants: dict[str, tuple[str, Grant]] = {}

    def exists(self) -> bool:
        return self.path.exists()

    def find(self, token: str) -> Grant | None:
        """The grant of a token that a client shows; None: there is no such token. Raises fovea.Error."""
        self._refresh()
        sha256, grant = self._grants.get(_id_of(token), (_NOBODY, None))
        given = hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
        return grant if hmac.compare_digest(given, sha256) else None

    def kept(self) -> list[Kept]:
        """As they were made. Raises fovea.Error for a file that others can read, or that is damaged."""
        if not self.exists():
            return []
        try:
            kept = [Kept(**one) for one in json.loads(read_private(self.path))["tokens"]]
            for one in kept:
                one.grant()
        except (ValueError, KeyError, TypeError) as error:
            if isinstance(error, fovea.Error):
                raise
            raise fovea.Corruption(f"token file {self.path} is damaged; restore it, or delete it and make new tokens") \
                from error
        return kept

    def create(self, scopes: list[str], rights: list[str], note: str = "") -> str:
        """The token, which is nowhere else. Raises fovea.Error for a scope or right that does not exist."""
        if unknown := [right for right in rights if right not in RIGHTS]:
            raise fovea.InvalidArgument(f"rights: {', '.join(unknown)}: expected some of {', '.join(RIGHTS)}")
        if not rights:
            raise fovea.InvalidArgument(f"rights: expected some of {', '.join(RIGHTS)}")
        if not scopes and set(rights) != {"metrics"}:
            raise fovea.InvalidArgument("scope: expected one at least, such as --scope ann/coder")
        for scope in scopes:
            parts_of(scope)
        public = secrets.token_hex(4)
        token = f"fovea_{public}_{secrets.token_urlsafe(32)}"
        with self._changing() as kept:
            kept.append(Kept(public, hashlib.sha256(token.encode()).hexdigest(), rights, list(scopes), int(time.time()), note))
        return token

    def revoke(self, public: str) -> None:
        """Raises fovea.NotFound if no token has this id."""
        with self._changing() as kept:
            left = [one for one in kept if one.id != public]
            if len(left) == len(kept):
                raise fovea.NotFound(f"no token {public} in {self.path}; `fovea-server token list` shows them")
            kept[:] = left

    def _refresh(self) -> None:
        try:
            found = self.path.stat()
        except FileNotFoundError:
            self._seen, self._grants = None, {}
            return
        seen = (found.st_ino, found.st_mtime_ns, found.st_size, found.st_mode)
        if seen != self._seen:
            self._grants = {one.id: (one.sha256, one.grant()) for one in self.kept()}
            self._seen = seen

    @contextlib.contextmanager
    def _changing(self) -> Iterator[list[Kept]]:
        """One at a time; the new file takes the old one's place whole, or not at all."""
        try:
            folder = os.open(self.path.parent, os.O_RDONLY)
        except OSError as error:
            raise fovea.NotFound(f"folder {self.path.parent}: {error.strerror}") from error
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            kept = self.kept()
            yield kept
            self._replace({"tokens": [dataclasses.asdict(one) for one in kept]})
            os.fsync(folder)
        except OSError as error:
            if isinstance(error, fovea.Error):
                raise
            raise fovea.IOFailure(f"token file {self.path} cannot be written: {error.strerror}") from error
        finally:
            os.close(folder)

    def _replace(self, document: dict[str, Any]) -> None:
        made, name = tempfile.mkstemp(dir=self.path.parent, prefix=self.path.name)  # mode 0600
        try:
            with open(made, "w", encoding="utf-8") as file:
                json.dump(document, file, indent=1)
                file.flush()
                os.fsync(made)
            os.replace(name, self.path)
        except BaseException:
            pathlib.Path(name).unlink(missing_ok=True)
            raise


def _id_of(token: str) -> str:
    """Its public part, which the list shows and the logs name."""
    parts = token.split("_", 2)
    return parts[1] if len(parts) == 3 and parts[0] == "fovea" else ""
