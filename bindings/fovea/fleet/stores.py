"""Where the memories of many scopes are kept: a PostgreSQL server, or a folder with one file a scope."""

from __future__ import annotations

import hashlib
import json
import os
import pathlib
import re
import socket
import urllib.parse
import uuid
from collections.abc import Iterator
from typing import Protocol

import fovea
from fovea.fleet.scope_pattern import scope_name, scope_parts

_MARK = ".fleet.json"
_LONGEST_NAME = 255 - len(".db-journal")  # in bytes, of a file


class Store(Protocol):
    """A store as drivers and workers know it; it can be pickled."""

    name: str  # as messages may show it
    id: str    # tells it from others

    def path_of(self, scope: str) -> str:
        """What fovea.Memory opens. Raises fovea.Error."""

    def check(self) -> None:
        """Raises fovea.Error if this machine does not reach it."""

    def scopes(self) -> Iterator[str]:
        """All that it has, in no order."""

    def journal(self) -> pathlib.Path:
        """Where the driver notes what is done, unless it is told another place."""


class ServerStore:
    def __init__(self, url: str, model: str | None) -> None:
        self._url, self._model = url, model
        parts = urllib.parse.urlsplit(url)
        user = parts.netloc.rpartition("@")[0].partition(":")[0]
        host = parts.netloc.rpartition("@")[2]
        query = re.sub(r"(^|&)password=[^&]*", "", parts.query).lstrip("&")
        self.name = urllib.parse.urlunsplit((parts.scheme, f"{user}@{host}" if user else host, parts.path, query, ""))
        self.id = self.name

    def path_of(self, scope: str) -> str:
        return self._url

    def check(self) -> None:
        with fovea.Memory(self._url, self._model, measured_pages=0) as memory:
            memory.scopes()

    def scopes(self) -> Iterator[str]:
        with fovea.Memory(self._url, self._model, measured_pages=0) as memory:
            for held in memory.scopes(everyone=True):
                yield scope_name([held.scope.user, held.scope.agent, held.scope.session, held.scope.run])

    def journal(self) -> pathlib.Path:
        state = pathlib.Path(os.environ.get("XDG_STATE_HOME") or pathlib.Path.home() / ".local" / "state")
        return state / "fovea" / f"fleet-{hashlib.sha256(self.id.encode()).hexdigest()[:16]}.db"


class FolderStore:
    """FOLDER/user/agent/session.db, with the run after a "+"; other signs than letters, digits, "-", "_", "." are %XX."""

    def __init__(self, folder: str, create: bool) -> None:
        self._folder = pathlib.Path(os.path.realpath(folder))
        self.name = str(self._folder)
        if self._folder.exists() and not self._folder.is_dir():
            raise fovea.InvalidArgument(f"--store {folder}: a file is a store of memctl's; give a folder, where each scope "
                                        "gets a file of its own, or postgresql://…")
        if not self._folder.exists() and not create:
            raise fovea.NotFound(f"--store {folder}: no such folder")
        self.id = self._marked(create)

    def path_of(self, scope: str) -> str:
        user, agent, session, run = scope_parts(scope)
        name = _quoted(session) + ("" if run == "default" else "+" + _quoted(run))
        parts = [_quoted(user), _quoted(agent), name]
        if max(map(len, parts)) > _LONGEST_NAME:
            raise fovea.InvalidArgument(f"scope {scope}: its names are too long for a file of its own; PostgreSQL takes them")
        folder = self._folder / parts[0] / parts[1]
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return str(folder / (name + ".db"))

    def check(self) -> None:
        try:
            seen = json.loads((self._folder / _MARK).read_text())["id"]
        except (OSError, ValueError, KeyError):
            seen = None
        if seen != self.id:
            raise fovea.NotFound(f"the machine {socket.gethostname()} does not see the folder {self.name} of the driver's; "
                                 "all machines must share it, or use postgresql://…")

    def scopes(self) -> Iterator[str]:
        for path in self._folder.glob("[!.]*/*/*.db"):
            session, _, run = path.name.removesuffix(".db").partition("+")
            yield scope_name([urllib.parse.unquote(part, errors="surrogateescape") for part in
                              (path.parent.parent.name, path.parent.name, session, run or "default")])

    def journal(self) -> pathlib.Path:
        return self._folder / ".fleet.db"

    def _marked(self, create: bool) -> str:
        """The id in the folder's mark; makes both in an empty folder."""
        mark = self._folder / _MARK
        try:
            return str(json.loads(mark.read_text())["id"])
        except FileNotFoundError:
            pass
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise fovea.Corruption(f"{mark} cannot be read: {error}") from error
        if self._folder.exists() and any(self._folder.iterdir()):
            raise fovea.InvalidArgument(f"--store {self._folder}: the folder has other files and is no store of the fleet's "
                                        f"(that has {_MARK}); give an empty or a new one")
        if not create:
            raise fovea.NotFound(f"--store {self._folder}: the folder is empty")
        made = str(uuid.uuid4())
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            mark.write_text(json.dumps({"id": made}) + "\n")
        except OSError as error:
            raise fovea.IOFailure(f"--store {self._folder}: cannot be made: {error.strerror}") from error
        return made


def store_of(text: str, model: str | None, create: bool) -> Store:
    """Raises fovea.Error for what is neither a folder nor a server."""
    if text.startswith(("postgresql://", "postgres://")):
        return ServerStore(text, model)
    if "://" in text:
        raise fovea.InvalidArgument(f"--store {text.partition('://')[0]}://…: expected a folder or postgresql://…; SQLite files "
                                    "need a folder that is mounted")
    return FolderStore(text, create)


def _quoted(part: str) -> str:
    name = urllib.parse.quote(part.encode("utf-8", "surrogateescape"), safe="")
    name = name.replace("~", "%7E")
    return "%2E" + name[1:] if name.startswith(".") else name
